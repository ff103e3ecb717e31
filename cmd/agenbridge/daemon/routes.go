package daemon

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

const routePrefix = "ROUTE_"

var routeName = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)

// routes reads the ROUTE_<NAME>_* variables. One that is misspelt is a
// problem and not a hint: its channels would go to another workspace.
func (p *parsing) routes() map[string]Route {
	fields := fieldsOf(&Route{})
	named := map[string]bool{}
	for _, variable := range slices.Sorted(maps.Keys(p.given)) {
		rest, ok := strings.CutPrefix(variable, routePrefix)
		if !ok {
			continue
		}
		name, ok := routeOf(rest, fields)
		switch {
		case !ok:
			p.problem(variable, "a variable of no known kind", "ROUTE_<NAME>_ and one of "+kinds(fields))
		case !routeName.MatchString(name):
			p.problem(variable, "a route named "+show(name), "a name of capital letters, digits and underscores, such as ROUTE_WEB_CHANNELS")
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
				p.problem(routePrefix+name+"_CHANNELS", channel+", which route "+other+" has as well", "each channel in one route only")
			}
			owner[channel] = name
		}
		all[name] = r
	}
	return all
}

// routeOf returns the route's name in what follows ROUTE_.
func routeOf(rest string, fields []field) (string, bool) {
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

func kinds(fields []field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return strings.Join(names, ", ")
}

// routeOf names the route of a thread by the ids of its channel, the present one
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

// routeURLs returns where people find the sessions of each route.
func (c Config) routeURLs() map[string]string {
	urls := map[string]string{}
	for name, r := range c.Routes {
		urls[name] = string(r.AgenSessionURL)
	}
	return urls
}

// routeNames returns the names of the routes in alphabetical order.
func (c Config) routeNames() []string { return slices.Sorted(maps.Keys(c.Routes)) }
