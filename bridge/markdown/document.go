package markdown

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// MinLimit is the lowest limit of Split. It has room for what is repeated at both ends of a part, and for some text
// between.
const MinLimit = 512

// document is a text that is split, and how long its parts may be.
type document struct {
	text  string
	limit int // in UTF-16 code units
	// together are pieces that are not cut, since they fit into a part: code spans, links and emphasized words.
	together spans
	// lineFrom and lineTo are the bounds of the line that was looked up last.
	lineFrom, lineTo int
}

// newDocument cleans a text and takes off the white space at its end.
func newDocument(text string, limit int) *document {
	text = strings.TrimRight(clean(text), " \t\n")
	together := slices.DeleteFunc(readCode(text).whole, func(s span) bool { return units(text[s.from:s.to]) > limit })
	return &document{text: text, limit: limit, together: together, lineTo: -1}
}

// clean makes a text valid for JSON and for a parser of Markdown, which know no broken characters, and makes a line feed
// of every line end (https://spec.commonmark.org/0.31.2/#characters-and-lines).
func clean(text string) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	if strings.ContainsAny(text, "\r\x00") {
		text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\uFFFD").Replace(text)
	}
	return text
}

// lineEnd returns where the line ends that p is in. A line may be as long as the text, so none is searched twice.
func (d *document) lineEnd(p int) int {
	if p < d.lineFrom || p > d.lineTo {
		d.lineFrom, d.lineTo = p, len(d.text)
		if i := strings.IndexByte(d.text[p:], '\n'); i >= 0 {
			d.lineTo = p + i
		}
	}
	return d.lineTo
}

// line returns the line from p on, or, if that isn't the whole line, more of it than a part can hold.
func (d *document) line(p int) (line string, whole bool) {
	line = d.text[p:d.lineEnd(p)]
	if long := 4 * d.limit; len(line) > long {
		return line[:long], false
	}
	return line, true
}

// maxFence is the length of the longest fence that is followed: a part must have room for two of them.
func (d *document) maxFence() int { return min(64, d.limit/16) }

// maxSuffix is the greatest length of what closes a part. A list item indents it by at most 17 columns: 3 before its
// mark, 10 for that and 4 after it.
func (d *document) maxSuffix() int { return 1 + maxDepth*17 + d.maxFence() }
