package daemon

import "strings"

// Variable documents one environment variable, for the README and for help.
type Variable struct {
	// Name is its name; in those of routes, <NAME> stands for the route's name.
	Name string
	// Default is the value if it isn't set; empty for none.
	Default string
	// Doc says what it configures.
	Doc string
	// Required: the daemon doesn't start without it.
	Required bool
	// Secret: its value is never shown, and Name_FILE may name a file that
	// holds it.
	Secret bool
}

// Variables returns all environment variables in the order of the README's
// table.
func Variables() []Variable {
	var all []Variable
	add := func(prefix string, fields []field) {
		for _, f := range fields {
			doc := f.doc
			if f.oneof != nil && !strings.Contains(doc, f.oneof[0]) {
				doc += ": " + strings.Join(f.oneof, ", ")
			}
			all = append(all, Variable{
				Name: prefix + f.name, Default: f.defaultValue, Doc: doc, Required: f.required, Secret: f.secret != "",
			})
		}
	}
	add("", fieldsOf(&Config{}))
	add(routePrefix+"<NAME>_", fieldsOf(&Route{}))
	return all
}
