package markdown

import (
	"slices"
	"strings"
)

// span is a piece of a text, in bytes.
type span struct{ from, to int }

// spans are pieces of a text in their order.
type spans []span

// has is whether byte i is in one of the spans. Their first bytes aren't, if inner: a cut there leaves them whole.
func (s spans) has(i int, inner bool) bool {
	at, found := slices.BinarySearchFunc(s, i, func(p span, i int) int { return p.from - i })
	return found && !inner || at > 0 && i < s[at-1].to
}

// codeReader finds the code of a text, as CommonMark has it: code spans, fences and indented code. Where parsers are
// known to disagree, it takes code for text.
type codeReader struct {
	text string
	// code is code without the marks around it, whole are code spans with them, and links.
	code, whole spans
	// definitions are the definitions of links, by their label. onlyDefinitions is whether there is nothing else.
	definitions     map[string]string
	onlyDefinitions bool
	// lines are those of the open paragraph, without the marks of its containers.
	lines []span
	// disputed is whether parsers disagree on whether it is a table, until a blank line comes.
	disputed bool
}

// readCode reads a text that clean has cleaned.
func readCode(text string) *codeReader {
	r := &codeReader{text: text, definitions: map[string]string{}, onlyDefinitions: true}
	st := state{maxFence: len(text)}
	for from := 0; from <= len(text); {
		end := len(text)
		if i := strings.IndexByte(text[from:], '\n'); i >= 0 {
			end = from + i
		}
		after, f := st.next(text[from:end])
		r.line(after, f, span{from + f.content, end})
		st, from = after, end+1
	}
	r.endParagraph()
	return r
}

// line reads a line, of which content is the text behind the marks of its containers.
func (r *codeReader) line(after state, f lineFacts, content span) {
	if !f.continues && f.kind != kindDelimiter && !f.underline {
		r.endParagraph()
	}
	r.disputed = r.disputed && f.kind != kindBlank
	r.onlyDefinitions = r.onlyDefinitions && (f.kind == kindBlank || f.kind == kindText)
	switch {
	case after.depth == maxDepth: // there may be blocks in it that are not followed
		r.lines = nil
	case f.kind == kindIndented && (r.disputed || f.item): // parsers count the columns behind a mark differently
	case f.kind == kindCode, f.kind == kindIndented:
		r.code = append(r.code, content)
	case f.kind == kindText && after.paragraph:
		r.lines = append(r.lines, content)
		r.disputed = r.disputed || likeDelimiter(r.text[content.from:content.to])
	case f.kind == kindHeading && !f.underline:
		r.lines = append(r.lines, content)
		r.endParagraph()
	case f.kind == kindDelimiter && len(r.lines) > 0: // the line above was no paragraph
		head := r.lines[len(r.lines)-1]
		r.lines = r.lines[:len(r.lines)-1]
		r.endParagraph()
		r.row(head)
	case f.kind == kindRow:
		r.row(content)
	default:
		r.endParagraph()
	}
}

// row reads the cells of a table's row, each of which is a text of its own.
func (r *codeReader) row(line span) {
	from := line.from
	for i := line.from; i < line.to; i++ {
		switch r.text[i] {
		case '\\':
			i++
		case '|':
			r.lines = append(r.lines, span{from, i})
			r.endParagraph()
			from = i + 1
		}
	}
	r.lines = append(r.lines, span{from, line.to})
	r.endParagraph()
}

// endParagraph reads the lines of a paragraph, of a heading or of a cell.
func (r *codeReader) endParagraph() {
	lines := r.lines
	r.lines = r.lines[:0]
	if r.disputed || len(lines) == 0 {
		r.onlyDefinitions = r.onlyDefinitions && !r.disputed
		return
	}
	var joined strings.Builder
	for i, l := range lines {
		if i > 0 {
			joined.WriteByte('\n')
		}
		joined.WriteString(r.text[l.from:l.to])
	}
	in := inlineReader{text: joined.String()}
	in.read()
	r.onlyDefinitions = r.onlyDefinitions && in.only
	for label, source := range in.definitions {
		if r.definitions[label] == "" {
			r.definitions[label] = source
		}
	}
	r.code = append(r.code, inLines(in.code, lines)...)
	for _, s := range in.whole {
		if at := inLines(spans{s}, lines); len(at) > 0 {
			r.whole = append(r.whole, span{at[0].from, at[len(at)-1].to})
		}
	}
}

// inLines is where spans of joined lines are in the text.
func inLines(in spans, lines []span) spans {
	var out spans
	at, i := 0, 0 // line i begins at byte at of the joined lines
	for _, s := range in {
		for i < len(lines) && at+lines[i].to-lines[i].from < s.from {
			at += lines[i].to - lines[i].from + 1
			i++
		}
		for j, start := i, at; j < len(lines) && start < s.to; j++ {
			length := lines[j].to - lines[j].from
			from, to := max(s.from-start, 0), min(s.to-start, length)
			if from < to {
				out = append(out, span{lines[j].from + from, lines[j].from + to})
			}
			start += length + 1
		}
	}
	return out
}
