package markdown

import (
	"slices"
	"strings"
)

// guard is put before text at the beginning of a part that would become something else there: WORD JOINER, which
// nobody sees and nothing breaks at (https://www.unicode.org/charts/PDF/U2000.pdf).
const guard = "\u2060"

// resume prepares the part after a cut.
func (s *splitter) resume(c cut) {
	s.end, s.pos = c.end, c.next
	s.prefix, s.held, s.first = "", nil, 0
	n := c.f.matched
	if c.mid {
		n, s.first = c.st.depth, 1
	}
	if c.mid && c.st.fence.run == "" && s.skipLines() {
		return
	}
	quotes := marks(c.st.open[:n], false)
	s.hold(c.held, c.st.open[:n])
	tail := ""
	if c.mid {
		tail = quotes
	}
	switch {
	case c.inFence():
		s.prefix = quotes + strings.Repeat(" ", c.st.fence.indent) + c.st.fence.run
		if units(c.st.fence.info) <= s.limit/8 {
			s.prefix += c.st.fence.info
		}
		s.prefix += "\n"
	case c.inTable():
		head := quotes + c.st.table.head + "\n" + quotes + c.st.table.delimiter + "\n"
		if units(head) <= s.limit/4 {
			s.prefix = head
		}
	case c.f.continues && !c.mid:
		tail = marks(c.st.open[n:c.st.depth], false)
	}
	if (c.mid || c.f.continues) && c.next < len(s.text) && s.turns(tail) {
		tail += guard
	}
	s.prefix += tail
}

// hold notes the containers around the next part: those around the last one, and in there the open ones, of which the
// first are the quotes of the others.
func (s *splitter) hold(held, open []container) {
	for _, o := range held {
		if o.quote && len(open) > 0 {
			open = open[1:]
		}
	}
	s.held = withItems(slices.Concat(held, open))
}

// skipLines goes on to the next line that isn't blank if nothing is left of this one.
func (s *splitter) skipLines() bool {
	rest := s.text[s.pos:]
	if rest == "" || rest[0] != '\n' {
		return false
	}
	blank := rest[:len(rest)-len(strings.TrimLeft(rest, " \t\n"))]
	s.pos += strings.LastIndexByte(blank, '\n') + 1
	s.first = 0
	return true
}

// inFence is whether a fence goes on after the cut.
func (c cut) inFence() bool {
	return c.st.fence.run != "" && (c.mid || c.f.kind == code || c.f.kind == closer)
}

// inTable is whether rows of a table follow.
func (c cut) inTable() bool {
	return c.st.table.delimiter != "" && (c.mid && c.st.last == row || c.f.kind == row)
}

// turns is whether what comes next would be something else than text if it stood after tail.
func (s *splitter) turns(tail string) bool {
	st, _ := s.fed()
	want, asText := st.next(tail + "x")
	got, f := st.next(tail + s.firstLine())
	return f.kind != asText.kind || got.depth != want.depth || got.paragraph != want.paragraph
}
