package markdown

import "strings"

// rank is how good a place to cut is. Of equally good ones the last is taken.
type rank int

const (
	inGrapheme rank = iota // anywhere between two characters
	inSpan                 // between two words of a code span or a link
	apart                  // between lines that belong together: a heading and what it is about
	atWord
	atSentence
	atLine
	atInner // before a block in a list item or quote
	atItem  // before a list item
	atBlock
	ranks
)

// enough is how much of a limit must be text before a cut of that rank is good enough to look for no worse one.
func (r rank) enough(size, limit int) bool {
	switch {
	case r >= atInner:
		return size >= limit/4
	case r >= atWord:
		return size >= limit/2
	default:
		return false
	}
}

// cut is a place where a part may end.
type cut struct {
	ok bool
	// end is where the part ends, next where the one after it begins.
	end, next int
	// size is how long the text of the part is, suffix what closes it.
	size   int
	suffix string
	// st is the state there. Where a line is cut in two, mid, that is the one in which the first half of it leaves off;
	// else f is known of the line that comes next. held are the containers around the text of the part, whose quotes st
	// has as its own.
	st   state
	mid  bool
	f    facts
	held []container
}

// window is the text that could be the next part: it reads line after line, as they would stand in there, until it is
// full.
type window struct {
	*splitter
	length
	// budget is how long the part's prefix and text may be, extra how long the prefix is.
	budget, extra int
	best          [ranks]cut
	// st is the state before line, which begins at p in the text and at byte body in line.
	st    state
	p     int
	line  string
	body  int
	whole bool
	// within are the containers that are held and that line is in, mark is what was done to it for that.
	within []container
	mark   mark
}

// length is how long a part is up to kept, where its last line ends that isn't blank, and how long the white space is
// that comes after that.
type length struct {
	size, kept, loose int
	// inked is whether there is anything but white space.
	inked bool
	// suffix closes what is open at kept. A blank line after that may close it too, but is left out.
	suffix string
}

func (s *splitter) window(budget int) *window {
	w := &window{splitter: s, budget: budget, p: s.pos, within: s.held}
	w.kept = s.pos
	st, head := s.fed()
	w.st = st
	w.extra = units(s.prefix)
	w.size = w.extra - units(head)
	w.load(head)
	return w
}

// load reads the line at p, which comes after head.
func (w *window) load(head string) {
	line, whole := w.splitter.line(w.p)
	w.mark = mark{}
	if w.p > w.pos || w.first == 0 {
		line, w.mark, w.within = strip(line, w.within)
	}
	w.line, w.body, w.whole = head+line, len(head)+len(w.mark.to), whole
}

// at is where byte i of the line is in the text.
func (w *window) at(i int) int { return w.p + len(w.mark.from) + i - w.body }

// cut finds the best place for the end of the part.
func (w *window) cut() (cut, bool) {
	for {
		after, f := w.st.next(w.line)
		if w.p > w.pos {
			w.offer(f)
			if f.overlong {
				return w.any()
			}
		}
		before := w.length
		if !w.add(after) {
			return w.choose()
		}
		end := w.lineEnd(w.p)
		if end == len(w.text) {
			if w.fits(w.size, w.suffix) {
				return cut{ok: true, end: end, next: end, suffix: w.suffix}, true
			}
			w.length = before
			return w.choose()
		}
		w.st, w.p = after, end+1
		w.load("")
	}
}

// fits is whether a part of that size may end with that suffix.
func (w *window) fits(size int, suffix string) bool {
	return size <= w.budget && size+units(suffix) <= w.limit
}

// offer notes the cut before the line.
func (w *window) offer(f facts) {
	c := cut{ok: w.fits(w.size, w.suffix), end: w.kept, next: w.p, size: w.size - w.extra, suffix: w.suffix, st: w.st, f: f}
	if !c.ok || !w.inked || strings.Trim(w.line, " \t") == "" && f.kind == blank {
		return
	}
	c.held = w.within
	w.best[rankOf(w.st, f)] = c
}

// rankOf is how good it is to cut before a line of which f is known.
func rankOf(st state, f facts) rank {
	inFence := f.kind == code || f.kind == closer
	switch {
	case inFence && (f.kind == closer || st.last == opener), f.kind == delimiter, f.kind == blank, st.last == heading,
		f.kind == row && st.last == delimiter, f.underline:
		return apart
	case inFence && st.gap:
		return atInner
	case inFence, f.kind == row, f.continues:
		return atLine
	case f.item && f.matched < st.depth && !st.open[f.matched].quote:
		if f.matched == 0 {
			return atItem
		}
		return atInner
	case f.matched > 0:
		return atInner
	case !st.gap && st.last == plain && f.kind != heading:
		return atLine // what begins here is probably announced there
	}
	return atBlock
}

// add takes the line into the part, unless that makes it too long. after is the state then.
func (w *window) add(after state) bool {
	feed := 0
	if w.p > w.pos {
		feed = 1
	}
	text := w.line
	if after.fence.run == "" {
		text = strings.TrimRight(text, " \t")
		if text == "" {
			w.loose += feed + units(w.line)
			return w.whole
		}
	}
	n := units(text)
	size := w.size + w.loose + feed + n
	if size > w.budget || !w.whole {
		return false
	}
	w.size, w.loose = size, 0
	if len(text) < len(w.line) {
		w.loose = len(w.line) - len(text)
	}
	w.kept = w.lineEnd(w.p) - (len(w.line) - len(text))
	w.suffix = suffix(after)
	w.inked = w.inked || strings.Trim(text, " \t") != ""
	return true
}

// choose picks a cut when the line doesn't fit into the part.
func (w *window) choose() (cut, bool) {
	if c := w.pick(atLine, rank.enough); c.ok {
		return c, true
	}
	w.halves()
	if c := w.pick(atWord, rank.enough); c.ok {
		return c, true
	}
	return w.any()
}

// any is the best cut that was noted, however little comes before it.
func (w *window) any() (cut, bool) {
	c := w.pick(inGrapheme, func(rank, int, int) bool { return true })
	return c, c.ok
}

// pick is the best cut, of that rank or a better one, that is good enough.
func (w *window) pick(worst rank, enough func(r rank, size, limit int) bool) cut {
	for r := ranks - 1; r >= worst; r-- {
		if c := w.best[r]; c.ok && enough(r, c.size, w.limit) {
			return c
		}
	}
	return cut{}
}
