package daemon

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Problem is something wrong with one variable.
type Problem struct {
	// Name is the variable's name.
	Name string
	// Found is what is wrong about it. It never holds anything of a secret,
	// not even its length.
	Found string
	// Want is what is expected instead.
	Want string
}

// String returns one line: the name, what was found, what is expected.
func (p Problem) String() string {
	return fmt.Sprintf("%s: found %s, expected %s", p.Name, p.Found, p.Want)
}

// Problems is everything that is wrong with a configuration, in the order of
// the README's table. It is the error of Parse.
type Problems []Problem

// Error returns one line for each problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// mismatch is why a value is not what its variable wants; the error of the
// values' UnmarshalText. An empty field stands for what is said of every wrong
// value of the variable.
type mismatch struct {
	found, want string
}

// Error implements error.
func (m *mismatch) Error() string { return "found " + m.found + ", expected " + m.want }

// shownRunes is how much of a wrong value is shown.
const shownRunes = 60

// show quotes a value for a message. Values that may be secrets in the wrong
// place are described instead.
func show(value string) string {
	switch {
	case value == "":
		return "nothing"
	case strings.Contains(value, "xoxb-"), strings.Contains(value, "xapp-"), strings.Contains(value, "xoxp-"),
		strings.Contains(value, "xoxe"):
		return "something that looks like a Slack token"
	case strings.Contains(value, "://") && strings.Contains(value, "@"):
		return "a URL with a user or a password in it"
	case strings.IndexFunc(value, unicode.IsControl) >= 0:
		return "text with line breaks or control characters"
	}
	if r := []rune(value); len(r) > shownRunes {
		value = string(r[:shownRunes]) + "…"
	}
	return strconv.Quote(value)
}
