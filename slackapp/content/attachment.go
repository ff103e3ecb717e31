package content

import (
	"encoding/json"
	"strings"
)

// Attachment is a forwarded message, a link preview, or what older apps post instead of blocks
// (https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments).
type Attachment struct {
	Share    bool              `json:"is_share,omitempty"`
	Unfurl   bool              `json:"is_msg_unfurl,omitempty"`
	Author   string            `json:"author_name,omitempty"`
	Pretext  string            `json:"pretext,omitempty"`
	Title    string            `json:"title,omitempty"`
	Link     string            `json:"title_link,omitempty"`
	FromURL  string            `json:"from_url,omitempty"`
	Text     string            `json:"text,omitempty"`
	Fallback string            `json:"fallback,omitempty"`
	Fields   []attachmentField `json:"fields,omitempty"`
	Blocks   json.RawMessage   `json:"blocks,omitempty"`
	// Messages are the blocks of a quoted message.
	Messages []quotedMessage `json:"message_blocks,omitempty"`
}

type attachmentField struct {
	Title string `json:"title,omitempty"`
	Value string `json:"value,omitempty"`
}

type quotedMessage struct {
	Message struct {
		Blocks json.RawMessage `json:"blocks,omitempty"`
	} `json:"message"`
}

// QuotesMessage reports whether the attachment is a message of Slack: one that was forwarded, or the preview of a link to
// one.
func (a Attachment) QuotesMessage() bool { return a.Share || a.Unfurl }

// IsPreview reports whether the attachment is the preview of a linked page, which its author didn't write.
func (a Attachment) IsPreview() bool { return a.FromURL != "" && !a.QuotesMessage() }

// Markdown returns what the attachment says.
func (a Attachment) Markdown(n Names) string {
	blocks := FromBlocks(a.Blocks, n)
	for _, m := range a.Messages {
		blocks = append(blocks, FromBlocks(m.Message.Blocks, n)...)
	}
	if len(blocks) > 0 {
		return strings.Join(blocks, "\n\n")
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
