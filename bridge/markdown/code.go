package markdown

import (
	"slices"
	"strings"
)

// codeReader finds the code of a text, as CommonMark has it: code spans, fences and indented code. Where parsers are
// known to disagree, it takes code for text.
type codeReader struct {
	text string
	// code is code without the marks around it, whole are code spans with them, and links.
	code, whole spans
	// indented are the blocks of indented code.
	indented []indentedBlock
	// inIndented is whether the last of them goes on.
	inIndented bool
	// definitions are the definitions of links, by their label. onlyDefinitions is whether there is nothing else.
	definitions     map[string]string
	onlyDefinitions bool
	// lines are those of the open paragraph, without the marks of its containers.
	lines []span
	// disputed is whether parsers disagree on what is open, so that all is text. A line without indentation behind a blank
	// one ends that, unless it is lost: a fence or HTML began meanwhile.
	disputed, lost bool
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
		line := text[from:end]
		if st.afterBlank && !r.lost && line != "" && !isBlank(line[0]) {
			r.endParagraph()
			r.disputed = false
		}
		after, f := st.next(line)
		r.disputed = r.disputed || r.isDisputed(line, f) || st.emptyItem && f.kind == kindBlank
		r.lost = r.lost || r.disputed && (f.kind == kindFenceStart || f.kind == kindHTML)
		r.line(after, f, span{from + f.content, end})
		r.indentedLine(after, f, span{from, end})
		st, from = after, end+1
	}
	r.endParagraph()
	return r
}

// indentedLine reads a line for the blocks of indented code.
func (r *codeReader) indentedLine(after state, f lineFacts, line span) {
	switch last := len(r.indented) - 1; {
	case f.kind == kindBlank:
	case f.kind != kindIndented || r.disputed || after.depth == maxDepth:
		r.inIndented = false
	case r.inIndented && !f.quote && !f.item && slices.Equal(after.open[:after.depth], r.indented[last].open):
		r.indented[last].to = line.to
	default:
		r.indented = append(r.indented, indentedBlock{line, slices.Clone(after.open[:after.depth]), f.item})
		r.inIndented = true
	}
}

// isDisputed is whether parsers disagree on what a line opens, of which f is known: how wide a tab is behind the mark of a
// container, whether a tag with a tab in it is HTML, and whether a definition can be underlined.
func (r *codeReader) isDisputed(line string, f lineFacts) bool {
	behind := line[:len(line)-len(strings.TrimLeft(line[f.content:], " \t"))]
	switch {
	case f.kind == kindCode:
		return false
	case f.kind == kindHTML && !f.continues && strings.Contains(line, "\t"),
		f.underline && len(r.lines) > 0 && r.text[r.lines[0].from] == '[':
		return true
	}
	return strings.Contains(strings.TrimLeft(behind, " \t"), "\t")
}

// line reads a line, of which content is the text behind the marks of its containers.
func (r *codeReader) line(after state, f lineFacts, content span) {
	if !f.continues && f.kind != kindDelimiter && !f.underline {
		r.endParagraph()
	}
	r.onlyDefinitions = r.onlyDefinitions && (f.kind == kindBlank || f.kind == kindText)
	switch {
	case after.depth == maxDepth: // there may be blocks in it that are not followed
		r.lines = nil
	case (f.kind == kindCode || f.kind == kindIndented) && r.disputed:
	case f.kind == kindIndented && f.item: // parsers count the columns behind a mark differently
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
	if strings.ContainsAny(joined.String(), "\f\v") { // parsers disagree on which white space they end an address at
		r.onlyDefinitions = false
		return
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
