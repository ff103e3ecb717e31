package markdown

import "strings"

// lineKind is what a line is.
type lineKind uint8

const (
	kindBlank      lineKind = iota
	kindText                // a paragraph, or anything else without rules of its own
	kindIndented            // indented code
	kindHTML                // a line of an HTML block
	kindHeading             // also the underline of one
	kindRule                // a thematic break
	kindFenceStart          // the line that opens a fence
	kindCode                // a line in a fence
	kindFenceEnd            // the line that closes a fence
	kindDelimiter           // between the head of a table and its rows
	kindRow                 // a row of a table, below the delimiter
)

// fence is an open block of code. Its run of backticks or tildes is empty if there is none.
type fence struct {
	run    string
	indent int
	info   string
}

// table is a table whose delimiter was read. The delimiter is empty if there is none.
type table struct{ head, delimiter string }

// state is what a Markdown parser knows between two lines, as far as it matters for where a text may be cut
// (https://spec.commonmark.org/0.31.2/#phase-1-block-structure, https://github.github.com/gfm/#tables-extension-).
// It is a value: next leaves the one it is called on as it was.
type state struct {
	maxFence int // a longer fence isn't followed, since a part has no room for what closes it
	open     [maxDepth]container
	depth    int
	fence    fence
	table    table
	html     html
	// paragraph is whether one is open, so that the next line may continue it; lastLine is its last line.
	// oneLine is whether it has one line.
	paragraph, oneLine bool
	lastLine           string
	// last is the kind of the last line that wasn't blank, afterBlank is whether a blank one came after it.
	last       lineKind
	afterBlank bool
}

// lineFacts are what is known of one line.
type lineFacts struct {
	kind lineKind
	// matched is how many of the open containers the line is in.
	matched int
	// item and quote are whether it begins one.
	item, quote bool
	// content is the byte at which the line's own text begins, behind the marks of its containers.
	content int
	// continues is whether it continues the paragraph above it.
	continues bool
	// blocks is how many rendered blocks begin on it at most, as countBlocks says.
	blocks int
	// minCut is the first byte at which the line may be cut without becoming something else.
	minCut int
	// underline is whether it makes a heading of the line above it.
	underline bool
	// longFence is whether it would open a fence, but for the length of its run.
	longFence bool
}

// suffix is what closes the open fence, empty if there is none.
func (s state) suffix() string {
	if s.fence.run == "" {
		return ""
	}
	return "\n" + linePrefix(s.open[:s.depth], true) + s.fence.run
}

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
		s.depth, s.fence, s.table, s.paragraph, s.lastLine, s.afterBlank = f.matched, fence{}, table{}, false, "", true
		s.html = htmlNone
		return s, f
	}
	n := s
	n.fence, n.html, n.depth = fence{}, htmlNone, f.matched
	n.readContainers(&c, &f, s.paragraph && f.matched == s.depth)
	n.readBlock(c, &f, s)
	f.blocks = countBlocks(s, n, f)
	n.last, n.afterBlank = f.kind, false
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
	case indent > 3 && (fresh || !was.paragraph) && !(same && was.table.delimiter != ""):
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
		return
	}
	s.paragraph, s.oneLine, s.lastLine = rest != "", true, strings.TrimRight(rest, " \t")
	if was.paragraph && !fresh {
		f.continues, s.oneLine = true, false
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
