package markdown

// cut is a place where a part may end.
type cut struct {
	ok bool
	// end is where the part ends, next is where the one after it begins.
	end, next int
	// size is the length of the part's text, blocks is how many rendered blocks it has, suffix is what closes it.
	size, blocks int
	suffix       string
	// state is the state at the end of the part, and line is what is known of the line after that. midLine is whether a
	// line is cut in two: then state is the one after its first half, and nothing is known of the second.
	state   state
	line    lineFacts
	midLine bool
	// held are the containers around the part's text. Their quotes are among those of state.
	held []container
	// blanks are the blank lines that were put before lines of the part's text, by the number of the line.
	blanks map[int]string
}

// inFence is whether a fence goes on after the cut.
func (c cut) inFence() bool {
	return c.state.fence.run != "" && (c.midLine || c.line.kind == kindCode || c.line.kind == kindFenceEnd)
}

// inTable is whether rows of a table follow.
func (c cut) inTable() bool {
	return c.state.table.delimiter != "" && (c.midLine && c.state.last == kindRow || c.line.kind == kindRow)
}

// rank is how good a place for a cut is. Of equally good ones the last is taken.
type rank int

const (
	rankEmpty     rank = iota // at the beginning or the end of a fence, which leaves one without code
	rankSpan                  // between two words of a code span or a link
	rankCharacter             // between two characters
	rankTogether              // between lines that belong together, such as a heading and its text
	rankWord
	rankSentence
	rankLine
	rankInner // before a block in a list item or quote
	rankItem  // before a list item
	rankBlock
	ranks
)

// enough is whether the cut leaves a part that is long enough for a cut of that rank, so that no worse one is looked for.
func (r rank) enough(c cut, limit int) bool {
	switch {
	case r >= rankInner:
		return c.size >= limit/4 || c.blocks >= MaxBlocks/4
	case r >= rankWord:
		return c.size >= limit/2 || c.blocks >= MaxBlocks/2
	default:
		return false
	}
}

// rankOf is the rank of a cut before a line. st is the state there.
func rankOf(st state, line lineFacts) rank {
	inFence := line.kind == kindCode || line.kind == kindFenceEnd
	switch {
	case inFence && (line.kind == kindFenceEnd || st.last == kindFenceStart):
		return rankEmpty
	case line.kind == kindRow && st.last == kindDelimiter,
		line.kind == kindHTML && line.continues,
		line.kind == kindIndented && st.last == kindIndented && st.afterBlank,
		line.kind == kindDelimiter, line.kind == kindBlank, line.underline,
		st.last == kindHeading && line.matched == st.depth:
		return rankTogether
	case inFence && st.afterBlank:
		return rankInner
	case inFence, line.kind == kindRow, line.continues,
		line.kind == kindIndented && st.last == kindIndented && line.matched == st.depth && !line.item && !line.quote:
		return rankLine
	case line.item && line.matched < st.depth && !st.open[line.matched].quote:
		if line.matched == 0 {
			return rankItem
		}
		return rankInner
	case line.matched > 0:
		return rankInner
	case !st.afterBlank && st.last == kindText && line.kind != kindHeading:
		return rankLine // the text before it probably announces what begins here
	}
	return rankBlock
}
