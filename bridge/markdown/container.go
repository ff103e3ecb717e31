package markdown

import (
	"slices"
	"strings"
)

// maxDepth bounds the nesting of quotes and list items that is followed. What is deeper is text.
const maxDepth = 8

// container is a block that holds other blocks: a quote, or a list item whose text begins width columns to the right.
type container struct {
	quote bool
	width int
	// mark is the last character of the list item's mark. Items with another one are in another list.
	mark byte
}

// linePrefix is what a line in the containers begins with: the marks of quotes and, if indent, the indentation of items.
func linePrefix(open []container, indent bool) string {
	var out strings.Builder
	for _, o := range open {
		switch {
		case o.quote:
			out.WriteString("> ")
		case indent:
			out.WriteString(strings.Repeat(" ", o.width))
		}
	}
	return out.String()
}

// unlessOnlyQuotes returns the containers, or nil if they are nothing but quotes.
func unlessOnlyQuotes(open []container) []container {
	if slices.ContainsFunc(open, func(o container) bool { return !o.quote }) {
		return open
	}
	return nil
}

// markChange is what a line begins with in the document, and in a part.
type markChange struct{ from, to string }

// stripMarks takes the indentation of the held list items off a line. It returns the held containers that the line is
// in: a line without the mark of one ends it.
func stripMarks(line string, held []container) (string, markChange, []container) {
	c := cursor{line: line}
	held = unlessOnlyQuotes(held[:c.match(held)])
	if held == nil {
		return line, markChange{}, nil
	}
	rest := line[c.pos:]
	m := markChange{from: line[:c.pos], to: linePrefix(held, false) + strings.Repeat(" ", c.spare)}
	if rest == "" {
		m.to = strings.TrimRight(m.to, " ")
	}
	return m.to + rest, m, held
}

// cursor reads the beginning of a line: white space, in which a tab reaches to the next multiple of four columns, and
// the marks of containers.
type cursor struct {
	line string
	pos  int
	col  int
	// spare is how many columns of the tab before pos are still to be read.
	spare int
	// mark is the last character of the list item's mark that was read last.
	mark byte
}

// match reads the marks of containers, and returns how many of them the line is in.
func (c *cursor) match(open []container) int {
	for i, o := range open {
		switch {
		case o.quote && c.atQuote():
			c.quote()
		case !o.quote && c.blank():
		case !o.quote && c.indent() >= o.width:
			c.skip(o.width)
		default:
			return i
		}
	}
	return len(open)
}

// atQuote is whether the mark of a quote comes next, indented by no more than three columns: four would be code.
func (c *cursor) atQuote() bool { return strings.HasPrefix(c.rest(), ">") && c.indent() < 4 }

// quote reads the mark of a quote.
func (c *cursor) quote() {
	c.readMark(1)
	c.skip(min(1, c.indent()))
}

// item reads the mark of a list item and returns how far its text is indented, 0 if there is none. An item that
// interrupts a paragraph must have text, and begin with 1 if it is numbered
// (https://spec.commonmark.org/0.31.2/#list-items).
func (c *cursor) item(interrupts bool) int {
	rest, indent := c.rest(), c.indent()
	if indent > 3 || rest == "" || isRule(rest) {
		return 0
	}
	n := itemMark(rest)
	if n == 0 || n < len(rest) && rest[n] != ' ' && rest[n] != '\t' {
		return 0
	}
	empty := strings.TrimLeft(rest[n:], " \t") == ""
	if interrupts && (empty || n > 1 && rest[:n-1] != "1") {
		return 0
	}
	c.mark = rest[n-1]
	c.readMark(n)
	gap := c.indent()
	if gap > 4 || empty {
		gap = 1 // the rest of the white space is code, or nothing
	}
	c.skip(gap)
	return indent + n + gap
}

// readMark reads the white space before a mark, and the n bytes of that.
func (c *cursor) readMark(n int) {
	c.skip(c.indent())
	c.pos += n
	c.col += n
	c.spare = 0
}

// indent is how many columns of white space come next.
func (c *cursor) indent() int {
	col := c.col
	for i := c.pos; i < len(c.line); i++ {
		switch c.line[i] {
		case ' ':
			col++
		case '\t':
			col += 4 - col%4
		default:
			return c.spare + col - c.col
		}
	}
	return c.spare + col - c.col
}

// skip reads that many columns of white space.
func (c *cursor) skip(columns int) {
	used := min(columns, c.spare)
	c.spare -= used
	columns -= used
	for columns > 0 && c.pos < len(c.line) {
		width := 1
		if c.line[c.pos] == '\t' {
			width = 4 - c.col%4
		}
		c.pos++
		c.col += width
		c.spare = max(0, width-columns)
		columns -= width
	}
}

// rest is what comes after the white space.
func (c *cursor) rest() string { return strings.TrimLeft(c.line[c.pos:], " \t") }

func (c *cursor) blank() bool { return c.rest() == "" }
