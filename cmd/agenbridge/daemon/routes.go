package daemon

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

var routeName = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)

// routes reads the ROUTE_<NAME>_* variables. A misspelled one is a problem and not
// just a suggestion: otherwise its channels would go to the wrong workspace.
func (p *parsing) routes() map[string]Route {
	fields := fieldsOf(&Route{})
	named := map[string]bool{}
	for _, variable := range slices.Sorted(maps.Keys(p.given)) {
		rest, ok := strings.CutPrefix(variable, routePrefix)
		if !ok {
			continue
		}
		name, ok := routeNameIn(rest, fields)
		switch {
		case !ok:
			p.problem(variable, "an unknown variable of a route", "ROUTE_<NAME>_ and one of "+variableNames(fields))
		case !routeName.MatchString(name):
			p.problem(variable, "a route named "+quote(name), "a name of capital letters, digits and underscores, such as ROUTE_WEB_CHANNELS")
		default:
			named[name] = true
		}
	}
	if len(named) == 0 {
		return nil
	}
	all := make(map[string]Route, len(named))
	owner := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		var r Route
		p.read(&r, routePrefix+name+"_")
		for _, channel := range r.Channels {
			switch other := owner[channel]; {
			case strings.HasPrefix(channel, "D"):
				p.problem(routePrefix+name+"_CHANNELS", channel+", a direct message", "channels only: direct messages go to AGEN_API_KEY's workspace")
			case other != "":
				p.problem(routePrefix+name+"_CHANNELS", channel+", which route "+other+" also has", "each channel in one route only")
			}
			owner[channel] = name
		}
		all[name] = r
	}
	return all
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

func variableNames(fields []field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return strings.Join(names, ", ")
}

// routeOf returns a function that names the route of a thread by the ids of its channel, the present one
// first: a variable may still name a former one.
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
