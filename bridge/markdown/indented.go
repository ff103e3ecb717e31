package markdown

import "strings"

// indentedBlock is a block of indented code: its lines in the text, the blank ones between them included, and the
// containers they are in.
type indentedBlock struct {
	span
	open []container
	// inItem is whether a list item begins with it. Parsers count the columns behind the mark differently.
	inItem bool
}

// fenceIndented makes fences of the indented code in a neutralized text that might have to be cut. The blank lines at
// both ends of indented code don't belong to it (https://spec.commonmark.org/0.31.2/#indented-code-blocks), and the rest
// of a line would be text.
func fenceIndented(text string, limit int) string {
	limit = max(limit, MinLimit)
	if len(text) <= limit {
		return text
	}
	var out strings.Builder
	done := 0
	for _, b := range readCode(text).indented {
		if b.to-b.from > limit/8 && !b.inItem {
			out.WriteString(text[done:b.from] + fenced(text[b.from:b.to], b.open, limit))
			done = b.to
		}
	}
	return out.String() + text[done:]
}

// fenced returns lines of indented code in a fence, unless that would be too long to be followed.
func fenced(lines string, open []container, limit int) string {
	run := "```"
	for strings.Contains(lines, run) {
		if run += "`"; len(run) > limit/32 {
			return lines
		}
	}
	marks := linePrefix(open, true)
	var out strings.Builder
	out.WriteString(marks + run + "\n")
	for line := range strings.SplitSeq(lines, "\n") {
		c := cursor{line: line}
		for _, o := range open {
			if o.quote {
				c.quote()
			} else {
				c.skip(o.width)
			}
		}
		c.skip(4)
		if code := strings.Repeat(" ", c.spare) + line[c.pos:]; code != "" {
			out.WriteString(marks + code + "\n")
		} else {
			out.WriteString(strings.TrimRight(marks, " ") + "\n")
		}
	}
	return out.String() + marks + run
}
