package markdown

import (
	"regexp"
	"slices"
	"strings"
)

// inlineReader finds the code spans and the links in the text of a paragraph
// (https://spec.commonmark.org/0.31.2/#inlines). What binds tighter than a code span, or as tight, is HTML, the target
// of a link, and an address. If a backtick is in one of the last two, parsers disagree on what it is, and the rest is
// read as text.
type inlineReader struct {
	text string
	// code is the inside of code spans, whole are code spans with their backticks, links, and emphasized words.
	code, whole spans
	// definitions are those of links that the text begins with, by their label. only is whether there is nothing else.
	definitions map[string]string
	only        bool
	// runs are the offsets of the runs of backticks of each length, once they were looked up.
	runs map[int][]int
	// lastBacktick is where the last backtick is, -1 if there is none.
	lastBacktick int
	// missing are the ends that were not found behind some place.
	missing map[string]bool
	// open are the marks that may begin a link or emphasis.
	open []openMark
}

// openMark is a mark that was not closed yet.
type openMark struct {
	at   int
	mark string
}

// definition finds the definition of a link at the beginning of a paragraph
// (https://spec.commonmark.org/0.31.2/#link-reference-definitions).
var definition = regexp.MustCompile(`^[ \t]*\[((?:[^\[\]\\]|\\.)+)\]:[ \t]*\n?[ \t]*(<[^<>\n]*>|[^\s<]\S*)` +
	`([ \t]*[ \t\n][ \t]*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\)))?[ \t]*(\n|$)`)

func (r *inlineReader) read() {
	if !strings.ContainsAny(r.text, "`[*_~") {
		return
	}
	r.lastBacktick = strings.LastIndexByte(r.text, '`')
	i := 0
	for i < len(r.text) && r.text[i] == '[' {
		m := definition.FindStringSubmatchIndex(r.text[i:])
		if m == nil || strings.TrimSpace(r.text[i+m[2]:i+m[3]]) == "" {
			break
		}
		if label := labelOf(r.text[i+m[2] : i+m[3]]); r.definitions[label] == "" {
			if r.definitions == nil {
				r.definitions = map[string]string{}
			}
			r.definitions[label] = strings.Trim(r.text[i:i+m[1]], " \t\n")
		}
		i += m[1]
	}
	r.only = i > 0 && strings.TrimSpace(r.text[i:]) == ""
	for i < len(r.text) {
		n := r.token(i)
		if n == 0 {
			break
		}
		i += n
	}
	slices.SortFunc(r.whole, func(a, b span) int { return a.from - b.from })
	r.whole = outermost(r.whole)
}

// token reads what is at byte i and returns its length, 0 if the rest is to be read as text.
func (r *inlineReader) token(i int) int {
	rest := r.text[i:]
	switch rest[0] {
	case '\\':
		return min(2, len(rest))
	case '`':
		return r.codeSpan(i)
	case '<':
		return max(1, r.tag(rest))
	case '[':
		r.open = append(r.open, openMark{i, "["})
	case ']':
		return r.linkEnd(i)
	case '*', '_', '~':
		return r.emphasis(i)
	case ':', 'w', 'W':
		return bareAddress(rest)
	}
	return 1
}

// codeSpan reads a run of backticks, and the code up to the next run of the same length if there is one.
func (r *inlineReader) codeSpan(i int) int {
	n := runOf(r.text[i:], '`')
	if r.runs == nil {
		r.runs = map[int][]int{}
		for at := 0; at < len(r.text); at++ {
			if length := runOf(r.text[at:], '`'); length > 0 {
				r.runs[length] = append(r.runs[length], at)
				at += length
			}
		}
	}
	same := r.runs[n]
	at, _ := slices.BinarySearch(same, i+n)
	if at == len(same) {
		return n
	}
	r.code = append(r.code, span{i + n, same[at]})
	r.whole = append(r.whole, span{i, same[at] + n})
	return same[at] + n - i
}

// tag is the length of the HTML or of the address in angle brackets that s begins with, 0 if there is neither.
func (r *inlineReader) tag(s string) int {
	for _, m := range [...]struct{ start, end string }{
		{"<!-->", ""}, {"<!--->", ""}, {"<!--", "-->"}, {"<?", "?>"}, {"<![CDATA[", "]]>"}, {"<!", ">"},
	} {
		rest, ok := strings.CutPrefix(s, m.start)
		if !ok || m.start == "<!" && (rest == "" || !isLetter(rest[0]) || mentions(s, 1)) {
			continue
		}
		if r.missing[m.end] {
			return 0
		}
		if i := strings.Index(rest, m.end); i >= 0 {
			return len(m.start) + i + len(m.end)
		}
		if r.missing == nil {
			r.missing = map[string]bool{}
		}
		r.missing[m.end] = true
		return 0
	}
	return len(inlineTag.FindString(s))
}

// linkEnd reads the bracket at the end of a link's words, and the target behind it.
func (r *inlineReader) linkEnd(i int) int {
	n := 1
	switch rest := r.text[i+1:]; {
	case strings.HasPrefix(rest, "("):
		target, ok := r.linkTarget(i + n)
		if !ok {
			return 0
		}
		n += target
	case strings.HasPrefix(rest, "["):
		label, _, closed := strings.Cut(rest, "]")
		if closed && strings.Contains(label, "`") {
			return 0
		}
		if closed {
			r.close(i+n+len(label)+2, "[")
		}
		return n
	}
	r.close(i+n, "[")
	return n
}

// maxParentheses bounds how deep parentheses nest in a target
// (https://github.com/commonmark/cmark/blob/0.31.1/src/inlines.c).
const maxParentheses = 32

// linkTarget is the length of the target, with its parentheses, that byte i begins; 0 if there is none. It is not ok if
// there is a backtick in what may be the target.
func (r *inlineReader) linkTarget(i int) (n int, ok bool) {
	depth := 0
	for at := i; at < len(r.text); at++ {
		switch r.text[at] {
		case '\\':
			at++
		case '(':
			if depth++; depth > maxParentheses {
				return 0, i > r.lastBacktick
			}
		case ')':
			if depth--; depth == 0 {
				return at + 1 - i, true
			}
		case '`':
			return 0, false
		case '"', '\'', '<', '\n': // a title, or no target at all
			return 0, i > r.lastBacktick
		}
	}
	return 0, true
}

// emphasis reads a run of the signs of emphasis. Its pairs only tell where a text had better not be cut, so the rules
// for which of them belong together are not all followed.
func (r *inlineReader) emphasis(i int) int {
	n := runOf(r.text[i:], r.text[i])
	mark := r.text[i : i+n]
	if i > 0 && !isBlank(r.text[i-1]) && r.close(i+n, mark) {
		return n
	}
	if i+n < len(r.text) && !isBlank(r.text[i+n]) {
		r.open = append(r.open, openMark{i, mark})
	}
	return n
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

// maxWhole bounds how long a link or emphasized words are that stay whole, and how far their beginning is looked for.
const maxWhole, maxOpen = 500, 20

// close notes what began with a mark and ends before byte end.
func (r *inlineReader) close(end int, mark string) bool {
	for k := len(r.open) - 1; k >= max(0, len(r.open)-maxOpen); k-- {
		o := r.open[k]
		if o.mark != mark {
			continue
		}
		r.open = r.open[:k]
		if end-o.at <= maxWhole {
			r.whole = append(r.whole, span{o.at, end})
		}
		return true
	}
	return false
}

// bareAddress is the length of the address without angle brackets whose colon or first letter s begins with, 1 if there
// is none, 0 if a backtick is in it.
func bareAddress(s string) int {
	if !strings.HasPrefix(s, "://") && (len(s) < 4 || !strings.EqualFold(s[:4], "www.")) {
		return 1
	}
	end := strings.IndexAny(s, " \t\n<")
	if end < 0 {
		end = len(s)
	}
	if strings.Contains(s[:end], "`") {
		return 0
	}
	return 3
}

// labelOf is the label of a link as it is compared (https://spec.commonmark.org/0.31.2/#matches).
func labelOf(label string) string { return strings.ToLower(strings.Join(strings.Fields(label), " ")) }
