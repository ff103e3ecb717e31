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

// openings are what may stand before a block in its line: spaces, and the marks of quotes and lists.
const openings = `^[ >]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ >]+)*`

var (
	fenceStart = regexp.MustCompile("(" + openings + ")(`{3,}[^`]*|~{3,}.*)$")
	htmlStart  = regexp.MustCompile("(" + openings + ")<[A-Za-z/!?]")
	definition = regexp.MustCompile("(" + openings + `)\[.+\]:`)
	// endsParagraph matches the lines that no paragraph goes on from: blank ones, headings and rules.
	endsParagraph = regexp.MustCompile(`^[ >]*(?:[#|].*|[-=*_~ ]*)$`)
	tableHead     = regexp.MustCompile("(" + openings + `\s*)[|:]*-[-|: \t]*$`)
)

// htmlEnds are the ends of HTML blocks that blank lines don't end (https://spec.commonmark.org/0.31.2/#html-blocks).
var htmlEnds = []struct {
	start *regexp.Regexp
	end   string
}{
	{regexp.MustCompile(openings + `(?i)<(?:script|pre|style|textarea)(?:[\s>]|$)`), "</"},
	{regexp.MustCompile(openings + `<!--`), "-->"},
	{regexp.MustCompile(openings + `<\?`), "?>"},
	{regexp.MustCompile(openings + `<!\[CDATA\[`), "]]>"},
	{regexp.MustCompile(openings + `<![A-Za-z]`), ">"},
}

// protectFences escapes the fences and HTML blocks that were opened and not closed: they would swallow what follows.
func (f *flat) protectFences() {
	starts := f.lineStarts()
	for i := 0; i < len(starts); i++ {
		line := f.lineAt(starts[i])
		if !strings.ContainsAny(line, "`~<") {
			continue
		}
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
	if f.touches(from, size) || strings.HasSuffix(f.text[:from], `\`) {
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
		edge := at+1 == len(f.text) || f.owner[at+1] != f.owner[at] || f.text[at+1] == '\n' && !p.style.plain()
		switch c := f.text[at]; {
		case c == '\\' && edge:
			f.escape(at)
		case c == '!' && edge && strings.HasPrefix(f.text[at+1:], string(standIn)):
			f.escape(at) // it would make an image of a link
		case c == '<' && at+1 < len(f.text) && (f.text[at+1] == '!' || f.text[at+1] == '?'):
			f.escape(at) // HTML that need not end here
		case styled && (c == '*' || c == '~' || c == '_') && (!p.style.plain() || f.couldMark(at)):
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
// the definition of a link, a table, which is cut at any pipe, or indented code.
func (f *flat) protectLineStarts() {
	blank := true
	whole := strings.ContainsRune(f.text, standIn)
	for _, start := range f.lineStarts() {
		line := f.lineAt(start)
		for mark, block := range map[string]*regexp.Regexp{"<": htmlStart, "[": definition} {
			if !strings.Contains(line, mark) {
				continue
			}
			if m := block.FindStringSubmatch(line); m != nil {
				f.escape(start + len(m[1]))
			}
		}
		if whole && strings.Contains(line, "|") {
			if m := tableHead.FindStringSubmatch(line); m != nil {
				f.escape(start + len(m[1]))
			}
		}
		if at := indentedCode(line, blank); at >= 0 {
			f.entity[start+at] = true
		}
		blank = endsParagraph.MatchString(line)
	}
}

// containers matches the spaces and the marks of quotes and lists that a line begins with.
var containers = regexp.MustCompile(openings)

// wideMark matches the end of a mark with so many spaces behind it that code follows.
var wideMark = regexp.MustCompile(`[>*+.)-] {5}`)

// indentedCode returns the space that would make a line code, or -1. Behind the mark of a quote or a list, the first space
// belongs to the mark.
func indentedCode(line string, afterBlank bool) int {
	if strings.TrimSpace(line) == "" {
		return -1
	}
	if afterBlank && (strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t")) {
		return 0
	}
	if wide := wideMark.FindStringIndex(containers.FindString(line)); wide != nil {
		return wide[0] + 2
	}
	return -1
}

// escape marks a character of typed text, and the backslashes before it, which would escape the escape.
func (f *flat) escape(at int) {
	for f.pieces[f.owner[at]].isTyped() && !f.escaped[at] {
		f.escaped[at] = true
		if at--; at < 0 || f.text[at] != '\\' {
			return
		}
	}
}

func (f *flat) escapeRun(at int) {
	for i := range runAt(f.text, at) {
		f.escape(at + i)
	}
}
