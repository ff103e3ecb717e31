package daemon

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Problem is an invalid value of one variable.
type Problem struct {
	// Name is the variable's name.
	Name string
	// Found describes the value. It never reveals anything of a secret, not even
	// its length.
	Found string
	// Want describes a valid value.
	Want string
}

// String returns one line: the name, what was found, what is expected.
func (p Problem) String() string {
	return fmt.Sprintf("%s: found %s, expected %s", p.Name, p.Found, p.Want)
}

// Problems are all problems of a configuration, in the order of the README's
// table. It is the error of Parse.
type Problems []Problem

// Error returns one line for each problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// mismatch is the error of the values' UnmarshalText. An empty field means the
// default text for invalid values of the variable.
type mismatch struct {
	found, want string
}

// Error implements error.
func (m *mismatch) Error() string { return "found " + m.found + ", expected " + m.want }

// quotedRunes is how much of an invalid value is quoted.
const quotedRunes = 60

// quote quotes a value for a message. Values that may be secrets in the wrong
// variable are described instead.
func quote(value string) string {
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
	if r := []rune(value); len(r) > quotedRunes {
		value = string(r[:quotedRunes]) + "…"
	}
	return strconv.Quote(value)
}
