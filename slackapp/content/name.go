package content

import (
	"strings"
	"unicode"
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

// maxName limits names, in characters.
const maxName = 80

// CleanName makes a name harmless: one line of limited length, without markup and invisible characters. Its owner may
// have typed anything, and it appears beside words that the agent trusts.
func CleanName(name string) string {
	var out []rune
	for _, r := range oneLine(name) {
		switch {
		case strings.ContainsRune("*`~<>[]()|\\#\":", r):
		case r == joiner && len(out) > 0 && joins(out[len(out)-1]): // within an emoji of several
			out = append(out, r)
		case unicode.Is(unicode.Cf, r): // invisible, or reverses the direction of the text
		default:
			out = append(out, r)
		}
	}
	name = strings.Join(strings.Fields(string(out)), " ")
	if runes := []rune(name); len(runes) > maxName {
		name = string(runes[:maxName-1]) + "…"
	}
	return strings.Trim(name, "_ \u200d")
}

// joiner joins the emoji on both sides of it to one.
const joiner = '\u200d'

// joins reports whether a joiner may follow r: an emoji, a skin tone or a variation selector.
func joins(r rune) bool { return unicode.IsSymbol(r) || r == '\uFE0F' }
