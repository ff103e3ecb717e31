package content

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsBlank reports whether r is white space, or one of the invisible characters that clients put around what people type:
// a Unicode space, control or format character.
func IsBlank(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// TrimBlank removes blanks at both ends of a text.
func TrimBlank(text string) string { return strings.TrimFunc(text, IsBlank) }

// oneLine returns a text as a single line.
func oneLine(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text))
}

// isWord reports whether r is a letter or a digit.
func isWord(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// isBreak reports whether r ends a bare address in every Markdown parser. There is no r at the ends of a text.
func isBreak(r rune) bool { return r == utf8.RuneError || r == ' ' || r == '\n' }

// isSeparator reports whether every parser takes r for a space or a punctuation. Some take symbols beyond ASCII for
// letters.
func isSeparator(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsPunct(r) || r < unicode.MaxASCII && unicode.IsSymbol(r)
}
