package markdown

import "strings"

// maxDepth bounds the nesting of quotes and list items that is followed. What is deeper is text.
const maxDepth = 8

// kind is what a line is.
type kind uint8

const (
	blank     kind = iota
	plain          // a paragraph, indented code, HTML: anything without rules of its own
	heading        // also the underline of one
	rule           // a thematic break
	opener         // of a fence
	code           // in a fence
	closer         // of a fence
	delimiter      // between the head of a table and its rows
	row            // of a table, below the delimiter
)

// container is what other blocks stand in: a quote, or a list item whose text begins width columns to the right.
type container struct {
	quote bool
	width int
}

// fence is a block of code that is open; none is when its run is empty.
type fence struct {
	run    string
	indent int
	info   string
}

// table is one whose delimiter was seen; none is when that is empty.
type table struct{ head, delimiter string }

// state is what a Markdown parser knows between two lines, as far as it matters for where a text may be cut
// (https://spec.commonmark.org/0.31.2/#phase-1-block-structure, https://github.github.com/gfm/#tables-extension-).
// It is a value: next leaves the one it is called on as it was.
type state struct {
	maxRun int // longer fences aren't taken for fences: their closers wouldn't fit
	open   [maxDepth]container
	depth  int
	fence  fence
	table  table
	// paragraph is whether one is open, so that the next line may continue it; above is its last line.
	paragraph bool
	above     string
	// last is what the last line was that wasn't blank, gap whether a blank one came after it.
	last kind
	gap  bool
}

// facts are what is known of one line.
type facts struct {
	kind kind
	// matched is how many of the open containers the line is in.
	matched int
	// item and quote are whether it begins one.
	item, quote bool
	// continues is whether it goes on with the paragraph above it.
	continues bool
	// minCut is the first byte at which the line may be cut without becoming something else.
	minCut int
	// underline is whether it makes a heading of the line above it.
	underline bool
	// overlong is whether it would open a fence, but for the length of its run.
	overlong bool
}

// next reads a line, which comes without its line feed.
func (s state) next(line string) (state, facts) {
	c := cursor{line: line}
	f := facts{matched: c.match(s.open[:s.depth])}
	if s.fence.run != "" && f.matched == s.depth {
		return s.fenced(c, f)
	}
	if c.blank() {
		s.depth, s.fence, s.table, s.paragraph, s.above, s.gap = f.matched, fence{}, table{}, false, "", true
		return s, f
	}
	n := s
	n.fence, n.depth = fence{}, f.matched
	n.contain(&c, &f, s.paragraph && f.matched == s.depth)
	n.leaf(c, &f, s)
	n.last, n.gap = f.kind, false
	return n, f
}

// fenced reads a line of an open fence.
func (s state) fenced(c cursor, f facts) (state, facts) {
	f.kind = code
	rest := c.rest()
	from := len(c.line) - len(rest)
	n := runOf(rest, s.fence.run[0])
	if n >= len(s.fence.run) && c.indent() < 4 {
		after := strings.TrimLeft(rest[n:], " \t")
		if after == "" {
			f.kind, f.minCut = closer, from+n
			s.fence = fence{}
		} else {
			f.minCut = len(c.line) - len(after) + 1
		}
	}
	s.last, s.gap = f.kind, f.kind == code && rest == ""
	return s, f
}

// contain opens the containers that begin on the line. interrupts is whether they would end a paragraph that the line
// could continue, for which list items need more.
func (s *state) contain(c *cursor, f *facts, interrupts bool) {
	for s.depth < maxDepth {
		if c.ahead(">") {
			c.marker(1)
			c.skip(min(1, c.indent()))
			s.open[s.depth] = container{quote: true}
			f.quote = true
		} else {
			width := c.item(interrupts)
			if width == 0 {
				return
			}
			s.open[s.depth] = container{width: width}
			f.item = true
		}
		s.depth++
		interrupts = false
	}
}

// leaf reads what stands in the containers; was is the state before the line.
func (s *state) leaf(c cursor, f *facts, was state) {
	fresh := f.item || f.quote
	same := !fresh && f.matched == was.depth
	rest, indent := c.rest(), c.indent()
	from := len(c.line) - len(rest)
	f.kind = plain
	s.table, s.paragraph, s.above = table{}, false, ""
	switch {
	case indent > 3 && (!was.paragraph || fresh):
		return // indented code
	case indent > 3:
	case s.opens(rest, from, indent, f):
		return
	case isHeading(rest):
		f.kind = heading
		return
	case same && was.paragraph && isUnderline(rest):
		f.kind, f.underline = heading, true
		return
	case same && was.paragraph && isDelimiter(rest, was.above):
		f.kind, s.table = delimiter, table{was.above, strings.TrimRight(rest, " \t")}
		return
	case isRule(rest):
		f.kind = rule
		return
	}
	if same && was.table.delimiter != "" {
		f.kind, s.table = row, was.table
		return
	}
	s.paragraph, s.above = rest != "", strings.TrimRight(rest, " \t")
	if was.paragraph && !fresh {
		f.continues = true
		s.depth = was.depth // also when the line leaves out the marks of its containers
	}
}

// opens reads the first line of a fence, and notes what else begins like one.
func (s *state) opens(rest string, from, indent int, f *facts) bool {
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
	if n > s.maxRun {
		f.overlong = true
		return false
	}
	f.kind, f.minCut = opener, from+n
	s.fence = fence{run: rest[:n], indent: indent, info: strings.Trim(info, " \t")}
	return true
}

func runOf(s string, c byte) int {
	n := 0
	for n < len(s) && s[n] == c {
		n++
	}
	return n
}

func isHeading(s string) bool {
	n := runOf(s, '#')
	return n > 0 && n < 7 && (n == len(s) || s[n] == ' ' || s[n] == '\t')
}

func isUnderline(s string) bool {
	return s != "" && (s[0] == '=' || s[0] == '-') && strings.TrimRight(s[runOf(s, s[0]):], " \t") == ""
}

func isRule(s string) bool {
	if s == "" || strings.IndexByte("-_*", s[0]) < 0 {
		return false
	}
	n := 0
	for i := range len(s) {
		switch s[i] {
		case s[0]:
			n++
		case ' ', '\t':
		default:
			return false
		}
	}
	return n > 2
}

// isDelimiter is whether s makes a table of the line above it: as many cells, of hyphens and colons.
func isDelimiter(s, above string) bool {
	if strings.IndexByte(s, '-') < 0 || strings.IndexByte(s+above, '|') < 0 || strings.Trim(s, "|:- \t") != "" {
		return false
	}
	return cells(s) == cells(above)
}

// cells counts the cells of a table's row.
func cells(s string) int {
	s = strings.Trim(s, " \t")
	n := 1
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '|' && i > 0 && i < len(s)-1:
			n++
		}
	}
	return n
}
