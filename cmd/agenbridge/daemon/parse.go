package daemon

import (
	"slices"
	"strings"
)

// Environ turns NAME=value strings, such as os.Environ returns, into a map. If a
// name occurs twice, the last value counts.
func Environ(list []string) map[string]string {
	m := make(map[string]string, len(list))
	for _, entry := range list {
		if name, value, ok := strings.Cut(entry, "="); ok {
			m[name] = value
		}
	}
	return m
}

// Parse makes a Config of environ; it doesn't read the environment of the process.
// White space and quotation marks around values are dropped. An empty value means unset, except for the
// variables whose documentation says what empty means. The error is Problems, with
// everything that is wrong.
func Parse(environ map[string]string) (Config, error) {
	p := parsing{given: make(map[string]string, len(environ)), files: map[string]string{}}
	for name, value := range environ {
		p.given[name] = unquote(value)
	}
	var cfg Config
	p.read(&cfg, "")
	cfg.Routes = p.routes()
	p.checkRelations(cfg)
	cfg.Suggestions = p.misspelled()
	cfg.files = p.files
	if len(p.problems) > 0 {
		slices.SortStableFunc(p.problems, func(a, b Problem) int { return tablePosition(a.Name) - tablePosition(b.Name) })
		return Config{}, p.problems
	}
	return cfg, nil
}

// tablePosition is where a variable stands in the table of Variables; unknown ones
// come last.
func tablePosition(name string) int {
	all := Variables()
	name = strings.TrimSuffix(name, fileSuffix)
	if i := slices.IndexFunc(all, func(v Variable) bool { return v.Name == name }); i >= 0 {
		return i
	}
	return len(all)
}

// checkRelations checks what depends on several variables.
func (p *parsing) checkRelations(cfg Config) {
	if cfg.AdminAddr != "" && !cfg.AdminAddr.loopback() && cfg.AdminToken == "" {
		p.problem("ADMIN_ADDR", quote(string(cfg.AdminAddr))+", which is not a loopback address, without ADMIN_TOKEN",
			"a loopback address such as 127.0.0.1:8321, or an ADMIN_TOKEN")
	}
	if cfg.AdminAddr != "" && cfg.AdminAddr == cfg.ProbeAddr {
		p.problem("ADMIN_ADDR", "the same address as PROBE_ADDR", "another port")
	}
	if needed := cfg.Backfill + cfg.MaxAge + day; cfg.Retention < needed && !p.hasProblem("RETENTION", "BACKFILL", "MAX_AGE") {
		p.problem("RETENTION", shortDuration(cfg.Retention), "at least BACKFILL + MAX_AGE + 24h, which is "+shortDuration(needed)+
			", because a message that is forgotten earlier could be sent twice")
	}
}
