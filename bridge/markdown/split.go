package markdown

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// MinLimit is the lowest limit there is: room for what is repeated at both ends of a part, and for some text between.
const MinLimit = 512

// Split cuts a Markdown text into parts of at most limit characters, each of them a text of its own; the package
// comment says where it cuts and what it promises. Characters are UTF-16 code units. A text of nothing but white space
// has no parts.
//
// For Slack's markdown blocks the limit is 12,000, for all of those in a message together
// (https://docs.slack.dev/reference/block-kit/blocks/markdown-block).
func Split(text string, limit int) []string {
	var out []string
	for _, p := range split(text, limit) {
		out = append(out, p.String())
	}
	return out
}

// part is a part and how it came about: the gaps and texts of all parts, with what was taken off lines put on again,
// are the text.
type part struct {
	// gap is the white space of the text that was left out before the part.
	gap string
	// prefix and suffix were added.
	prefix, text, suffix string
	// first is the number of the first line of the text whose marks were replaced, marks are those of that line and of
	// the ones after it.
	first int
	marks []mark
}

// mark is what a line began with, and begins with.
type mark struct{ from, to string }

func (p part) String() string { return p.prefix + p.text + p.suffix }

// split is Split that tells what it did.
func split(text string, limit int) []part {
	s := splitter{text: strings.TrimRight(clean(text), " \t\n"), limit: max(limit, MinLimit), lineTo: -1}
	s.pos = strings.LastIndexByte(s.text[:len(s.text)-len(strings.TrimLeft(s.text, " \t\n"))], '\n') + 1
	var parts []part
	for s.pos < len(s.text) {
		parts = append(parts, s.part())
	}
	return parts
}

// clean makes text valid for JSON and for a parser of Markdown, which know no broken characters, and sees a line feed
// where other systems end their lines otherwise (https://spec.commonmark.org/0.31.2/#characters-and-lines).
func clean(text string) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	if strings.ContainsAny(text, "\r\x00") {
		text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\uFFFD").Replace(text)
	}
	return text
}

// splitter takes one part after the other off a text.
type splitter struct {
	text  string
	limit int
	// end is where the last part ended, pos where the next one begins.
	end, pos int
	// prefix is added to the next part.
	prefix string
	// held are the containers that the part is in and that aren't in it: from its line number first on, lines have only
	// the marks of quotes. Where there are only quotes, nothing is held.
	held  []container
	first int
	// lineFrom and lineTo are the line that was looked for last.
	lineFrom, lineTo int
}

// lineEnd is where the line ends in which p is. Lines may be as long as the text, so that none is searched twice.
func (s *splitter) lineEnd(p int) int {
	if p < s.lineFrom || p > s.lineTo {
		s.lineFrom, s.lineTo = p, len(s.text)
		if i := strings.IndexByte(s.text[p:], '\n'); i >= 0 {
			s.lineTo = p + i
		}
	}
	return s.lineTo
}

// line is the line from p on, or as much of it as can matter.
func (s *splitter) line(p int) (line string, whole bool) {
	line = s.text[p:s.lineEnd(p)]
	if long := 4 * s.limit; len(line) > long {
		return line[:long], false
	}
	return line, true
}

// part takes off the next part.
func (s *splitter) part() part {
	s.begin()
	c, ok := s.window(s.limit).cut()
	if !ok { // what would close the part doesn't fit anywhere
		c, ok = s.window(s.limit - s.maxSuffix()).cut()
	}
	if !ok || c.next <= s.pos { // can't be; but if it were, it must not be for ever
		_, size := utf8.DecodeRuneInString(s.text[s.pos:])
		c = cut{end: s.pos + size, next: s.pos + size}
	}
	p := part{gap: s.text[s.end:s.pos], prefix: s.prefix, suffix: c.suffix, first: s.first}
	p.text, p.marks = s.stripped(s.text[s.pos:c.end])
	s.resume(c)
	return p
}

// begin sees to it that a part doesn't begin with what can't be in it.
func (s *splitter) begin() {
	st, head := s.fed()
	line := s.firstLine()
	if lead := len(line) - len(strings.TrimLeft(line, " \t")); st.fence.run == "" && lead > s.limit/4 {
		s.pos += lead
		s.first = 1
		line = s.firstLine()
	}
	if _, f := st.next(head + line); f.overlong {
		s.prefix += guard
	}
}

// firstLine is the first line of the next part, but for its prefix.
func (s *splitter) firstLine() string {
	line, _ := s.line(s.pos)
	if s.first > 0 {
		return line
	}
	line, _, _ = strip(line, s.held)
	return line
}

// fed is the state after the lines of the prefix, and the beginning of a line at its end.
func (s *splitter) fed() (st state, head string) {
	st.maxRun = s.maxRun()
	for lines := s.prefix; ; {
		line, rest, found := strings.Cut(lines, "\n")
		if !found {
			return st, line
		}
		st, _ = st.next(line)
		lines = rest
	}
}

func (s *splitter) maxRun() int { return min(64, s.limit/16) }

// maxSuffix is the most that suffix can come to: each list item indents by 3 columns before its mark, 10 for that and
// 4 after it.
func (s *splitter) maxSuffix() int { return 1 + maxDepth*17 + s.maxRun() }

// stripped is text, which begins where a part does, as it stands in there, and what that did to its lines.
func (s *splitter) stripped(text string) (string, []mark) {
	if s.held == nil {
		return text, nil
	}
	lines := strings.Split(text, "\n")
	var done []mark
	held := s.held
	for i := s.first; i < len(lines) && held != nil; i++ {
		var m mark
		lines[i], m, held = strip(lines[i], held)
		done = append(done, m)
	}
	return strings.Join(lines, "\n"), done
}

// strip replaces the marks of the containers that are held, and returns those that still are: a line without the mark of
// one ends it.
func strip(line string, held []container) (string, mark, []container) {
	c := cursor{line: line}
	held = withItems(held[:c.match(held)])
	if held == nil {
		return line, mark{}, nil
	}
	rest := line[c.pos:]
	m := mark{line[:c.pos], marks(held, false) + strings.Repeat(" ", c.spare)}
	if rest == "" {
		m.to = strings.TrimRight(m.to, " ")
	}
	return m.to + rest, m, held
}

// withItems is the containers, unless they are nothing but quotes, which a part has itself.
func withItems(open []container) []container {
	if slices.ContainsFunc(open, func(o container) bool { return !o.quote }) {
		return open
	}
	return nil
}

// suffix closes the fence that is open.
func suffix(st state) string {
	if st.fence.run == "" {
		return ""
	}
	return "\n" + marks(st.open[:st.depth], true) + st.fence.run
}

// marks are what the lines of containers begin with: where pad is false, of quotes only.
func marks(open []container, pad bool) string {
	var out strings.Builder
	for _, o := range open {
		switch {
		case o.quote:
			out.WriteString("> ")
		case pad:
			out.WriteString(strings.Repeat(" ", o.width))
		}
	}
	return out.String()
}
