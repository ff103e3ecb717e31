package daemon

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/bridge/spelling"
)

// serviceVariable matches the variables that Kubernetes sets in each container for
// the services of its namespace, whatever their names
// (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
var serviceVariable = regexp.MustCompile(`_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT|PORT_\d+_[A-Z]+(_[A-Z]+)?)$`)

// misspelled reports the variables that look misspelled. Two kinds are problems:
// one that was meant to restrict who may use the bot or where messages go, because
// without it the bot would be open to more people than the operator wants, and one
// that was meant to be a required variable that is missing. Any other is a
// suggestion, because an environment has variables of other programs, too.
func (p *parsing) misspelled() (all []Suggestion) {
	known := map[string]bool{}
	for _, v := range Variables() {
		known[v.Name] = true
		if v.Secret {
			known[v.Name+fileSuffix] = true
		}
	}
	names := slices.Sorted(maps.Keys(known))
	for _, name := range slices.Sorted(maps.Keys(p.given)) {
		if known[name] || p.given[name] == "" || serviceVariable.MatchString(name) || isOfRoute(name) {
			continue
		}
		meant, near := closestVariable(name, names)
		switch {
		case near && p.standsInFor(name, meant):
		case restricts(name) || near && restricts(meant):
			p.problem(name, "an unknown variable", expectedInstead(meant, near, name, names))
		case near || strings.HasPrefix(name, "REACTION_"):
			all = append(all, Suggestion{Name: name, Meant: meant})
		}
	}
	return all
}

// isOfRoute reports whether routes reads the variable.
func isOfRoute(name string) bool {
	_, ok := afterRoute(name, fieldsOf(&Route{}))
	return ok
}

// standsInFor reports whether the variable that was meant is required and missing.
// If so, it mentions the misspelled one in the problem about the missing one.
func (p *parsing) standsInFor(name, meant string) bool {
	required := strings.TrimSuffix(meant, fileSuffix)
	for i := range p.problems {
		if one := &p.problems[i]; one.Name == required && one.Found == foundNothing {
			one.Found = "only the unknown variable " + name
			return true
		}
	}
	return false
}

// restricts reports whether a variable limits what the bot does.
func restricts(name string) bool {
	name = strings.ToUpper(name)
	return strings.HasPrefix(name, "ALLOW_") || strings.HasPrefix(name, "LIMIT_")
}

func expectedInstead(meant string, near bool, name string, names []string) string {
	if near {
		return meant
	}
	prefix, _, _ := strings.Cut(strings.ToUpper(name), "_")
	return "one of " + strings.Join(slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !strings.HasPrefix(n, prefix+"_") }), ", ")
}

// maxVariable bounds the names that are compared.
const maxVariable = 100

// closestVariable returns our variable whose name is most similar, and whether it
// is near: the names differ by one character at most, or by two if the name is
// long.
func closestVariable(name string, names []string) (meant string, near bool) {
	if len(name) > maxVariable {
		return "", false
	}
	meant, distance := spelling.Closest(strings.ToUpper(name), names)
	return meant, distance <= 1 || distance == 2 && len(meant) >= 10
}
