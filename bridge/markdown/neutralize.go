package markdown

import "strings"

// neutralize puts a WORD JOINER behind the sign of each mention in a cleaned text, except in code. The package comment
// says why. Everything else stays as it is.
func neutralize(text string) string {
	if !mayMention(text) {
		return text
	}
	code := readCode(text).code
	var out strings.Builder
	done := 0
	for i := range len(text) {
		if mentions(text, i) && !code.has(i) {
			out.WriteString(text[done : i+1])
			out.WriteString(wordJoiner)
			done = i + 1
		}
	}
	out.WriteString(text[done:])
	return out.String()
}

// mayMention is whether there is a mention in the text, in code or not.
func mayMention(text string) bool {
	for i := range len(text) {
		if mentions(text, i) {
			return true
		}
	}
	return false
}
