package markdown

// MaxBlocks is how many rendered blocks a part has at most. Slack expands a markdown block into one block for each
// heading, paragraph, list, table, fence and rule, and refuses a message of more than 50
// (https://github.com/archestra-ai/archestra/pull/4980, which stops at 45 too).
const MaxBlocks = 45

// countBlocks is how many rendered blocks the line between two states begins at most. What Slack makes of blocks in
// lists and quotes isn't documented, so each counts, and so does each list and quote. Only the text that a list item
// begins with belongs to its list, unless a blank line is before the item.
func countBlocks(was, now state, f lineFacts) int {
	n := 0
	for i := f.matched; i < now.depth && !f.continues; i++ {
		sibling := i == f.matched && i < was.depth && !was.open[i].quote && was.open[i].mark == now.open[i].mark
		if !sibling || was.afterBlank {
			n++
		}
	}
	if now.depth == maxDepth {
		n++ // what is in it is not known
	}
	inItem := now.depth > 0 && !now.open[now.depth-1].quote
	switch f.kind {
	case kindText:
		if f.continues && !f.maybeBlock || f.item && inItem {
			return n
		}
	case kindRow:
		if !f.maybeBlock {
			return n
		}
	case kindHeading:
		if f.underline && !inItem {
			return n // counted as a paragraph
		}
	case kindDelimiter:
		if was.oneLine && !inItem {
			return n // counted as a paragraph
		}
	case kindIndented:
		if was.last == kindIndented && f.matched == was.depth && now.depth == was.depth {
			return n
		}
	case kindHTML:
		if f.continues {
			return n
		}
	case kindRule, kindFenceStart:
	default:
		return n
	}
	return n + 1
}
