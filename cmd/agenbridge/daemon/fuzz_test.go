package daemon

import (
	"errors"
	"strings"
	"testing"
	"unicode"
)

// FuzzParse sets one variable to any value. Whatever the value is, Parse returns,
// reports problems in lines that a terminal can show, and never repeats a secret.
func FuzzParse(f *testing.F) {
	seeds := 0
	for i := range Variables() {
		for _, value := range []string{"", "x", "5/s", "72h", "-1", "xoxb-1", "http://[::1", "a,b", "C0AAA", "\x00", ":8080", "eyes", "{id}"} {
			f.Add(uint8(i), value)
			seeds++
		}
	}
	if seeds == 0 {
		f.Fatal("no seeds")
	}
	all := Variables()
	f.Fuzz(func(t *testing.T, which uint8, value string) {
		v := all[int(which)%len(all)]
		name := strings.ReplaceAll(v.Name, "<NAME>", "WEB")
		_, err := Parse(least(map[string]string{name: value}))
		if err == nil {
			return
		}
		var problems Problems
		if !errors.As(err, &problems) {
			t.Fatalf("Parse returned %T", err)
		}
		for _, p := range problems {
			line := p.String()
			if strings.IndexFunc(line, unicode.IsControl) >= 0 {
				t.Errorf("%s=%q: control characters in %q", name, value, line)
			}
			if v.Secret && len(value) > 8 && strings.Contains(line, strings.TrimSpace(value)) {
				t.Errorf("a secret is in %q", line)
			}
		}
	})
}
