package markdown

import (
	"strings"
	"unicode/utf8"
)

// wordBreaks returns the last places after from and up to to at which a sentence ends, a word ends, and a word in a code
// span or a link ends; 0 for none.
func wordBreaks(line string, from, to int) (sentence, word, span int) {
	var in spanReader
	last := rune(0)
	for i, r := range line[:to] {
		in.read(r, i)
		blank := r == ' ' || r == '\t'
		switch {
		case i <= from || last == ' ' || last == '\t':
		case blank && in.any():
			span = i
		case blank && strings.ContainsRune(".!?…:;", last), strings.ContainsRune("。！？", last) && !in.any():
			sentence = i
			word = i
		case blank:
			word = i
		}
		last = r
	}
	if next, _ := utf8.DecodeRuneInString(line[to:]); (next == ' ' || next == '\t') && to > from && last != ' ' && last != '\t' {
		switch {
		case in.any():
			span = to
		case strings.ContainsRune(".!?…:;", last):
			sentence, word = to, to
		default:
			word = to
		}
	}
	return sentence, word, span
}

// maxSpan bounds how far a code span or a link is followed, in bytes. What has no end by then is text.
const maxSpan = 500

// spanReader follows code spans and links along a line.
type spanReader struct {
	// ticks is how many backticks opened the code span, 0 outside of one. run is how many were read just now.
	ticks, run int
	// label and target are whether it is in that part of a link.
	label, target bool
	// since is where the span or the part of a link began.
	since int
	last  rune
}

func (s *spanReader) any() bool { return s.ticks > 0 || s.label || s.target }

func (s *spanReader) read(r rune, i int) {
	if r == '`' {
		s.run++
	} else if s.run > 0 {
		switch s.ticks {
		case 0:
			s.ticks, s.since = s.run, i
		case s.run:
			s.ticks = 0
		}
		s.run = 0
	}
	switch {
	case s.ticks > 0:
	case r == '[' && !s.target:
		s.label, s.since = true, i
	case r == ']':
		s.label = false
	case r == '(' && s.last == ']':
		s.target, s.since = true, i
	case r == ')':
		s.target = false
	}
	if i-s.since > maxSpan {
		s.ticks, s.label, s.target = 0, false, false
	}
	s.last = r
}
