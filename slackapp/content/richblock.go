package content

import (
	"bytes"
	"encoding/json"

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

var richTextType = []byte(`"rich_text"`)

// HasRichText reports whether blocks may hold what a person typed.
func HasRichText(blocks json.RawMessage) bool {
	return len(blocks) > 0 && blocks[0] == '[' && bytes.Contains(blocks, richTextType)
}
