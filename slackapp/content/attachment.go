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
	// AuthorID, Channel and TS say which message is quoted. AuthorID is empty for an app's. Messages are what the quoted
	// message shows, and Files its files, as Slack has them.
	AuthorID string          `json:"author_id,omitempty"`
	Channel  string          `json:"channel_id,omitempty"`
	TS       string          `json:"ts,omitempty"`
	Messages []quotedMessage `json:"message_blocks,omitempty"`
	Files    json.RawMessage `json:"files,omitempty"`
}

type attachmentField struct {
	Title string `json:"title,omitempty"`
	Value string `json:"value,omitempty"`
}

type quotedMessage struct {
	Message struct {
		Blocks      json.RawMessage `json:"blocks,omitempty"`
		Attachments []Attachment    `json:"attachments,omitempty"`
	} `json:"message"`
}

// Quoted returns what the message that the attachment quotes shows, apart from its files. What it quotes itself is left
// out.
func (a Attachment) Quoted() Message {
	m := Message{Text: a.Text}
	for _, q := range a.Messages {
		if len(q.Message.Blocks) > 0 {
			m.Blocks = q.Message.Blocks
		}
		m.Attachments = append(m.Attachments, q.Message.Attachments...)
	}
	if len(a.Messages) == 0 { // an app's alert is forwarded as it is
		a.Share, a.Unfurl, a.FromURL, a.Author, a.Text, a.Files = false, false, "", "", "", nil
		if m.Text != "" {
			a.Fallback = ""
		}
		m.Attachments = []Attachment{a}
	}
	return m
}

// QuotesMessage reports whether the attachment is a message of Slack: one that was forwarded, or the preview of a link to
// one.
func (a Attachment) QuotesMessage() bool { return a.Share || a.Unfurl }

// IsPreview reports whether the attachment is the preview of a linked page, which its author didn't write.
func (a Attachment) IsPreview() bool { return a.FromURL != "" && !a.QuotesMessage() }

// Markdown returns what the attachment says.
func (a Attachment) Markdown(n Names) string {
	if blocks := FromBlocks(a.Blocks, n); len(blocks) > 0 {
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
