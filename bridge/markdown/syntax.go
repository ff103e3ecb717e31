package markdown

import (
	"regexp"
	"strings"
)

// The functions of this file get a line, or its rest, without the marks of its containers and without indentation.

// runOf is how many bytes c the line begins with.
func runOf(s string, c byte) int {
	n := 0
	for n < len(s) && s[n] == c {
		n++
	}
	return n
}

// itemMark is the length of a list item's mark, 0 if there is none.
func itemMark(s string) int {
	if strings.IndexByte("-+*", s[0]) >= 0 {
		return 1
	}
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n == 0 || n > 9 || n == len(s) || s[n] != '.' && s[n] != ')' {
		return 0
	}
	return n + 1
}

func isHeading(s string) bool {
	n := runOf(s, '#')
	return n > 0 && n < 7 && (n == len(s) || s[n] == ' ' || s[n] == '\t')
}

// isUnderline is whether the line makes a heading of the paragraph above it.
func isUnderline(s string) bool {
	return s != "" && (s[0] == '=' || s[0] == '-') && strings.TrimRight(s[runOf(s, s[0]):], " \t") == ""
}

// isRule is whether the line is a thematic break.
func isRule(s string) bool {
	if s == "" || strings.IndexByte("-_*", s[0]) < 0 {
		return false
	}
	n := 0
	for i := range len(s) {
		switch s[i] {
		case s[0]:
			n++
		case ' ', '\t':
		default:
			return false
		}
	}
	return n > 2
}

var delimiter = regexp.MustCompile(`^\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$`)

// isDelimiter is whether the line makes a table of the line above it: as many cells, each of hyphens and maybe colons.
func isDelimiter(s, above string) bool {
	return likeDelimiter(s) && delimiter.MatchString(s) && strings.IndexByte(s+above, '|') >= 0 && cells(s) == cells(above)
}

// likeDelimiter is whether the line would be a delimiter if the line above it had as many cells.
func likeDelimiter(s string) bool {
	return strings.IndexByte(s, '-') >= 0 && strings.Trim(s, "|:- \t") == ""
}

// cells counts the cells of a table's row.
func cells(s string) int {
	s = strings.Trim(s, " \t")
	n := 1
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '|' && i > 0 && i < len(s)-1:
			n++
		}
	}
	return n
}
