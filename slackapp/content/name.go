package content

import (
	"strings"
	"unicode"
)

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
