package content

// nesting is where the lists of consecutive parts stand. Slack sends a nested list as several lists, each with its depth,
// and with an offset where it continues to count.
type nesting struct {
	levels []listLevel // from the outside to the inside
	border bool
}

// listLevel is a list that further lists may be nested in.
type listLevel struct {
	depth   int // as Slack counts it
	indent  int // of its marks, in spaces
	content int // of what its last item says
}

// at returns the indentation of a list of some depth: that of its siblings, or that of the content of the item which it
// belongs to. Depths may be skipped, and the first list may have any.
func (n *nesting) at(depth int) int {
	for len(n.levels) > 0 && n.levels[len(n.levels)-1].depth > depth {
		n.levels = n.levels[:len(n.levels)-1]
	}
	switch last := len(n.levels) - 1; {
	case last < 0:
		return 0
	case n.levels[last].depth == depth:
		indent := n.levels[last].indent
		n.levels = n.levels[:last]
		return indent
	default:
		return n.levels[last].content
	}
}
