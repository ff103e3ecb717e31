package daemon

import (
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"

	"github.com/agenbridge/agenbridge/agen"
)

// Environ turns NAME=value strings, such as os.Environ returns, into a map.
// Of a name that is there twice the last value counts.
func Environ(list []string) map[string]string {
	m := make(map[string]string, len(list))
	for _, entry := range list {
		if name, value, ok := strings.Cut(entry, "="); ok {
			m[name] = value
		}
	}
	return m
}

// Parse makes a Config of the environment. White space around values is
// dropped, and an empty value is the same as none but where the table says
// that empty is a decision. The error is Problems: everything that is wrong,
// at once. The process's own environment is not asked.
func Parse(environ map[string]string) (Config, error) {
	p := parsing{given: make(map[string]string, len(environ)), files: map[string]string{}}
	for name, value := range environ {
		p.given[name] = strings.TrimSpace(value)
	}
	var cfg Config
	p.read(&cfg, "")
	cfg.Routes = p.routes()
	p.relations(cfg)
	cfg.Hints = hints(p.given)
	cfg.files = p.files
	if len(p.problems) > 0 {
		slices.SortStableFunc(p.problems, func(a, b Problem) int { return place(a.Name) - place(b.Name) })
		return Config{}, p.problems
	}
	return cfg, nil
}

// place is where a variable stands in the table; what is not in it comes last.
func place(name string) int {
	all := Variables()
	name = strings.TrimSuffix(name, fileSuffix)
	if i := slices.IndexFunc(all, func(v Variable) bool { return v.Name == name }); i >= 0 {
		return i
	}
	return len(all)
}

// parsing is one run of Parse.
type parsing struct {
	given    map[string]string
	files    map[string]string
	problems Problems
}

func (p *parsing) problem(name, found, want string) {
	p.problems = append(p.problems, Problem{Name: name, Found: found, Want: want})
}

// read fills the struct that target points to, whose variables begin with
// prefix, and checks each of them by itself.
func (p *parsing) read(target any, prefix string) {
	fields := fieldsOf(target)
	for _, f := range fields {
		if f.secret != "" {
			p.secret(prefix+f.name, f)
		}
	}
	refused := map[string]bool{} // one problem for each variable is enough
	for _, wrong := range parseErrors(env.ParseWithOptions(target, env.Options{Environment: p.given, Prefix: prefix})) {
		i := slices.IndexFunc(fields, func(f field) bool { return f.goName == wrong.Name })
		if i < 0 {
			continue // of no variable; the struct is tested
		}
		f := fields[i]
		refused[f.name] = true
		found, want := show(p.given[prefix+f.name]), f.want
		var m *mismatch
		if errors.As(wrong.Err, &m) {
			found, want = first(m.found, found), first(m.want, want)
		}
		p.problem(prefix+f.name, found, want)
	}
	values := reflect.ValueOf(target).Elem()
	for _, f := range fields {
		if !refused[f.name] {
			p.one(prefix+f.name, f, values.Field(f.index))
		}
	}
}

// parseErrors takes the library's error apart; its texts repeat values and
// are not used.
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

// one checks the value of one variable that could be read.
func (p *parsing) one(name string, f field, value reflect.Value) {
	given, set := p.given[name]
	switch {
	case set && given == "" && f.emptyCounts:
		value.SetZero() // the library took the default
	case f.secret != "":
		p.token(name, f, given)
	case f.required && given == "":
		p.problem(name, "nothing", f.want)
	default:
		if m := f.outside(value); m != nil {
			p.problem(name, first(m.found, show(given)), first(m.want, f.want))
		}
	}
}

const fileSuffix = "_FILE"

// secret reads the variable from the file that NAME_FILE names, if it does.
func (p *parsing) secret(name string, f field) {
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
		p.problem(name+fileSuffix, show(path)+", which can't be read: "+at.Err.Error(), "the path of a file that holds "+f.want)
	case err != nil:
		p.problem(name+fileSuffix, show(path)+", which can't be read", "the path of a file that holds "+f.want)
	default:
		p.given[name] = strings.TrimSpace(string(data))
		p.files[name] = path
	}
}

// token checks a secret without ever telling anything of it but its kind.
func (p *parsing) token(name string, f field, value string) {
	what := "a value"
	if p.files[name] != "" {
		what = "a file with text"
	}
	switch {
	case p.clashes(name):
		// said already
	case value == "" && (f.required || p.files[name] != ""):
		found := "nothing"
		if p.files[name] != "" {
			found = "an empty file in " + name + fileSuffix
		}
		p.problem(name, found, f.want)
	case value == "":
	case !sendable(value):
		p.problem(name, what+" that has spaces, line breaks or other characters no token has", f.want)
	case f.secret == "any" && kindOf(value) != "":
		p.problem(name, kindOf(value), f.want)
	case f.secret != "any" && !strings.HasPrefix(value, f.secret):
		p.problem(name, first(kindOf(value), what+" that does not begin with "+f.secret), f.want)
	}
}

// clashes reports whether the variable or its file has a problem already.
func (p *parsing) clashes(name string) bool {
	return slices.ContainsFunc(p.problems, func(one Problem) bool {
		return one.Name == name || one.Name == name+fileSuffix
	})
}

// kindOf says what kind of Slack token a value is by its beginning
// (https://docs.slack.dev/authentication/tokens); empty when it is none.
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

// sendable reports whether a header can carry the token: visible ASCII.
func sendable(token string) bool {
	return strings.IndexFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// relations checks what two variables have to do with each other.
func (p *parsing) relations(cfg Config) {
	if cfg.AdminAddr != "" && !cfg.AdminAddr.loopback() && cfg.AdminToken == "" {
		p.problem("ADMIN_ADDR", show(string(cfg.AdminAddr))+", which others can reach, without ADMIN_TOKEN",
			"a loopback address such as 127.0.0.1:8321, or an ADMIN_TOKEN")
	}
	if cfg.AdminAddr != "" && cfg.AdminAddr == cfg.ProbeAddr {
		p.problem("ADMIN_ADDR", "the same address as PROBE_ADDR", "another port")
	}
	if needed := cfg.Backfill + cfg.MaxAge + day; cfg.Retention < needed && !p.wrong("RETENTION", "BACKFILL", "MAX_AGE") {
		p.problem("RETENTION", plain(cfg.Retention), "at least BACKFILL + MAX_AGE + 24h, which is "+plain(needed)+
			": what is forgotten earlier could be done twice")
	}
}

// wrong reports whether one of the variables has a problem of its own.
func (p *parsing) wrong(names ...string) bool {
	return slices.ContainsFunc(p.problems, func(one Problem) bool { return slices.Contains(names, one.Name) })
}

// token returns the secret of a variable as its file says now; false when it
// comes from no file or the file can't be used.
func (c Config) token(name string) (agen.Secret, bool) {
	path, ok := c.files[name]
	if !ok {
		return "", false
	}
	data, err := os.ReadFile(path)
	value := strings.TrimSpace(string(data))
	if err != nil || value == "" || !sendable(value) {
		return "", false
	}
	return agen.Secret(value), true
}

func first(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}
