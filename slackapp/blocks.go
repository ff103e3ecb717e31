package slackapp

import (
	"encoding/json"
	"strings"

	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// block is any block of an app's post, as far as it says something
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

// element is one of a context block: text or an image.
type element struct {
	Type string `json:"type"`
	Text string `json:"text"`
	Alt  string `json:"alt_text"`
}

// blocksMarkdown is what the blocks of an app's post say. What they let people do is left out.
func blocksMarkdown(raw json.RawMessage, n names) []string {
	if len(raw) == 0 {
		return nil
	}
	var blocks []json.RawMessage
	if err := json.Unmarshal(raw, &blocks); err != nil {
		return nil // says nothing that can be read
	}
	var parts []string
	for i, b := range slackjson.UnmarshalEach[block](blocks) {
		if text := b.markdown(blocks[i], n); strings.TrimSpace(text) != "" {
			parts = append(parts, tidy(text))
		}
	}
	return parts
}

func (b block) markdown(raw json.RawMessage, n names) string {
	switch b.Type {
	case "rich_text":
		text, _ := richMarkdown(json.RawMessage("["+string(raw)+"]"), n, "")
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
			parts = append(parts, first(blockText{e.Type, e.Text}.markdown(n), e.Alt))
		}
		return strings.Join(parts, " ")
	case "image", "video":
		return first(textOf(b.Title).plain(), b.Alt)
	default:
		return ""
	}
}

func textOf(raw json.RawMessage) blockText {
	var t blockText
	if len(raw) > 0 {
		// What isn't a text object says nothing.
		_ = slackjson.Unmarshal(raw, &t)
	}
	return t
}

func (t blockText) plain() string { return t.Text }

func (t blockText) markdown(n names) string {
	if t.Type == "mrkdwn" {
		return mrkdwnMarkdown(t.Text, n)
	}
	return t.Text
}

// markdown is what an attachment says.
func (a attachment) markdown(n names) string {
	if parts := blocksMarkdown(a.Blocks, n); len(parts) > 0 {
		return strings.Join(parts, "\n\n")
	}
	var parts []string
	add := func(text string) {
		if strings.TrimSpace(text) != "" {
			parts = append(parts, text)
		}
	}
	add(mrkdwnMarkdown(a.Pretext, n))
	if a.Author != "" {
		add("**" + cleanName(a.Author) + "**")
	}
	switch {
	case a.Link != "":
		add(link(a.Link, unescaped(a.Title)))
	default:
		add(mrkdwnMarkdown(a.Title, n))
	}
	add(mrkdwnMarkdown(a.Text, n))
	for _, f := range a.Fields {
		add("**" + cleanName(unescaped(f.Title)) + "**: " + mrkdwnMarkdown(f.Value, n))
	}
	if len(parts) == 0 {
		add(mrkdwnMarkdown(a.Fallback, n))
	}
	return strings.Join(parts, "\n")
}
