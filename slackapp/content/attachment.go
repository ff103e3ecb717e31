package content

import (
	"encoding/json"
	"strings"
)

// Attachment is a forwarded message, a link preview, or what older apps post instead of blocks
// (https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments).
type Attachment struct {
	Share    bool              `json:"is_share"`
	Author   string            `json:"author_name"`
	Pretext  string            `json:"pretext"`
	Title    string            `json:"title"`
	Link     string            `json:"title_link"`
	FromURL  string            `json:"from_url"`
	Text     string            `json:"text"`
	Fallback string            `json:"fallback"`
	Fields   []attachmentField `json:"fields"`
	Blocks   json.RawMessage   `json:"blocks"`
}

type attachmentField struct {
	Title string `json:"title"`
	Value string `json:"value"`
}

// Markdown returns what the attachment says.
func (a Attachment) Markdown(n Names) string {
	if parts := FromBlocks(a.Blocks, n); len(parts) > 0 {
		return strings.Join(parts, "\n\n")
	}
	var parts []string
	add := func(text string) {
		if strings.TrimSpace(text) != "" {
			parts = append(parts, text)
		}
	}
	add(FromMrkdwn(a.Pretext, n))
	if a.Author != "" {
		add("**" + CleanName(a.Author) + "**")
	}
	switch {
	case a.Link != "":
		add(Link(a.Link, unescaped(a.Title)))
	default:
		add(FromMrkdwn(a.Title, n))
	}
	add(FromMrkdwn(a.Text, n))
	for _, f := range a.Fields {
		add("**" + CleanName(unescaped(f.Title)) + "**: " + FromMrkdwn(f.Value, n))
	}
	if len(parts) == 0 {
		add(FromMrkdwn(a.Fallback, n))
	}
	return strings.Join(parts, "\n")
}
