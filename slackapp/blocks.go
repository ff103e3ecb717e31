package slackapp

import (
	"encoding/json"
	"strings"
)

// block is any block of an app's post, as far as it says something
// (https://docs.slack.dev/reference/block-kit/blocks).
type block struct {
	Type     loose[string]           `json:"type"`
	Text     loose[json.RawMessage]  `json:"text"`
	Title    loose[json.RawMessage]  `json:"title"`
	Alt      loose[string]           `json:"alt_text"`
	Fields   loose[[]blockText]      `json:"fields"`
	Elements loose[[]loose[element]] `json:"elements"`
}

// blockText is a text object (https://docs.slack.dev/reference/block-kit/composition-objects/text-object).
type blockText struct {
	Type loose[string] `json:"type"`
	Text loose[string] `json:"text"`
}

// element is one of a context block: text or an image.
type element struct {
	Type loose[string] `json:"type"`
	Text loose[string] `json:"text"`
	Alt  loose[string] `json:"alt_text"`
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
	for _, one := range blocks {
		var b loose[block]
		if err := json.Unmarshal(one, &b); err != nil {
			continue // loose: can't happen, and would be nothing to read
		}
		if text := b.V.markdown(one, n); strings.TrimSpace(text) != "" {
			parts = append(parts, tidy(text))
		}
	}
	return parts
}

func (b block) markdown(raw json.RawMessage, n names) string {
	switch b.Type.V {
	case "rich_text":
		text, _ := richMarkdown(json.RawMessage("["+string(raw)+"]"), n, "")
		return text
	case "header":
		return "**" + strings.TrimSpace(textOf(b.Text.V).plain()) + "**"
	case "markdown":
		var text string
		if err := json.Unmarshal(b.Text.V, &text); err != nil {
			return ""
		}
		return text
	case "section":
		parts := []string{textOf(b.Text.V).markdown(n)}
		for _, f := range b.Fields.V {
			parts = append(parts, f.markdown(n))
		}
		return strings.Trim(strings.Join(parts, "\n"), "\n")
	case "context":
		var parts []string
		for _, e := range b.Elements.V {
			parts = append(parts, first(blockText{e.V.Type, e.V.Text}.markdown(n), e.V.Alt.V))
		}
		return strings.Join(parts, " ")
	case "image", "video":
		return first(textOf(b.Title.V).plain(), b.Alt.V)
	default:
		return ""
	}
}

func textOf(raw json.RawMessage) blockText {
	var t loose[blockText]
	if len(raw) > 0 {
		// Loose, so there is no error to speak of.
		_ = json.Unmarshal(raw, &t)
	}
	return t.V
}

func (t blockText) plain() string { return t.Text.V }

func (t blockText) markdown(n names) string {
	if t.Type.V == "mrkdwn" {
		return mrkdwnMarkdown(t.Text.V, n)
	}
	return t.Text.V
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
	add(mrkdwnMarkdown(a.Pretext.V, n))
	if a.Author.V != "" {
		add("**" + cleanName(a.Author.V) + "**")
	}
	switch {
	case a.Link.V != "":
		add(link(a.Link.V, unescaped(a.Title.V)))
	default:
		add(mrkdwnMarkdown(a.Title.V, n))
	}
	add(mrkdwnMarkdown(a.Text.V, n))
	for _, f := range a.Fields.V {
		add("**" + cleanName(unescaped(f.Title.V)) + "**: " + mrkdwnMarkdown(f.Value.V, n))
	}
	if len(parts) == 0 {
		add(mrkdwnMarkdown(a.Fallback.V, n))
	}
	return strings.Join(parts, "\n")
}
