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

// field is what the tags of one struct field say about its variable.
type field struct {
	index        int    // of the struct field
	goName       string // of the struct field
	name         string // of the variable, without the prefix of a route
	defaultValue string
	want         string
	doc          string
	oneof        []string
	min, max     string
	secret       string // the prefix of its values, or "any"; empty if it isn't a secret
	required     bool
	emptyCounts  bool // an empty value differs from an unset variable
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
			index: i, goName: f.Name, name: name, defaultValue: f.Tag.Get("envDefault"),
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

// validate says what is wrong with a value that could be parsed; nil if nothing
// is.
func (f field) validate(value reflect.Value) *mismatch {
	switch v := value.Interface().(type) {
	case time.Duration:
		if v < f.durationBound(f.min) || v > f.durationBound(f.max) {
			return &mismatch{}
		}
	case int:
		if v < f.intBound(f.min) || v > f.intBound(f.max) {
			return &mismatch{}
		}
	case string:
		if f.oneof != nil {
			return f.choose(value)
		}
		return f.validateText(v)
	}
	return nil
}

// choose replaces the value with the allowed value that equals it except for case.
func (f field) choose(value reflect.Value) *mismatch {
	for _, one := range f.oneof {
		if strings.EqualFold(value.String(), one) {
			value.SetString(one)
			return nil
		}
	}
	return &mismatch{}
}

func (f field) validateText(v string) *mismatch {
	if strings.IndexFunc(v, unicode.IsControl) >= 0 || !utf8.ValidString(v) {
		return &mismatch{found: "text with line breaks or other control characters"}
	}
	if utf8.RuneCountInString(v) > f.intBound(f.max) {
		return &mismatch{}
	}
	return nil
}

// durationBound and intBound parse a bound. They panic if it is malformed, which
// would be a bug in Config's tags; a test parses all bounds.
func (f field) durationBound(bound string) time.Duration {
	d, err := time.ParseDuration(bound)
	if err != nil {
		panic("daemon: bound of " + f.name + ": " + err.Error())
	}
	return d
}

func (f field) intBound(bound string) int {
	n, err := strconv.Atoi(bound)
	if err != nil {
		panic("daemon: bound of " + f.name + ": " + err.Error())
	}
	return n
}

// shortDuration prints a duration as people write it: 72h, not 72h0m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
