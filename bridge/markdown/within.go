package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// halves notes the cuts in the middle of the line.
func (w *window) halves() {
	room := w.budget - w.size - w.loose
	if w.p > w.pos {
		room--
	}
	reserve := 0
	for range 3 {
		hi := prefixOf(w.line, room-reserve)
		_, f := w.st.next(w.line[:hi])
		lo := max(w.body, f.minCut)
		if hi <= lo {
			break
		}
		sentence, word, span := breaks(w.line, lo, hi)
		w.note(atSentence, sentence)
		w.note(atWord, word)
		w.note(inSpan, span)
		if w.note(inGrapheme, grapheme(w.line, lo, hi)) {
			return
		}
		reserve += w.maxSuffix() / 2
	}
	w.note(inGrapheme, grapheme(w.line, w.body, prefixOf(w.line, room-w.maxSuffix())))
}

// note is the cut at byte i of the line, unless there is none.
func (w *window) note(r rank, i int) bool {
	if i <= w.body {
		return false
	}
	st, _ := w.st.next(w.line[:i])
	text, next := w.line[:i], w.at(i)
	if st.fence.run == "" {
		text = strings.TrimRight(text, " \t")
		next += len(w.text[next:]) - len(strings.TrimLeft(w.text[next:], " \t"))
	}
	size := w.size + w.loose + units(text)
	if w.p > w.pos {
		size++
	}
	if len(text) <= w.body || !w.fits(size, suffix(st)) {
		return false
	}
	c := cut{ok: true, end: w.at(len(text)), next: next, size: size - w.extra, suffix: suffix(st), st: st, mid: true}
	c.held = w.within
	w.best[r] = c
	return true
}

// breaks finds the last places between lo and hi where a sentence ends, where a word does, and where one does in a code
// span or a link; 0 where there are none.
func breaks(line string, lo, hi int) (sentence, word, span int) {
	var in spans
	last := rune(0)
	for i, r := range line[:hi] {
		in.read(r, i)
		blank := r == ' ' || r == '\t'
		switch {
		case i <= lo || last == ' ' || last == '\t':
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
	if next, _ := utf8.DecodeRuneInString(line[hi:]); (next == ' ' || next == '\t') && hi > lo && last != ' ' && last != '\t' {
		switch {
		case in.any():
			span = hi
		case strings.ContainsRune(".!?…:;", last):
			sentence, word = hi, hi
		default:
			word = hi
		}
	}
	return sentence, word, span
}

// maxSpan bounds how far a code span or a link is followed: what has no end by then is text.
const maxSpan = 500

// spans follows code spans and links along a line.
type spans struct {
	since           int
	ticks, run      int // of the code span, and of the run that is being read
	bracket, target bool
	last            rune
}

func (s *spans) any() bool { return s.ticks > 0 || s.bracket || s.target }

func (s *spans) read(r rune, i int) {
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
		s.bracket, s.since = true, i
	case r == ']':
		s.bracket = false
	case r == '(' && s.last == ']':
		s.target, s.since = true, i
	case r == ')':
		s.target = false
	}
	if i-s.since > maxSpan {
		s.ticks, s.bracket, s.target = 0, false, false
	}
	s.last = r
}

// maxGrapheme bounds how far back the beginning of a character is looked for.
const maxGrapheme = 64

// grapheme is the last place up to hi, and after lo, between two characters as people see them; between two code points
// where none is near, 0 where there is no place at all.
func grapheme(line string, lo, hi int) int {
	at := 0
	for i := hi; i > lo && i > hi-maxGrapheme*utf8.UTFMax; i-- {
		if i < len(line) && !utf8.RuneStart(line[i]) {
			continue
		}
		at = max(at, i)
		if !joined(line, i) {
			return i
		}
	}
	return at
}

// joined is whether the code points before and after i are of one character: the common cases of
// https://www.unicode.org/reports/tr29/#Grapheme_Cluster_Boundary_Rules.
func joined(line string, i int) bool {
	after, _ := utf8.DecodeRuneInString(line[i:])
	before, _ := utf8.DecodeLastRuneInString(line[:i])
	const joiner = '\u200D'
	switch {
	case i >= len(line):
		return false
	case unicode.Is(unicode.M, after), after == joiner, before == joiner, after == '\u2060', before == '\u2060':
		return true
	case after >= 0x1F3FB && after <= 0x1F3FF, after >= 0xE0020 && after <= 0xE007F: // skin tones, tags of flags
		return true
	case isHangul(before) && isHangul(after):
		return true
	case isRegion(before) && isRegion(after):
		n := 0 // two make a flag
		for ; isRegion(before); n++ {
			i -= utf8.RuneLen(before)
			before, _ = utf8.DecodeLastRuneInString(line[:i])
		}
		return n%2 == 1
	}
	return false
}

func isHangul(r rune) bool { return r >= 0x1100 && r <= 0x11FF }

func isRegion(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

// units is the length of s in UTF-16 code units.
func units(s string) int {
	n := 0
	for i := range len(s) {
		if s[i]&0xC0 != 0x80 {
			n++
		}
		if s[i] >= 0xF0 {
			n++
		}
	}
	return n
}

// prefixOf is how many bytes of s, in whole code points, are at most n units long.
func prefixOf(s string, n int) int {
	for i, r := range s {
		n--
		if r > 0xFFFF {
			n--
		}
		if n < 0 {
			return i
		}
	}
	return len(s)
}
