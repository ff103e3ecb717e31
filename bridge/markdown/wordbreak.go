package markdown

import (
	"strings"
	"unicode/utf8"
)

// wordBreaks returns the last places after from and up to to at which a sentence ends, a word ends, and a word ends in
// something that had better stay whole, by isWhole; 0 for none.
func wordBreaks(line string, from, to int, isWhole func(int) bool) (sentence, word, span int) {
	last := rune(0)
	for i, r := range line[:to] {
		blank := r == ' ' || r == '\t'
		switch {
		case i <= from || last == ' ' || last == '\t':
		case blank && isWhole(i):
			span = i
		case blank && strings.ContainsRune(".!?…:;", last), strings.ContainsRune("。！？", last) && !isWhole(i):
			sentence = i
			word = i
		case blank:
			word = i
		}
		last = r
	}
	if next, _ := utf8.DecodeRuneInString(line[to:]); (next == ' ' || next == '\t') && to > from && last != ' ' && last != '\t' {
		switch {
		case isWhole(to):
			span = to
		case strings.ContainsRune(".!?…:;", last):
			sentence, word = to, to
		default:
			word = to
		}
	}
	return sentence, word, span
}
