package content

import (
	"cmp"
	"encoding/json"
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
	SkinTone  int             `json:"skin_tone"`
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

// withoutAddress removes the mention of the bot at the beginning of a message.
func withoutAddress(pieces []richInline, self string) []richInline {
	for i, p := range pieces {
		switch {
		case p.Type == "text" && TrimBlank(p.Text) == "":
			continue
		case p.Type == "user" && p.User == self:
			rest := pieces[i+1:]
			if len(rest) > 0 && rest[0].Type == "text" && !rest[0].Style.Code {
				rest[0].Text = trimAddress(rest[0].Text)
			}
			return rest
		}
		break
	}
	return pieces
}

// trimAddress removes what separates the mention of the bot from what it is told.
func trimAddress(text string) string {
	return strings.TrimLeftFunc(text, func(r rune) bool {
		return r != '\n' && IsBlank(r) || r == ':' || r == ','
	})
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
