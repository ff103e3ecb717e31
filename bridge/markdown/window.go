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
}

// progress is how far a part is filled.
type progress struct {
	// size is its length, prefix included, up to kept. That is where the last line ends in the document that isn't
	// blank. blank is the length of the white space after it.
	size, kept, blank int
	// hasText is whether there is anything but white space.
	hasText bool
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
	w.load(head)
	return w
}

// load reads the line at lineStart, which comes after head.
func (w *window) load(head string) {
	line, whole := w.document.line(w.lineStart)
	w.mark = markChange{}
	if w.lineStart > w.pos || w.firstHeld == 0 {
		line, w.mark, w.within = stripMarks(line, w.within)
	}
	w.line, w.textStart, w.whole = head+line, len(head)+len(w.mark.to), whole
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
		}
		before := w.progress
		if !w.add(after, f.kind) {
			return w.choose()
		}
		end := w.lineEnd(w.lineStart)
		if end == len(w.text) {
			if w.fits(w.size, w.suffix) {
				return cut{ok: true, end: end, next: end, suffix: w.suffix}
			}
			w.progress = before
			return w.choose()
		}
		w.state, w.lineStart = after, end+1
		w.load("")
	}
}

// add takes the line, of that kind, into the part, unless that makes it too long. after is the state then.
func (w *window) add(after state, kind lineKind) bool {
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
	if kind != kindCode || w.suffix == "" { // code leaves its fence as it is
		w.suffix = after.suffix()
	}
	w.hasText = w.hasText || strings.Trim(text, " \t") != ""
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

// bestFrom returns the best cut of that rank or a better one that makes the part long enough.
func (w *window) bestFrom(worst rank) cut {
	for r := ranks - 1; r >= worst; r-- {
		if c := w.best[r]; c.ok && r.enough(c.size, w.limit) {
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
	w.best[rankOf(w.state, f)] = cut{
		ok: true, end: w.kept, next: w.lineStart, size: w.size - w.prefixSize, suffix: w.suffix,
		state: w.state, line: f, held: w.within,
	}
}

// noteInLine notes the cuts in the middle of the line. How much of it fits depends on what closes it, which depends on
// where it is cut, so it tries with more room for that each time.
func (w *window) noteInLine() {
	room := w.budget - w.size - w.blank - w.lineFeed()
	reserved := 0
	for range 3 {
		to := prefixOf(w.line, room-reserved)
		_, f := w.state.next(w.line[:to])
		from := max(w.textStart, f.minCut)
		if to <= from {
			break
		}
		sentence, word, span := wordBreaks(w.line, from, to)
		w.noteAt(rankSentence, sentence)
		w.noteAt(rankWord, word)
		w.noteAt(rankSpan, span)
		if w.noteAt(rankCharacter, characterBreak(w.line, from, to)) {
			return
		}
		reserved += w.maxSuffix() / 2
	}
	w.noteAt(rankCharacter, characterBreak(w.line, w.textStart, prefixOf(w.line, room-w.maxSuffix())))
}

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
		ok: true, end: w.offset(len(text)), next: next, size: size - w.prefixSize, suffix: st.suffix(),
		state: st, midLine: true, held: w.within,
	}
	return true
}
