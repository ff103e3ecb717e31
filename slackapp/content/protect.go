package content

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// protect finds the characters of typed text that would change what Slack shows beside them: end a paragraph, take a code
// span or a link into something else, or swallow what follows. Everything else goes as it was typed, because what looks
// like Markdown is mostly meant as Markdown.
func (f *flat) protect() {
	f.protectFences()
	f.protectBackticks()
	if !f.marked {
		return
	}
	f.protectMarks()
	f.protectLineStarts()
}

// lineStarts are the positions after line breaks.
func (f *flat) lineStarts() []int {
	starts := []int{0}
	for i := range len(f.text) {
		if f.text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

func (f *flat) lineAt(start int) string {
	line, _, _ := strings.Cut(f.text[start:], "\n")
	return line
}

var (
	// Indentation and the marks of quotes and lists may stand before a fence in its line.
	fenceStart = regexp.MustCompile("^((?: {0,3}(?:>|[-*+]|[0-9]{1,9}[.)]))* {0,4})(`{3,}[^`]*|~{3,}.*)$")
	htmlStart  = regexp.MustCompile(`^ {0,3}<[A-Za-z/!?]`)
	definition = regexp.MustCompile(`^ {0,3}\[[^\[\]]+\]: *$`)
)

// htmlEnds are the ends of HTML blocks that blank lines don't end (https://spec.commonmark.org/0.31.2/#html-blocks).
var htmlEnds = []struct {
	start *regexp.Regexp
	end   string
}{
	{regexp.MustCompile(`(?i)^ {0,3}<(?:script|pre|style|textarea)(?:[\s>]|$)`), "</"},
	{regexp.MustCompile(`^ {0,3}<!--`), "-->"},
	{regexp.MustCompile(`^ {0,3}<\?`), "?>"},
	{regexp.MustCompile(`^ {0,3}<!\[CDATA\[`), "]]>"},
	{regexp.MustCompile(`^ {0,3}<![A-Za-z]`), ">"},
}

// protectFences escapes the fences and HTML blocks that were opened and not closed: they would swallow what follows.
func (f *flat) protectFences() {
	starts := f.lineStarts()
	for i := 0; i < len(starts); i++ {
		line := f.lineAt(starts[i])
		if m := fenceStart.FindStringSubmatch(line); m != nil {
			at := starts[i] + len(m[1])
			if end := f.fenceEnd(starts[i+1:], at); end >= 0 {
				i += end + 1
				continue
			}
			f.escapeRun(at)
		}
		for _, h := range htmlEnds {
			if h.start.MatchString(line) && !strings.Contains(strings.ToLower(f.text[starts[i]:]), h.end) {
				f.escape(starts[i] + strings.IndexByte(line, '<'))
				break
			}
		}
	}
}

// fenceEnd returns which of the following lines ends the fence at a position, if all of it was typed; otherwise -1.
func (f *flat) fenceEnd(starts []int, at int) int {
	run := runAt(f.text, at)
	for i, start := range starts {
		line := strings.TrimLeft(strings.TrimSpace(f.lineAt(start)), "> ")
		if len(line) >= run && strings.Trim(line, f.text[at:at+1]) == "" && f.owner[start] == f.owner[at] {
			return i
		}
	}
	return -1
}

func runAt(text string, at int) int {
	n := 1
	for at+n < len(text) && text[at+n] == text[at] {
		n++
	}
	return n
}

// protectBackticks escapes the backticks that pair with nothing that was typed with them, if the text has others.
func (f *flat) protectBackticks() {
	var runs []int
	code := false
	for at := 0; at < len(f.text); at++ {
		p := f.pieces[f.owner[at]]
		code = code || !p.isTyped()
		if f.text[at] == '`' && p.isTyped() && !f.escaped[at] {
			runs = append(runs, at)
			at += runAt(f.text, at) - 1
		}
	}
	if len(runs) < 2 && !code {
		return
	}
	for i := 0; i < len(runs); i++ {
		if end := f.backtickPair(runs[i:]); end > 0 {
			i += end
			continue
		}
		f.escapeRun(runs[i])
	}
}

// backtickPair returns which run of backticks pairs with the first one, or 0.
func (f *flat) backtickPair(runs []int) int {
	from := runs[0]
	size := runAt(f.text, from)
	if f.touches(from, size) {
		return 0
	}
	for i, at := range runs[1:] {
		between := f.text[from:at]
		if f.owner[at] != f.owner[from] || size < 3 && strings.Contains(between, "\n") {
			return 0
		}
		if runAt(f.text, at) == size && !f.touches(at, size) {
			return i + 1
		}
	}
	return 0
}

// touches reports whether a code span or a link stands beside a run.
func (f *flat) touches(at, size int) bool {
	before, _ := utf8.DecodeLastRuneInString(f.text[:at])
	after, _ := utf8.DecodeRuneInString(f.text[at+size:])
	return before == standIn || after == standIn
}

// protectMarks escapes what could pair with the marks of styles, and a backslash that would escape a mark of ours.
func (f *flat) protectMarks() {
	styled := false
	for _, p := range f.pieces {
		s := p.style
		styled = styled || s.bold || s.italic || s.strike
	}
	for at := range len(f.text) {
		p := f.pieces[f.owner[at]]
		if !p.isTyped() {
			continue
		}
		edge := at+1 == len(f.text) || f.owner[at+1] != f.owner[at]
		switch c := f.text[at]; {
		case c == '\\' && edge:
			f.escape(at)
		case c == '!' && edge && strings.HasPrefix(f.text[at+1:], string(standIn)):
			f.escape(at) // it would make an image of a link
		case styled && (c == '*' || c == '~' || c == '_') && f.couldMark(at):
			f.escape(at)
		}
	}
}

// couldMark reports whether the *, ~ or _ at a position may open or close a style.
func (f *flat) couldMark(at int) bool {
	before, _ := utf8.DecodeLastRuneInString(f.text[:at])
	after, _ := utf8.DecodeRuneInString(f.text[at+1:])
	if isBreak(before) && isBreak(after) {
		return false
	}
	return f.text[at] != '_' || !isWord(before) || !isWord(after)
}

// protectLineStarts escapes what would make the rest of its lines, which hold code, links or styles, something else: HTML,
// the definition of a link, or indented code.
func (f *flat) protectLineStarts() {
	blank := true
	for _, start := range f.lineStarts() {
		line := f.lineAt(start)
		typed, _, _ := strings.Cut(line, string(standIn))
		switch {
		case htmlStart.MatchString(line), definition.MatchString(typed) && len(typed) < len(line):
			f.escape(start + len(line) - len(strings.TrimLeft(line, " ")))
		case blank && (strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t")) && strings.TrimSpace(line) != "":
			f.entity[start] = true
		}
		blank = strings.TrimSpace(line) == ""
	}
}

// escape marks a character of typed text.
func (f *flat) escape(at int) {
	if f.pieces[f.owner[at]].isTyped() {
		f.escaped[at] = true
	}
}

func (f *flat) escapeRun(at int) {
	for i := range runAt(f.text, at) {
		f.escape(at + i)
	}
}
