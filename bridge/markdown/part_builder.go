package markdown

import (
	"strings"
	"unicode/utf8"
)

// window is the text that could be in a part. It reads line after line, as they would stand in the part, until the part
// is full, and notes the best cuts.
type window struct {
	opening
	progress
	// budget is how long the part's prefix and text may be, prefixSize is how long the prefix is.
	budget, prefixSize int
	// best is the last cut of each rank.
	best [ranks]cut

	// state is the state before the current line, which begins at lineStart in the document.
	state     state
	lineStart int
	// line is the current line as it stands in the part, from byte textStart on with the document's text. Before that
	// there is what mark or the prefix put there. whole is false if line is only its beginning.
	line      string
	textStart int
	whole     bool
	mark      markChange
	// within are the held containers that the current line is in.
	within []container
	// number is the number of the current line in the part's text, blanks are the blank lines put before such lines.
	number int
	blanks map[int]string
}

// progress is how far a part is filled.
type progress struct {
	// size is its length, prefix included, up to kept. That is where the last line ends in the document that isn't
	// blank. blank is the length of the white space after it.
	size, kept, blank int
	// hasText is whether there is anything that people see.
	hasText bool
	// blocks is how many rendered blocks it has at most.
	blocks int
	// suffix closes what is open at kept. A blank line after that may close it too, but is left out.
	suffix string
}

// findCut returns where the part ends.
func findCut(o opening) cut {
	c := newWindow(o, o.limit).cut()
	if !c.ok { // at none of the noted places was there room for the suffix
		c = newWindow(o, o.limit-o.maxSuffix()).cut()
	}
	if !c.ok || c.next <= o.pos { // not known to happen, but it would be an endless loop
		_, size := utf8.DecodeRuneInString(o.text[o.pos:])
		c = cut{end: o.pos + size, next: o.pos + size}
	}
	return c
}

func newWindow(o opening, budget int) *window {
	w := &window{opening: o, budget: budget, lineStart: o.pos, within: o.held}
	st, head := o.afterPrefix()
	w.state = st
	w.kept = o.pos
	w.prefixSize = units(o.prefix)
	w.size = w.prefixSize - units(head)
	if st.suffix() != "" || st.table.delimiter != "" {
		w.blocks = 1
	}
	w.load(head)
	return w
}

// load reads the line at lineStart, which comes after head.
func (w *window) load(head string) {
	line, whole := w.document.line(w.lineStart)
	w.mark = markChange{}
	if w.lineStart > w.pos || w.firstHeld == 0 {
		was := len(w.within)
		line, w.mark, w.within = stripMarks(line, w.within)
		if len(w.within) < was {
			w.separate(line)
		}
	}
	w.line, w.textStart, w.whole = head+line, len(head)+len(w.mark.to), whole
}

// separate puts a blank line before a line that leaves a held list item, if it would be read as a part of the paragraph
// above it, which was in that item.
func (w *window) separate(line string) {
	alone := w.state
	alone.paragraph, alone.lastLine = false, ""
	_, want := alone.next(line)
	_, got := w.state.next(line)
	lazy := want.kind == kindText && !want.item && !want.quote
	if !w.state.paragraph || lazy || got.kind == want.kind && got.item == want.item && got.underline == want.underline {
		return
	}
	if w.blanks == nil {
		w.blanks = map[int]string{}
	}
	blank := strings.TrimRight(linePrefix(w.state.open[:got.matched], false), " ")
	w.blanks[w.number] = blank + "\n"
	w.blank += units(blank) + 1
	w.state, _ = w.state.next(blank)
}

// offset is where byte i of the line is in the document.
func (w *window) offset(i int) int { return w.lineStart + len(w.mark.from) + i - w.textStart }

// cut fills the part and returns the best place for its end.
func (w *window) cut() cut {
	for {
		after, f := w.state.next(w.line)
		if w.lineStart > w.pos {
			w.noteBeforeLine(f)
			if f.longFence { // the next part begins with what protects it
				return w.anyCut()
			}
			if c := w.fullCut(f); c.ok {
				return c
			}
		}
		w.noteBeforeSpan(f)
		before := w.progress
		w.blocks += f.blocks
		if !w.add(after, f) {
			return w.choose()
		}
		end := w.lineEnd(w.lineStart)
		if end == len(w.text) {
			if w.fits(w.size, w.suffix) {
				return cut{ok: true, end: end, next: end, suffix: w.suffix, blanks: w.blanks}
			}
			w.progress = before
			return w.choose()
		}
		w.state, w.lineStart = after, end+1
		w.number++
		w.load("")
	}
}

// add takes the line, of which f is known, into the part, unless that makes it too long. after is the state then.
func (w *window) add(after state, f lineFacts) bool {
	text := w.line
	if after.fence.run == "" {
		text = strings.TrimRight(text, " \t")
		if text == "" {
			w.blank += w.lineFeed() + units(w.line)
			return w.whole
		}
	}
	size := w.size + w.blank + w.lineFeed() + units(text)
	if size > w.budget || !w.whole {
		return false
	}
	trimmed := len(w.line) - len(text)
	w.size, w.blank = size, trimmed
	w.kept = w.lineEnd(w.lineStart) - trimmed
	if f.kind != kindCode || w.suffix == "" { // code leaves its fence as it is
		w.suffix = after.suffix()
	}
	w.hasText = w.hasText || f.item || f.kind != kindFenceStart && f.content < len(text)
	return true
}

// lineFeed is the length of the line feed before the line.
func (w *window) lineFeed() int {
	if w.lineStart > w.pos {
		return 1
	}
	return 0
}

// fits is whether a part of that size may end with that suffix.
func (w *window) fits(size int, suffix string) bool {
	return size <= w.budget && size+units(suffix) <= w.limit
}

// choose returns the best cut when the line doesn't fit into the part.
func (w *window) choose() cut {
	if c := w.bestFrom(rankLine); c.ok {
		return c
	}
	w.noteInLine()
	if c := w.bestFrom(rankWord); c.ok {
		return c
	}
	return w.anyCut()
}

// fullCut returns the best cut when the line, of which f is known, would begin more blocks than a part may have.
func (w *window) fullCut(f lineFacts) cut {
	if w.blocks+f.blocks <= MaxBlocks {
		return cut{}
	}
	if c := w.bestFrom(rankLine); c.ok {
		return c
	}
	return w.anyCut()
}

// bestFrom returns the best cut of that rank or a better one that makes the part long enough.
func (w *window) bestFrom(worst rank) cut {
	for r := ranks - 1; r >= worst; r-- {
		if c := w.best[r]; c.ok && r.enough(c, w.limit) {
			return c
		}
	}
	return cut{}
}

// anyCut returns the best cut, however short it makes the part.
func (w *window) anyCut() cut {
	for r := ranks - 1; r >= 0; r-- {
		if w.best[r].ok {
			return w.best[r]
		}
	}
	return cut{}
}

// noteBeforeLine notes the cut before the line, of which f is known.
func (w *window) noteBeforeLine(f lineFacts) {
	if !w.hasText || !w.fits(w.size, w.suffix) || f.kind == kindBlank && strings.Trim(w.line, " \t") == "" {
		return
	}
	r := rankOf(w.state, f)
	if w.together.uncut(w.lineStart) < w.lineStart {
		r = min(r, rankSpan)
	}
	w.best[r] = cut{
		ok: true, end: w.kept, next: w.lineStart, size: w.size - w.prefixSize, blocks: w.blocks, suffix: w.suffix,
		state: w.state, line: f, held: w.within, blanks: w.blanks,
	}
}

// noteBeforeSpan notes the cut before what begins in the line, of which f is known, goes on in the next one, and stays
// whole.
func (w *window) noteBeforeSpan(f lineFacts) {
	end := w.lineStart + len(w.mark.from) + len(w.line) - w.textStart
	p, ok := w.together.around(end)
	if !ok || p.from < w.lineStart {
		return
	}
	at := len(w.line) - (end - p.from)
	switch {
	case at <= max(w.textStart, f.minCut, f.content):
	case isBlank(w.line[at-1]):
		w.noteAt(rankWord, at)
	default:
		w.noteAt(rankCharacter, at)
	}
}

// uncut is the last place of the line up to byte i at which a cut leaves whole what stays whole, 0 if it isn't behind
// byte from.
func (w *window) uncut(i, from int) int {
	if at := i - (w.offset(i) - w.together.uncut(w.offset(i))); at > from {
		return at
	}
	return 0
}

// noteInLine notes the cuts in the middle of the line. How much of it fits depends on what closes it, which depends on
// where it is cut, so it tries with more room for that each time.
func (w *window) noteInLine() {
	room := w.budget - w.size - w.blank - w.lineFeed()
	reserved := 0
	for range 3 {
		to := prefixOf(w.line, room-reserved)
		_, f := w.state.next(w.line[:to])
		from := max(w.textStart, f.minCut, f.content) // not between the marks of quotes
		if to <= from {
			break
		}
		sentence, word, span := wordBreaks(w.line, from, to, w.isWhole)
		w.noteAt(rankSentence, sentence)
		w.noteAt(rankWord, word)
		w.noteAt(rankSpan, span)
		if w.noteAt(rankCharacter, w.uncut(characterBreak(w.line, from, to), from)) {
			return
		}
		reserved += w.maxSuffix() / 2
	}
	if w.anyCut().ok {
		return
	}
	w.noteAt(rankCharacter, characterBreak(w.line, w.textStart, prefixOf(w.line, room-w.maxSuffix())))
}

// isWhole is whether a cut at byte i of the line would be in something that stays whole.
func (w *window) isWhole(i int) bool { return w.together.uncut(w.offset(i)) < w.offset(i) }

// noteAt notes the cut at byte i of the line, unless the part would hold nothing of the line or be too long.
func (w *window) noteAt(r rank, i int) bool {
	if i <= w.textStart {
		return false
	}
	st, _ := w.state.next(w.line[:i])
	text, next := w.line[:i], w.offset(i)
	if st.fence.run == "" {
		text = strings.TrimRight(text, " \t")
		next += len(w.text[next:]) - len(strings.TrimLeft(w.text[next:], " \t"))
	}
	size := w.size + w.blank + w.lineFeed() + units(text)
	if len(text) <= w.textStart || !w.fits(size, st.suffix()) {
		return false
	}
	w.best[r] = cut{
		ok: true, end: w.offset(len(text)), next: next, size: size - w.prefixSize, blocks: w.blocks, suffix: st.suffix(),
		state: st, midLine: true, held: w.within, blanks: w.blanks,
	}
	return true
}
