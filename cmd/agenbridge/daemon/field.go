package daemon

import (
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const day = 24 * time.Hour

// field is what the tags of a Config's field say of its variable.
type field struct {
	index       int
	goName      string
	name        string // of the variable, without a prefix
	value       string // the default
	want        string
	doc         string
	oneof       []string
	min, max    string
	secret      string // what it begins with, or "any"
	required    bool
	emptyCounts bool
}

// fieldsOf reads the tags of the struct that target points to.
func fieldsOf(target any) []field {
	t := reflect.TypeOf(target).Elem()
	var all []field
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("env")
		if name == "" || name == "-" {
			continue
		}
		one := field{
			index: i, goName: f.Name, name: name, value: f.Tag.Get("envDefault"),
			want: f.Tag.Get("want"), doc: f.Tag.Get("doc"), min: f.Tag.Get("min"), max: f.Tag.Get("max"),
			secret: f.Tag.Get("secret"), required: f.Tag.Get("required") == "true",
			emptyCounts: f.Tag.Get("empty") == "none",
		}
		if values := f.Tag.Get("oneof"); values != "" {
			one.oneof = strings.Split(values, "|")
			one.want = strings.Join(one.oneof, " or ")
		}
		all = append(all, one)
	}
	return all
}

// outside says what is wrong with a value that could be read, nil when
// nothing is.
func (f field) outside(value reflect.Value) *mismatch {
	switch v := value.Interface().(type) {
	case time.Duration:
		if v < f.duration(f.min) || v > f.duration(f.max) {
			return &mismatch{}
		}
	case int:
		if v < f.number(f.min) || v > f.number(f.max) {
			return &mismatch{}
		}
	case string:
		return f.text(v)
	}
	return nil
}

func (f field) text(v string) *mismatch {
	if f.oneof != nil {
		for _, one := range f.oneof {
			if v == one {
				return nil
			}
		}
		return &mismatch{}
	}
	if strings.IndexFunc(v, unicode.IsControl) >= 0 || !utf8.ValidString(v) {
		return &mismatch{found: "text with line breaks or other control characters"}
	}
	if utf8.RuneCountInString(v) > f.number(f.max) {
		return &mismatch{}
	}
	return nil
}

// duration and number read a bound. A bound that can't be read would be a
// mistake in this package; a test reads all of them.
func (f field) duration(bound string) time.Duration {
	d, err := time.ParseDuration(bound)
	if err != nil {
		panic("daemon: bound of " + f.name + ": " + err.Error())
	}
	return d
}

func (f field) number(bound string) int {
	n, err := strconv.Atoi(bound)
	if err != nil {
		panic("daemon: bound of " + f.name + ": " + err.Error())
	}
	return n
}

// plain prints a duration as people write it: 72h, not 72h0m0s.
func plain(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Variable is one environment variable, for the README and for help.
type Variable struct {
	// Name is its name; in routes <NAME> stands for the route's.
	Name string
	// Default is the value when it isn't set; empty for none.
	Default string
	// Doc says what it decides.
	Doc string
	// Required: there is no doing without it.
	Required bool
	// Secret: it is never shown, and Name_FILE may name a file that holds it.
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
				Name: prefix + f.name, Default: f.value, Doc: doc, Required: f.required, Secret: f.secret != "",
			})
		}
	}
	add("", fieldsOf(&Config{}))
	add(routePrefix+"<NAME>_", fieldsOf(&Route{}))
	return all
}
