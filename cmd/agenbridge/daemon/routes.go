package daemon

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/spelling"
)

var routeName = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)

// routes reads the ROUTE_<NAME>_* variables. A misspelled one is a problem and not
// just a suggestion: otherwise its channels would go to the wrong workspace.
func (p *parsing) routes() map[string]Route {
	fields := fieldsOf(&Route{})
	named, unknown := map[string]bool{}, map[string]string{}
	for _, variable := range slices.Sorted(maps.Keys(p.given)) {
		rest, ok := afterRoute(variable, fields)
		if !ok || p.given[variable] == "" || serviceVariable.MatchString(variable) {
			continue
		}
		name, ok := routeNameIn(rest, fields)
		switch {
		case !ok, !strings.HasPrefix(variable, routePrefix):
			unknown[variable] = closestRouteVariable(rest, fields)
		case !routeName.MatchString(name):
			p.problem(variable, "a route named "+quote(name), "a name of capital letters, digits and underscores, such as ROUTE_WEB_CHANNELS")
		default:
			named[name] = true
		}
	}
	all := make(map[string]Route, len(named))
	owner := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		all[name] = p.route(name, owner)
	}
	for _, variable := range slices.Sorted(maps.Keys(unknown)) {
		if meant := unknown[variable]; !p.standsInFor(variable, meant) {
			p.problem(variable, "an unknown variable", meant)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// route reads the variables of one route. owner maps each channel to its route.
func (p *parsing) route(name string, owner map[string]string) (r Route) {
	p.read(&r, routePrefix+name+"_")
	for _, channel := range r.Channels {
		switch other := owner[channel]; {
		case strings.HasPrefix(channel, "D"):
			p.problem(routePrefix+name+"_CHANNELS", channel+", a direct message", "channels only, because direct messages go to AGEN_API_KEY's workspace")
		case other != "":
			p.problem(routePrefix+name+"_CHANNELS", channel+", which route "+other+" also has", "each channel in one route only")
		}
		owner[channel] = name
	}
	return r
}

// afterRoute returns what follows ROUTE_ in a variable of a route. ROUTE itself may
// be misspelled if the rest is right.
func afterRoute(variable string, fields []field) (rest string, ok bool) {
	first, rest, _ := strings.Cut(variable, "_")
	if first+"_" == routePrefix {
		return rest, true
	}
	_, distance := spelling.Closest(strings.ToUpper(first)+"_", []string{routePrefix})
	_, ok = routeNameIn(strings.ToUpper(rest), fields)
	return strings.ToUpper(rest), ok && distance <= 1
}

// closestRouteVariable returns the variable that was probably meant.
func closestRouteVariable(rest string, fields []field) string {
	var names []string
	for _, f := range fields {
		if names = append(names, f.name); f.secret != "" {
			names = append(names, f.name+fileSuffix)
		}
	}
	for i := 1; i < min(len(rest), maxVariable); i++ {
		if meant, distance := spelling.Closest(strings.ToUpper(rest[i:]), names); rest[i-1] == '_' && distance <= 2 {
			return routePrefix + rest[:i] + meant
		}
	}
	return "ROUTE_<NAME>_ and one of " + strings.Join(names, ", ")
}

// routeNameIn returns the route's name in the part of a variable after ROUTE_.
func routeNameIn(rest string, fields []field) (string, bool) {
	for _, f := range fields {
		if name, ok := strings.CutSuffix(rest, "_"+f.name); ok {
			return name, true
		}
		if name, ok := strings.CutSuffix(rest, "_"+f.name+fileSuffix); ok && f.secret != "" {
			return name, true
		}
	}
	return "", false
}

// routeOf returns a function that names the route of a thread by the ids of its
// channel. The current id comes first; former ids count because a variable may
// still contain one.
func (c Config) routeOf(channels func(bridge.ThreadKey) []string) func(bridge.ThreadKey) string {
	routes := map[string]string{}
	for name, r := range c.Routes {
		for _, channel := range r.Channels {
			routes[channel] = name
		}
	}
	return func(thread bridge.ThreadKey) string {
		for _, channel := range channels(thread) {
			if name := routes[channel]; name != "" {
				return name
			}
		}
		return ""
	}
}

// routeURLs returns the AGEN_SESSION_URL of each route.
func (c Config) routeURLs() map[string]string {
	urls := map[string]string{}
	for name, r := range c.Routes {
		urls[name] = string(r.AgenSessionURL)
	}
	return urls
}

// routeNames returns the names of the routes in alphabetical order.
func (c Config) routeNames() []string { return slices.Sorted(maps.Keys(c.Routes)) }
