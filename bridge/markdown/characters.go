package markdown

import (
	"unicode"
	"unicode/utf8"
)

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

// maxCharacter bounds how far back the beginning of a character is looked for, in code points.
const maxCharacter = 64

// characterBreak returns the last place after from and up to to that is between two characters as people see them;
// between two code points if no such place is near, 0 if there is no place at all.
func characterBreak(line string, from, to int) int {
	at := 0
	for i := to; i > from && i > to-maxCharacter*utf8.UTFMax; i-- {
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

// joined is whether the code points before and after i belong to one character, in the common cases of
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
