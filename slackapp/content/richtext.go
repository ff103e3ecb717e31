package content

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// richBlock is a rich_text block, which holds what a person typed
// (https://docs.slack.dev/reference/block-kit/blocks/rich-text-block).
type richBlock struct {
	Type     string     `json:"type"`
	Elements []richPart `json:"elements"`
}

// richPart is a section, list, quote or preformatted part of a block, or an item of a list.
type richPart struct {
	Type     string `json:"type"`
	Style    string `json:"style"`
	Indent   int    `json:"indent"`
	Offset   int    `json:"offset"`
	Border   int    `json:"border"`
	Language string `json:"language"`
	// Elements are the items of a list, each a part, and the pieces of every other part. They are decoded when the type
	// is known, so decoding never goes deeper than rendering.
	Elements []json.RawMessage `json:"elements"`
}

// items are the elements of a list.
func (p richPart) items() []richPart { return slackjson.UnmarshalEach[richPart](p.Elements) }

// pieces are the elements of a part that is not a list.
func (p richPart) pieces() []richInline { return slackjson.UnmarshalEach[richInline](p.Elements) }

// richInline is a piece of text with one style, a link, a mention or an emoji.
type richInline struct {
	Type      string          `json:"type"`
	Text      string          `json:"text"`
	Style     richStyle       `json:"style"`
	User      string          `json:"user_id"`
	Group     string          `json:"usergroup_id"`
	Channel   string          `json:"channel_id"`
	Team      string          `json:"team_id"`
	URL       string          `json:"url"`
	Name      string          `json:"name"`
	Range     string          `json:"range"`
	Value     string          `json:"value"`
	Timestamp json.RawMessage `json:"timestamp"`
	Fallback  string          `json:"fallback"`
}

type richStyle struct {
	Bold   bool `json:"bold"`
	Italic bool `json:"italic"`
	Strike bool `json:"strike"`
	Code   bool `json:"code"`
}

// date is the piece's timestamp. It is decoded apart, because decoding ends at a json.Number that isn't one.
func (p richInline) date() string {
	var seconds json.Number
	if json.Unmarshal(p.Timestamp, &seconds) != nil {
		return ""
	}
	return unixDate(seconds.String())
}

// Mentions reports whether the rich_text blocks among blocks mention a user.
func Mentions(blocks json.RawMessage, user string) bool {
	if len(blocks) == 0 || !bytes.Contains(blocks, []byte(user)) {
		return false
	}
	var all []json.RawMessage
	if err := json.Unmarshal(blocks, &all); err != nil {
		return false // not a list of blocks; the text of the message counts
	}
	return slices.ContainsFunc(slackjson.UnmarshalEach[richBlock](all), func(b richBlock) bool { return b.mentions(user) })
}

func (b richBlock) mentions(user string) bool {
	for _, part := range b.Elements {
		if part.mentions(user) {
			return true
		}
	}
	return false
}

func (p richPart) mentions(user string) bool {
	if p.Type == "rich_text_list" {
		return slices.ContainsFunc(p.items(), func(item richPart) bool {
			return item.Type != "rich_text_list" && item.mentions(user)
		})
	}
	return slices.ContainsFunc(p.pieces(), func(i richInline) bool { return i.Type == "user" && i.User == user })
}

// FromRichText renders the rich_text blocks among blocks as Markdown, without the mention of self at their beginning. It
// returns false if they hold something that it can't render: the text of the message has the same in mrkdwn.
func FromRichText(blocks json.RawMessage, n Names, self string) (string, bool) {
	var all []json.RawMessage
	if err := json.Unmarshal(blocks, &all); err != nil {
		return "", false
	}
	var doc document
	found := false
	for _, b := range slackjson.UnmarshalEach[richBlock](all) {
		if b.Type != "rich_text" {
			continue
		}
		found = true
		for i, part := range b.Elements {
			if !doc.add(part, i == 0 && len(doc.parts) == 0, n, self) {
				return "", false
			}
		}
	}
	return doc.String(), found
}

// withoutAddress removes the mention of the bot at the beginning of a message.
func withoutAddress(pieces []richInline, self string) []richInline {
	for i, p := range pieces {
		switch {
		case p.Type == "text" && strings.TrimSpace(p.Text) == "":
			continue
		case p.Type == "user" && p.User == self:
			rest := pieces[i+1:]
			if len(rest) > 0 && rest[0].Type == "text" {
				rest[0].Text = strings.TrimLeft(rest[0].Text, " :,")
			}
			return rest
		}
		break
	}
	return pieces
}

// document collects the parts of a message.
type document struct {
	parts []string
	// list says that the last part is a list, which a following list continues.
	list bool
}

func (d *document) String() string { return strings.Join(d.parts, "") }

func (d *document) put(text string, list bool) {
	text = strings.Trim(text, "\n")
	if strings.TrimSpace(text) == "" {
		return
	}
	switch {
	case len(d.parts) == 0:
	case list && d.list:
		text = "\n" + text
	default:
		text = "\n\n" + text
	}
	d.parts = append(d.parts, text)
	d.list = list
}

// add renders a part. From the first one of a message it removes the mention of the bot at the beginning.
func (d *document) add(part richPart, first bool, n Names, self string) bool {
	switch part.Type {
	case "rich_text_section":
		pieces := part.pieces()
		if first {
			pieces = withoutAddress(pieces, self)
		}
		text, ok := inlineMarkdown(pieces, n)
		d.put(text, false)
		return ok
	case "rich_text_preformatted":
		text, ok := plainInline(part.pieces(), n)
		d.put(Fence(text, part.Language), false)
		return ok
	case "rich_text_quote":
		text, ok := inlineMarkdown(part.pieces(), n)
		d.put(Quote(text), false)
		return ok
	case "rich_text_list":
		text, ok := listMarkdown(part, n)
		if part.Border > 0 {
			text = Quote(text)
		}
		d.put(text, true)
		return ok
	default:
		return false
	}
}

// listMarkdown renders a list of one depth. Slack sends a nested list as several lists, each with its indent, and with an
// offset where it continues to count.
func listMarkdown(part richPart, n Names) (string, bool) {
	indent := strings.Repeat("    ", max(0, min(part.Indent, 8)))
	items := part.items()
	lines := make([]string, 0, len(items))
	for i, item := range items {
		var text string
		ok := true
		switch item.Type {
		case "rich_text_section", "rich_text_quote":
			text, ok = inlineMarkdown(item.pieces(), n)
		case "rich_text_preformatted":
			text, ok = plainInline(item.pieces(), n)
			text = Fence(text, "")
		default:
			ok = false
		}
		if !ok {
			return "", false
		}
		marker := "- "
		if part.Style == "ordered" {
			marker = strconv.Itoa(max(0, min(part.Offset, 1_000_000))+i+1) + ". "
		}
		text = strings.ReplaceAll(strings.Trim(text, "\n"), "\n", "\n"+indent+strings.Repeat(" ", len(marker)))
		lines = append(lines, indent+marker+text)
	}
	return strings.Join(lines, "\n"), true
}

// inlineMarkdown renders the pieces of a section. Consecutive pieces of the same style become one run.
func inlineMarkdown(pieces []richInline, n Names) (string, bool) {
	var out, run strings.Builder
	var style runStyle
	for _, p := range pieces {
		text, ok := p.render(n, p.Style.Code)
		if !ok {
			return "", false
		}
		if s := p.runStyle(); s != style {
			style.wrap(&out, run.String())
			run.Reset()
			style = s
		}
		run.WriteString(text)
	}
	style.wrap(&out, run.String())
	return out.String(), true
}

// plainInline is the text of the pieces without any style.
func plainInline(pieces []richInline, n Names) (string, bool) {
	var out strings.Builder
	for _, p := range pieces {
		text, ok := p.render(n, true)
		if !ok {
			return "", false
		}
		out.WriteString(text)
	}
	return out.String(), true
}

// render renders a piece without its style. In code a link is its text or its address.
func (p richInline) render(n Names, code bool) (string, bool) {
	switch p.Type {
	case "text":
		return p.Text, true
	case "link":
		if code {
			return cmp.Or(p.Text, p.URL), true
		}
		return Link(p.URL, p.Text), true
	case "user":
		return "@" + n.User(p.User), true
	case "usergroup":
		return "@" + n.Group(p.Group), true
	case "channel":
		return "#" + n.Channel(p.Channel), true
	case "broadcast":
		return "@" + p.Range, true
	case "emoji":
		return ":" + p.Name + ":", true
	case "color":
		return p.Value, true
	case "date":
		return cmp.Or(p.Fallback, p.date()), true
	case "team":
		return p.Team, true
	default:
		return p.Text, p.Text != ""
	}
}

func (p richInline) runStyle() runStyle {
	s := p.Style
	return runStyle{bold: s.Bold, italic: s.Italic, strike: s.Strike, code: s.Code}
}
