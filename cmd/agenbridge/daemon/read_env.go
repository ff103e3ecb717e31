package daemon

import (
	"cmp"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"

	"github.com/agenbridge/agenbridge/agen"
)

// parsing is one run of Parse or ParseAdmin.
type parsing struct {
	given    map[string]string // the environment, and secrets read from files
	files    map[string]string // see Config.files
	problems Problems
}

func (p *parsing) problem(name, found, want string) {
	p.problems = append(p.problems, Problem{Name: name, Found: found, Want: want})
}

// hasProblem reports whether one of the variables has a problem already.
func (p *parsing) hasProblem(names ...string) bool {
	return slices.ContainsFunc(p.problems, func(one Problem) bool { return slices.Contains(names, one.Name) })
}

// read sets the fields of the struct that target points to from the variables that
// begin with prefix, and validates each value by itself.
func (p *parsing) read(target any, prefix string) {
	fields := fieldsOf(target)
	for _, f := range fields {
		if f.secret != "" {
			p.readSecretFile(prefix+f.name, f)
		}
	}
	unparsed := map[string]bool{} // these have a problem already
	for _, wrong := range parseErrors(env.ParseWithOptions(target, env.Options{Environment: p.given, Prefix: prefix, FuncMap: parsers})) {
		i := slices.IndexFunc(fields, func(f field) bool { return f.goName == wrong.Name })
		if i < 0 {
			continue // not about one of our variables; a test makes sure that this doesn't happen
		}
		f := fields[i]
		unparsed[f.name] = true
		found, want := quote(p.given[prefix+f.name]), f.want
		var m *mismatch
		if errors.As(wrong.Err, &m) {
			found, want = cmp.Or(m.found, found), cmp.Or(m.want, want)
		}
		p.problem(prefix+f.name, found, want)
	}
	values := reflect.ValueOf(target).Elem()
	for _, f := range fields {
		if !unparsed[f.name] {
			p.validate(prefix+f.name, f, values.Field(f.index))
		}
	}
}

// foundNothing describes the value of a variable that isn't set.
const foundNothing = "nothing"

// parsers replace the library's, because people also write yes and no.
var parsers = map[reflect.Type]env.ParserFunc{
	reflect.TypeFor[bool](): func(text string) (any, error) {
		switch strings.ToLower(text) {
		case "true", "yes", "on", "1", "t", "y":
			return true, nil
		case "false", "no", "off", "0", "f", "n":
			return false, nil
		}
		return nil, &mismatch{}
	},
}

// unquote drops white space around a value, and the quotation marks that docker's
// --env-file and some editors of secrets keep.
func unquote(value string) string {
	value = strings.TrimSpace(value)
	for _, mark := range []string{`"`, `'`} {
		inner, begins := strings.CutPrefix(value, mark)
		if inner, ends := strings.CutSuffix(inner, mark); begins && ends && !strings.Contains(inner, mark) {
			return strings.TrimSpace(inner)
		}
	}
	return value
}

// secretIn returns the secret that a file holds: its text, or what follows NAME= in
// a file that was made like a list of variables.
func secretIn(data []byte, name string) string {
	text := strings.TrimPrefix(strings.TrimSpace(string(data)), "export ")
	return unquote(strings.TrimPrefix(strings.TrimSpace(text), name+"="))
}

// parseErrors unwraps the library's error. Its text is not used because it quotes
// values.
func parseErrors(err error) []env.ParseError {
	var all []env.ParseError
	var aggregate env.AggregateError
	if errors.As(err, &aggregate) {
		for _, one := range aggregate.Errors {
			var wrong env.ParseError
			if errors.As(one, &wrong) {
				all = append(all, wrong)
			}
		}
	}
	return all
}

// validate checks the value of one variable that could be parsed.
func (p *parsing) validate(name string, f field, value reflect.Value) {
	given, set := p.given[name]
	switch {
	case set && given == "" && f.emptyCounts:
		value.SetZero() // the library has set the default
	case f.secret != "":
		p.validateSecret(name, f, given)
	case f.required && given == "":
		p.problem(name, foundNothing, f.want)
	default:
		if m := f.validate(value); m != nil {
			p.problem(name, cmp.Or(m.found, quote(given)), cmp.Or(m.want, f.want))
		}
	}
}

// readSecretFile reads the variable from the file that NAME_FILE names, if it is
// set.
func (p *parsing) readSecretFile(name string, f field) {
	path := p.given[name+fileSuffix]
	if path == "" {
		return
	}
	if p.given[name] != "" {
		p.problem(name, "a value, and a file in "+name+fileSuffix, "only one of the two")
		return
	}
	data, err := os.ReadFile(path)
	var at *os.PathError
	switch {
	case errors.As(err, &at):
		p.problem(name+fileSuffix, quote(path)+", which can't be read ("+at.Err.Error()+")", "the path of a file that holds "+f.want)
	case err != nil:
		p.problem(name+fileSuffix, quote(path)+", which can't be read", "the path of a file that holds "+f.want)
	default:
		p.given[name] = secretIn(data, name)
		p.files[name] = path
	}
}

// validateSecret checks a secret. Its problems reveal nothing about the value
// except what kind of token it is.
func (p *parsing) validateSecret(name string, f field, value string) {
	what := "a value"
	if p.files[name] != "" {
		what = "a file with text"
	}
	switch {
	case p.hasProblem(name, name+fileSuffix):
	case value == "" && (f.required || p.files[name] != ""):
		found := foundNothing
		if p.files[name] != "" {
			found = "an empty file in " + name + fileSuffix
		}
		p.problem(name, found, f.want)
	case value == "":
	case !fitsHeader(value):
		p.problem(name, what+" that has spaces, line breaks or other characters no token has", f.want)
	case strings.ContainsAny(value, "\"'"):
		p.problem(name, what+" with a quotation mark", f.want)
	case f.secret == "any" && kindOf(value) != "":
		p.problem(name, kindOf(value), f.want)
	case f.secret != "any" && !strings.HasPrefix(value, f.secret):
		p.problem(name, cmp.Or(kindOf(value), what+" that does not begin with "+f.secret), f.want)
	}
}

// kindOf says what kind of Slack token a value is, by its prefix
// (https://docs.slack.dev/authentication/tokens); empty if it isn't one.
func kindOf(token string) string {
	switch {
	case strings.HasPrefix(token, "xoxb-"):
		return "a bot token (xoxb-)"
	case strings.HasPrefix(token, "xapp-"):
		return "an app-level token (xapp-)"
	case strings.HasPrefix(token, "xoxp-"):
		return "a user token (xoxp-)"
	case strings.HasPrefix(token, "xoxe"):
		return "a token that expires (token rotation must be off)"
	case strings.HasPrefix(token, "xox"):
		return "another kind of Slack token"
	}
	return ""
}

// fitsHeader reports whether an HTTP header can carry the token: visible ASCII.
func fitsHeader(token string) bool {
	return strings.IndexFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// fileSecret reads the secret of a variable again from its file; false if it did
// not come from a file or the file has no usable value now.
func (c Config) fileSecret(name string) (agen.Secret, bool) {
	path, ok := c.files[name]
	if !ok {
		return "", false
	}
	data, err := os.ReadFile(path)
	value := secretIn(data, name)
	if err != nil || value == "" || !fitsHeader(value) {
		return "", false
	}
	return agen.Secret(value), true
}
