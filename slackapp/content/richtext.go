package content

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// FromRichText renders the rich_text blocks among blocks as Markdown, without the mention of self at their beginning. What
// is unknown here is named. It returns false if there is such a thing: the text that Slack made from the blocks may say
// more.
func FromRichText(blocks json.RawMessage, n Names, self string) (text string, ok bool) {
	var all []json.RawMessage
	if err := json.Unmarshal(blocks, &all); err != nil {
		return "", false
	}
	doc := document{names: n, self: self, known: true}
	found := false
	for _, b := range slackjson.UnmarshalEach[richBlock](all) {
		if b.Type != "rich_text" {
			continue
		}
		found = true
		for _, part := range b.Elements {
			doc.add(part)
		}
	}
	return doc.String(), found && doc.known
}

// document collects the parts of a message.
type document struct {
	names Names
	self  string
	parts []string
	known bool // nothing was unknown so far
	// list says that the last part is a list, which a following list continues.
	list nesting
}

func (d *document) String() string { return strings.Join(d.parts, "") }

// put adds a part behind a blank line.
func (d *document) put(text string) {
	text = strings.Trim(text, "\n")
	if strings.TrimSpace(text) == "" {
		return
	}
	d.list = nesting{}
	if len(d.parts) > 0 {
		text = "\n\n" + text
	}
	d.parts = append(d.parts, text)
}

// add renders a part. From the first one of a message it removes the mention of the bot at the beginning.
func (d *document) add(part richPart) {
	switch part.Type {
	case "rich_text_section":
		pieces := part.pieces()
		if len(d.parts) == 0 && d.self != "" {
			pieces = withoutAddress(pieces, d.self)
			d.self = ""
		}
		d.put(d.running(pieces))
	case "rich_text_preformatted":
		d.putIn(part, d.code(part))
	case "rich_text_quote":
		d.put(Quote(d.running(part.pieces())))
	case "rich_text_list":
		d.addList(part)
	default:
		d.put(d.unknown(part.Type))
	}
}

// putIn adds a part, quoted if it has a border.
func (d *document) putIn(part richPart, text string) {
	if part.Border > 0 {
		text = Quote(text)
	}
	d.put(text)
}

func (d *document) unknown(kind string) string {
	d.known = false
	return unshown(kind)
}

// running renders the pieces of a section.
func (d *document) running(pieces []richInline) string {
	in := d.inline(pieces)
	return in.String()
}

func (d *document) inline(pieces []richInline) *inline {
	in := &inline{}
	for _, p := range pieces {
		s := p.Style
		style := runStyle{bold: s.Bold, italic: s.Italic, strike: s.Strike, code: s.Code}
		text := d.textOf(p)
		if p.URL != "" && p.Type != "emoji" {
			in.link(p.URL, text, style)
		} else {
			in.text(text, style)
		}
	}
	return in
}

// code renders a preformatted part.
func (d *document) code(part richPart) string {
	text, links := plainCode(d.inline(part.pieces()).pieces)
	return Fence(text, part.Language) + links
}

// textOf returns a piece without its style and its address.
func (d *document) textOf(p richInline) string {
	switch p.Type {
	case "user", "canvas_user_mention":
		return "@" + d.names.User(p.User)
	case "usergroup":
		return "@" + d.names.Group(p.Group)
	case "channel":
		return "#" + d.names.Channel(p.Channel)
	case "broadcast":
		return "@" + p.Range
	case "emoji":
		if p.SkinTone > 1 {
			return ":" + p.Name + "::skin-tone-" + strconv.Itoa(p.SkinTone) + ":"
		}
		return ":" + p.Name + ":"
	case "color":
		return p.Value
	case "date":
		return cmp.Or(p.Fallback, p.date())
	case "team":
		return p.Team
	case "text", "link":
		return p.Text
	}
	if text := cmp.Or(p.Text, p.Name, p.Fallback); text != "" || p.URL != "" {
		return text
	}
	return d.unknown(p.Type)
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
