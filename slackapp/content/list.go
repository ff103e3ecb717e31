package content

import (
	"strconv"
	"strings"
)

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

// maxDepth limits the nesting of lists, as Slack's client does
// (https://docs.slack.dev/reference/block-kit/blocks/rich-text-block#rich_text_list).
const maxDepth = 8

// addList adds a list of one depth, to the list before it if there is one.
func (d *document) addList(part richPart) {
	lists := d.list
	if lists.border != (part.Border > 0) {
		lists = nesting{border: part.Border > 0}
	}
	follows := len(lists.levels) > 0
	depth := max(0, min(part.Indent, maxDepth))
	indent := lists.at(depth)
	var lines []string
	for i, item := range part.items() {
		marker := "- "
		if part.Style == "ordered" {
			marker = strconv.Itoa(max(0, min(part.Offset, 1_000_000))+i+1) + ". "
		}
		content := indent + len(marker)
		text := strings.ReplaceAll(d.item(item), "\n", "\n"+strings.Repeat(" ", content))
		lines = append(lines, strings.Repeat(" ", indent)+marker+text)
		if i == len(part.Elements)-1 {
			lists.levels = append(lists.levels, listLevel{depth: depth, indent: indent, content: content})
		}
	}
	if len(lines) == 0 {
		return
	}
	text := strings.Join(lines, "\n")
	if lists.border {
		text = Quote(text)
	}
	switch {
	case follows:
		d.parts = append(d.parts, "\n"+text)
	case len(d.parts) > 0:
		d.parts = append(d.parts, "\n\n"+text)
	default:
		d.parts = append(d.parts, text)
	}
	d.list = lists
}

// item renders an item of a list.
func (d *document) item(item richPart) string {
	var text string
	switch item.Type {
	case "rich_text_section":
		text = strings.TrimLeft(d.running(item.pieces()), " ")
	case "rich_text_quote":
		text = Quote(d.running(item.pieces()))
	case "rich_text_preformatted":
		text = d.code(item)
	default:
		text = d.unknown(item.Type)
	}
	return strings.Trim(text, "\n")
}
