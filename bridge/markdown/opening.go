package markdown

import (
	"slices"
	"strings"
)

// opening is how a part begins.
type opening struct {
	*document
	// pos is where the part's text begins in the document.
	pos int
	// prefix is added before it.
	prefix string
	// held are the containers that the text stands in and whose marks are taken off its lines, from its line number
	// firstHeld on. Quotes keep their marks. Where there are only quotes, nothing is held.
	held      []container
	firstHeld int
}

// openingOf returns how the first part of a document begins.
func openingOf(d *document) opening {
	lead := d.text[:len(d.text)-len(strings.TrimLeft(d.text, " \t\n"))]
	o := opening{document: d, pos: strings.LastIndexByte(lead, '\n') + 1}
	o.skipEmpty()
	return o
}

// openingAfter returns how the part after a cut begins. was is the opening of the part before the cut.
func openingAfter(c cut, was opening) opening {
	o := opening{document: was.document, pos: c.next}
	depth := c.line.matched
	if c.midLine {
		depth, o.firstHeld = c.state.depth, 1
		if c.state.fence.run == "" && o.skipBlankRest() {
			return o
		}
	}
	open := c.state.open[:depth]
	o.held = inner(c.held, open)
	quotes := linePrefix(open, false)
	last := "" // the beginning of the text's first line
	if c.midLine {
		last = quotes
	}
	switch {
	case c.inFence():
		o.prefix = o.fenceStart(quotes, c.state.fence)
	case c.inTable():
		o.prefix = o.tableHead(quotes, c.state.table)
	case c.line.continues && !c.midLine:
		last = linePrefix(c.state.open[depth:c.state.depth], false)
	}
	if o.pos == len(o.text) {
		return o
	}
	paragraph := linePrefix(c.state.open[:c.state.depth], false)
	switch {
	case c.midLine && o.wouldChange(last, paragraph):
		last += wordJoiner
	case c.line.continues && c.line.kind == kindText && o.wouldChange(last, paragraph):
		o.skipMarks(open)
		last = paragraph + wordJoiner
	}
	o.prefix += last
	if o.prefix == "" && !c.midLine {
		o.skipEmpty()
	}
	return o
}

// skipEmpty goes on behind the lines in which there is nothing to see: blank ones, also in quotes.
func (o *opening) skipEmpty() {
	for o.pos < len(o.text) {
		line := o.firstLine()
		_, f := state{maxFence: o.maxFence()}.next(line)
		end := o.lineEnd(o.pos)
		if f.item || f.kind > kindText || f.content < len(strings.TrimRight(line, " \t")) || end-o.pos > o.limit {
			return
		}
		o.pos = min(end+1, len(o.text))
	}
}

// skipMarks goes on behind the marks of the containers that the line is in, and its indentation.
func (o *opening) skipMarks(open []container) {
	if o.held != nil {
		open = o.held
	}
	line, _ := o.line(o.pos)
	c := cursor{line: line}
	c.match(open)
	o.pos += len(line) - len(c.rest())
	o.firstHeld = 1
}

// skipBlankRest goes on to the next line that isn't blank if nothing is left of this one.
func (o *opening) skipBlankRest() bool {
	rest := o.text[o.pos:]
	if rest == "" || rest[0] != '\n' {
		return false
	}
	blank := rest[:len(rest)-len(strings.TrimLeft(rest, " \t\n"))]
	o.pos += strings.LastIndexByte(blank, '\n') + 1
	o.firstHeld = 0
	o.skipEmpty()
	return true
}

// inner returns the containers to hold after a cut: those that were held, and in them the open ones, of which the first
// are the quotes of the others.
func inner(held, open []container) []container {
	for _, c := range held {
		if c.quote && len(open) > 0 {
			open = open[1:]
		}
	}
	return unlessOnlyQuotes(slices.Concat(held, open))
}

func (o *opening) fenceStart(quotes string, f fence) string {
	start := quotes + strings.Repeat(" ", f.indent) + f.run
	if units(f.info) <= o.limit/8 {
		start += f.info
	}
	return start + "\n"
}

func (o *opening) tableHead(quotes string, t table) string {
	head := quotes + t.head + "\n" + quotes + t.delimiter + "\n"
	if units(head) > o.limit/4 {
		return ""
	}
	return head
}

// wouldChange is whether the rest of a paragraph would become something else if it stood after last at the beginning of
// a part. The paragraph's lines begin with the marks.
func (o *opening) wouldChange(last, marks string) bool {
	st, _ := o.afterPrefix()
	want, text := st.next(marks + "x")
	got, line := st.next(last + o.firstLine())
	return line.kind != text.kind || got.depth != want.depth || got.paragraph != want.paragraph
}

// protected returns the opening without what can't stand at the beginning of a part: indentation that would fill much
// of it, and a fence that is too long to be followed.
func (o opening) protected() opening {
	st, head := o.afterPrefix()
	line := o.firstLine()
	if lead := len(line) - len(strings.TrimLeft(line, " \t")); st.fence.run == "" && lead > o.limit/4 {
		o.pos += lead
		o.firstHeld = 1
		line = o.firstLine()
	}
	if _, f := st.next(head + line); f.longFence {
		o.prefix += wordJoiner
	}
	return o
}

// firstLine returns the first line of the text as it stands in the part.
func (o *opening) firstLine() string {
	line, _ := o.line(o.pos)
	if o.firstHeld > 0 {
		return line
	}
	line, _, _ = stripMarks(line, o.held)
	return line
}

// afterPrefix returns the state after the lines of the prefix, and the beginning of a line at its end.
func (o *opening) afterPrefix() (st state, head string) {
	st.maxFence = o.maxFence()
	for lines := o.prefix; ; {
		line, rest, found := strings.Cut(lines, "\n")
		if !found {
			return st, line
		}
		st, _ = st.next(line)
		lines = rest
	}
}

// textUntil returns the text up to a cut as it stands in the part, and which marks were replaced for that.
func (o *opening) textUntil(c cut) (string, []markChange) {
	text := o.text[o.pos:c.end]
	if o.held == nil {
		return text, nil
	}
	lines := strings.Split(text, "\n")
	var changes []markChange
	held := o.held
	for i := o.firstHeld; i < len(lines) && held != nil; i++ {
		var m markChange
		lines[i], m, held = stripMarks(lines[i], held)
		lines[i] = c.blanks[i] + lines[i]
		changes = append(changes, m)
	}
	return strings.Join(lines, "\n"), changes
}
