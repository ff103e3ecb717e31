package markdown

import "strings"

// cursor reads the beginning of a line: white space, whose tabs reach to the next multiple of four columns, and the
// marks of containers.
type cursor struct {
	line string
	pos  int
	col  int
	// spare is how many columns of the tab before pos are still to be read.
	spare int
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

// ahead is whether mark comes next, indented by no more than three columns: four would be code.
func (c *cursor) ahead(mark string) bool {
	return strings.HasPrefix(c.rest(), mark) && c.indent() < 4
}

// marker reads the white space and n bytes of a mark.
func (c *cursor) marker(n int) {
	c.skip(c.indent())
	c.pos += n
	c.col += n
	c.spare = 0
}

// match reads the marks of containers, and returns how many of them the line is in.
func (c *cursor) match(open []container) int {
	for i, o := range open {
		switch {
		case o.quote && c.ahead(">"):
			c.marker(1)
			c.skip(min(1, c.indent()))
		case !o.quote && c.blank():
		case !o.quote && c.indent() >= o.width:
			c.skip(o.width)
		default:
			return i
		}
	}
	return len(open)
}

// item reads the mark of a list item and returns how far its text is indented, 0 when there is none. What would
// interrupt a paragraph must have text, and begin with 1 if it is numbered
// (https://spec.commonmark.org/0.31.2/#list-items).
func (c *cursor) item(interrupts bool) int {
	rest, indent := c.rest(), c.indent()
	if indent > 3 || rest == "" || isRule(rest) {
		return 0
	}
	n := markLen(rest)
	if n == 0 || n < len(rest) && rest[n] != ' ' && rest[n] != '\t' {
		return 0
	}
	empty := strings.TrimLeft(rest[n:], " \t") == ""
	if interrupts && (empty || n > 1 && rest[:n-1] != "1") {
		return 0
	}
	c.marker(n)
	gap := c.indent()
	if gap > 4 || empty {
		gap = 1 // the rest of the white space is code, or nothing
	}
	c.skip(gap)
	return indent + n + gap
}

// markLen is the length of a list item's mark.
func markLen(s string) int {
	if strings.IndexByte("-+*", s[0]) >= 0 {
		return 1
	}
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n == 0 || n > 9 || n == len(s) || s[n] != '.' && s[n] != ')' {
		return 0
	}
	return n + 1
}
