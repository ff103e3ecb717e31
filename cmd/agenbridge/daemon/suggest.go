package daemon

import (
	"maps"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/bridge/spelling"
)

// suggest returns a suggestion for each variable that looks misspelled: one that
// differs from one of ours by one or two characters, or that begins with a prefix
// that only our variables have.
func suggest(given map[string]string) []Suggestion {
	known := map[string]bool{}
	for _, v := range Variables() {
		known[v.Name] = true
		if v.Secret {
			known[v.Name+fileSuffix] = true
		}
	}
	names := slices.Sorted(maps.Keys(known))
	var all []Suggestion
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if known[name] || strings.HasPrefix(name, routePrefix) || len(name) > 64 {
			continue
		}
		meant, distance := spelling.Closest(name, names)
		if distance <= 2 && distance < len(meant)/3 || hasOurPrefix(name) {
			all = append(all, Suggestion{Name: name, Meant: meant})
		}
	}
	return all
}

func hasOurPrefix(name string) bool {
	return strings.HasPrefix(name, "REACTION_") || strings.HasPrefix(name, "ALLOW_")
}
