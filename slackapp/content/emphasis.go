package content

import (
	"slices"
	"strings"
	"unicode"
)

// level is a style in the order of nesting: what is bold surrounds what is struck, and that what is italic.
type level int

const (
	outermost level = iota
	struck
	slanted
	innermost
)

// has reports whether a style has the level's.
func (l level) has(s runStyle) bool {
	switch l {
	case outermost:
		return s.bold
	case struck:
		return s.strike
	default:
		return s.italic
	}
}

// hasDeeper reports whether the style has one that stands inside of the level's.
func (s runStyle) hasDeeper(l level) bool {
	return l < struck && s.strike || l < slanted && s.italic
}

// lineEnd stands for the character before and after a line.
const lineEnd = ' '

// writeStyled writes the atoms of a line with the marks of their styles, from a level on. before and after are the
// characters beside them.
//
// CommonMark decides by the characters beside a mark whether it opens or closes anything
// (https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run). So spaces, and punctuation that a letter follows,
// stay outside of the marks: "**note:**text" would show its asterisks.
func writeStyled(out *strings.Builder, line []atom, l level, before, after rune) {
	if l == innermost {
		for _, a := range line {
			out.WriteString(a.md)
		}
		return
	}
	for len(line) > 0 {
		n := 1
		for n < len(line) && l.has(line[n].style) == l.has(line[0].style) {
			n++
		}
		run, rest := line[:n], line[n:]
		next := after
		if len(rest) > 0 {
			next = rest[0].first // whatever mark stands before it: marks of the same kind are read as one
		}
		if l.has(run[0].style) {
			writeRun(out, run, l, before, next)
		} else {
			writeStyled(out, run, l+1, before, next)
		}
		line, before = rest, run[n-1].last
	}
}

// writeRun writes a run of one style.
func writeRun(out *strings.Builder, run []atom, l level, before, after rune) {
	from, to := 0, len(run)
	for from < to && !l.opens(before, run[from].first) {
		out.WriteString(run[from].md)
		before = run[from].last
		from++
	}
	for to > from && !l.opens(after, run[to-1].last) {
		after = run[to-1].first
		to--
	}
	if from < to {
		inWord := !isSeparator(before) || !isSeparator(after)
		mark := l.mark(inWord || before == '_' || after == '_')
		inner := run[from:to]
		if l == outermost && (strings.HasSuffix(out.String(), "*") || beginsInWord(inner)) {
			inner = upright(inner)
		}
		if inWord {
			if l == outermost && !slices.ContainsFunc(inner, func(a atom) bool { return !a.style.italic }) {
				mark += "*" // asterisks for both styles are one mark
			}
			inner = withoutDeeper(inner, l)
		}
		out.WriteString(mark)
		writeStyled(out, inner, l+1, rune(mark[0]), rune(mark[0]))
		out.WriteString(mark)
	}
	for _, a := range run[to:] {
		out.WriteString(a.md)
	}
}

// mark returns the mark of a style. Within words underscores mark nothing.
func (l level) mark(inWord bool) string {
	switch {
	case l == outermost:
		return "**"
	case l == struck:
		return "~~"
	case inWord:
		return "*"
	default:
		return "_"
	}
}

// beginsInWord reports whether a run begins with an italic part that ends within a word, and has another.
func beginsInWord(run []atom) bool {
	n := slices.IndexFunc(run, func(a atom) bool { return !a.style.italic })
	return n > 0 && !isSeparator(run[n].first) && slices.ContainsFunc(run[n:], func(a atom) bool { return a.style.italic })
}

// upright removes what is italic within a bold run. Where three asterisks would open the run, the single ones in it could
// close them (https://spec.commonmark.org/0.31.2/#can-open-emphasis, rules 9 and 10).
func upright(run []atom) []atom {
	plain := slices.Clone(run)
	for i := range plain {
		plain[i].style.italic = false
	}
	return plain
}

// withoutDeeper removes the styles inside of a level's at the ends of a run: within a word only one mark can stand.
func withoutDeeper(run []atom, l level) []atom {
	if !run[0].style.hasDeeper(l) && !run[len(run)-1].style.hasDeeper(l) {
		return run
	}
	bare := make([]atom, len(run))
	for i, a := range run {
		a.style.strike = a.style.strike && l >= struck
		a.style.italic = false
		bare[i] = a
	}
	return bare
}

// opens reports whether a mark between the two characters opens a style with the second; the same holds for the end of a
// style, read backwards. Some parsers count an escaped tilde beside those of a mark.
func (l level) opens(outside, inside rune) bool {
	if l == struck && (outside == '~' || inside == '~') {
		return false
	}
	return !unicode.IsSpace(inside) && (isSeparator(outside) || !unicode.IsPunct(inside) && !unicode.IsSymbol(inside))
}

// atom is a character of typed text, or a code span or link as a whole.
type atom struct {
	md          string
	first, last rune // of md without a backslash that escapes it
	style       runStyle
}
