package markdown

import "strings"

// next reads a line, without its line feed.
func (s state) next(line string) (state, lineFacts) {
	c := cursor{line: line}
	f := lineFacts{matched: c.match(s.open[:s.depth])}
	f.content = c.pos
	if s.fence.run != "" && f.matched == s.depth {
		return s.nextInFence(c, f)
	}
	if s.html != htmlNone && f.matched == s.depth && !(s.html == htmlTag && c.blank()) {
		return s.nextInHTML(c, f)
	}
	if c.blank() {
		if s.emptyItem && f.matched == s.depth { // an item begins with one blank line at most
			f.matched--
			f.blocks = 1 // to other parsers it may end the list
		}
		s.depth, s.fence, s.table, s.paragraph, s.lastLine, s.afterBlank = f.matched, fence{}, table{}, false, "", true
		s.html, s.emptyItem = htmlNone, false
		return s, f
	}
	n := s
	n.fence, n.html, n.depth = fence{}, htmlNone, f.matched
	n.readContainers(&c, &f, s.paragraph && f.matched == s.depth)
	n.readBlock(c, &f, s)
	f.blocks = countBlocks(s, n, f)
	n.last, n.afterBlank = f.kind, false
	n.emptyItem = f.item && f.content == len(line) && !n.open[n.depth-1].quote
	return n, f
}

// nextInFence reads a line of an open fence.
func (s state) nextInFence(c cursor, f lineFacts) (state, lineFacts) {
	f.kind = kindCode
	rest := c.rest()
	from := len(c.line) - len(rest)
	n := runOf(rest, s.fence.run[0])
	if n >= len(s.fence.run) && c.indent() < 4 {
		after := strings.TrimLeft(rest[n:], " \t")
		if after == "" {
			f.kind, f.minCut = kindFenceEnd, from+n
			s.fence = fence{}
		} else {
			f.minCut = len(c.line) - len(after) + 1
		}
	}
	s.last, s.afterBlank = f.kind, f.kind == kindCode && rest == ""
	return s, f
}

// readContainers opens the containers that begin on the line. interrupts is whether they would end a paragraph that the
// line could continue, for which list items need more.
func (s *state) readContainers(c *cursor, f *lineFacts, interrupts bool) {
	for s.depth < maxDepth {
		if c.atQuote() {
			c.quote()
			s.open[s.depth] = container{quote: true}
			f.quote = true
		} else {
			width := c.item(interrupts)
			if width == 0 {
				return
			}
			s.open[s.depth] = container{width: width, mark: c.mark}
			f.item = true
		}
		s.depth++
		interrupts = false
	}
}

// readBlock reads the line's rest, behind the marks of its containers. was is the state before the line.
func (s *state) readBlock(c cursor, f *lineFacts, was state) {
	fresh := f.item || f.quote
	same := !fresh && f.matched == was.depth
	rest, indent := c.rest(), c.indent()
	from := len(c.line) - len(rest)
	f.kind, f.content = kindText, from
	s.table, s.paragraph, s.lastLine = table{}, false, ""
	switch {
	case indent > 3 && rest != "" && (fresh || !was.paragraph) && !(same && was.table.delimiter != ""):
		f.kind, f.content = kindIndented, c.pos
		return
	case indent > 3:
	case s.opensFence(rest, from, indent, f):
		return
	case s.opensHTML(rest, was.paragraph && !fresh, f):
		return
	case isHeading(rest):
		f.kind = kindHeading
		return
	case same && was.paragraph && isUnderline(rest):
		f.kind, f.underline = kindHeading, true
		return
	case same && was.paragraph && isDelimiter(rest, was.lastLine):
		f.kind, s.table = kindDelimiter, table{was.lastLine, strings.TrimRight(rest, " \t")}
		return
	case isRule(rest):
		f.kind = kindRule
		return
	}
	if same && was.table.delimiter != "" {
		f.kind, s.table = kindRow, was.table
		f.maybeBlock = strings.Trim(rest, "| \t") == "" || isUnderline(rest)
		return
	}
	s.paragraph, s.oneLine, s.lastLine = rest != "", true, strings.TrimRight(rest, " \t")
	if was.paragraph && !fresh {
		f.continues, s.oneLine = true, false
		f.maybeBlock = likeDelimiter(rest)
		s.depth = was.depth // also if the line leaves out the marks of its containers
	}
}

// opensFence reads the first line of a fence, and notes which other line begins like one.
func (s *state) opensFence(rest string, from, indent int, f *lineFacts) bool {
	if rest == "" || rest[0] != '`' && rest[0] != '~' {
		return false
	}
	n := runOf(rest, rest[0])
	if n < 3 {
		return false
	}
	info := rest[n:]
	if i := strings.IndexByte(info, '`'); rest[0] == '`' && i >= 0 {
		f.minCut = from + n + i + 1 // less of it would be a fence
		return false
	}
	if n > s.maxFence {
		f.longFence = true
		return false
	}
	f.kind, f.minCut = kindFenceStart, from+n
	s.fence = fence{run: rest[:n], indent: indent, info: strings.Trim(info, " \t")}
	return true
}

// opensHTML reads the first line of an HTML block. interrupts is whether it would end a paragraph.
func (s *state) opensHTML(rest string, interrupts bool, f *lineFacts) bool {
	kind := htmlStart(rest, interrupts)
	if kind == htmlNone {
		return false
	}
	f.kind = kindHTML
	s.html = kind
	if kind != htmlTag && htmlEnd[kind].MatchString(rest) {
		s.html = htmlNone
	}
	return true
}

// nextInHTML reads a line of an open HTML block.
func (s state) nextInHTML(c cursor, f lineFacts) (state, lineFacts) {
	f.kind, f.continues = kindHTML, true
	s.last, s.afterBlank = kindHTML, c.blank()
	if s.html != htmlTag && htmlEnd[s.html].MatchString(c.rest()) {
		s.html = htmlNone
	}
	return s, f
}
