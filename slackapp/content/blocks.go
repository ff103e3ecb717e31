package content

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"

	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// block is any block of an app's post, as far as it shows text
// (https://docs.slack.dev/reference/block-kit/blocks).
type block struct {
	Type     string          `json:"type"`
	Text     json.RawMessage `json:"text"`
	Title    json.RawMessage `json:"title"`
	Alt      string          `json:"alt_text"`
	Fields   []blockText     `json:"fields"`
	Elements []element       `json:"elements"`
}

// blockText is a text object (https://docs.slack.dev/reference/block-kit/composition-objects/text-object).
type blockText struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// element is a text or an image in a context block.
type element struct {
	Type string `json:"type"`
	Text string `json:"text"`
	Alt  string `json:"alt_text"`
}

// FromBlocks renders the blocks of an app's post, one string for each block that shows text. What people can do with
// them, such as buttons, is left out.
func FromBlocks(raw json.RawMessage, n Names) []string {
	if len(raw) == 0 {
		return nil
	}
	var blocks []json.RawMessage
	if err := json.Unmarshal(raw, &blocks); err != nil {
		return nil
	}
	var parts []string
	for i, b := range slackjson.UnmarshalEach[block](blocks) {
		if text := b.markdown(blocks[i], n); strings.TrimSpace(text) != "" {
			parts = append(parts, Tidy(text))
		}
	}
	return parts
}

func (b block) markdown(raw json.RawMessage, n Names) string {
	switch b.Type {
	case "rich_text":
		text, _ := FromRichText(json.RawMessage("["+string(raw)+"]"), n, "")
		return text
	case "header":
		return "**" + strings.TrimSpace(textOf(b.Text).plain()) + "**"
	case "markdown":
		var text string
		if err := json.Unmarshal(b.Text, &text); err != nil {
			return ""
		}
		return text
	case "section":
		parts := []string{textOf(b.Text).markdown(n)}
		for _, f := range b.Fields {
			parts = append(parts, f.markdown(n))
		}
		return strings.Trim(strings.Join(parts, "\n"), "\n")
	case "context":
		var parts []string
		for _, e := range b.Elements {
			parts = append(parts, cmp.Or(blockText{e.Type, e.Text}.markdown(n), e.Alt))
		}
		return strings.Join(parts, " ")
	case "image", "video":
		return cmp.Or(textOf(b.Title).plain(), b.Alt)
	default:
		return ""
	}
}

func textOf(raw json.RawMessage) blockText {
	var t blockText
	if len(raw) > 0 {
		// Anything but a text object shows no text.
		_ = slackjson.Unmarshal(raw, &t)
	}
	return t
}

func (t blockText) plain() string { return t.Text }

func (t blockText) markdown(n Names) string {
	if t.Type == "mrkdwn" {
		return FromMrkdwn(t.Text, n)
	}
	return t.Text
}

var richTextType = []byte(`"rich_text"`)

// HasRichText reports whether blocks may hold what a person typed.
func HasRichText(blocks json.RawMessage) bool {
	return len(blocks) > 0 && blocks[0] == '[' && bytes.Contains(blocks, richTextType)
}
