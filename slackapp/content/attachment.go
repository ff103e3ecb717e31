package content

import (
	"cmp"
	"encoding/json"
)

// Attachment is a forwarded message, a link preview, or what older apps post instead of blocks
// (https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments).
type Attachment struct {
	Share         bool               `json:"is_share,omitempty"`
	Unfurl        bool               `json:"is_msg_unfurl,omitempty"`
	Author        string             `json:"author_name,omitempty"`
	AuthorSubname string             `json:"author_subname,omitempty"`
	AuthorLink    string             `json:"author_link,omitempty"`
	Pretext       string             `json:"pretext,omitempty"`
	Title         string             `json:"title,omitempty"`
	Link          string             `json:"title_link,omitempty"`
	FromURL       string             `json:"from_url,omitempty"`
	Text          string             `json:"text,omitempty"`
	Fallback      string             `json:"fallback,omitempty"`
	Fields        []attachmentField  `json:"fields,omitempty"`
	Actions       []attachmentAction `json:"actions,omitempty"`
	Image         string             `json:"image_url,omitempty"`
	Thumbnail     string             `json:"thumb_url,omitempty"`
	Footer        string             `json:"footer,omitempty"`
	Color         string             `json:"color,omitempty"`
	Blocks        json.RawMessage    `json:"blocks,omitempty"`
	// AuthorID, Channel and TS say which message is quoted. Messages are what it shows, and Files its files, as Slack has
	// them.
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

type attachmentAction struct {
	Text string `json:"text,omitempty"`
	URL  string `json:"url,omitempty"`
}

type quotedMessage struct {
	Message struct {
		Blocks      json.RawMessage `json:"blocks,omitempty"`
		Attachments []Attachment    `json:"attachments,omitempty"`
	} `json:"message"`
}

// QuotesMessage reports whether the attachment is a message of Slack: one that was forwarded, or the preview of a link to
// one.
func (a Attachment) QuotesMessage() bool { return a.Share || a.Unfurl }

// IsPreview reports whether the attachment is the preview of a linked page, which its author didn't write.
func (a Attachment) IsPreview() bool { return a.FromURL != "" && !a.QuotesMessage() }

// Markdown returns what the attachment says, in the order in which Slack shows it.
func (a Attachment) Markdown(n Names) string {
	if blocks := FromBlocks(a.Blocks, n); len(blocks) > 0 {
		blocks = append([]string{FromMrkdwn(a.Pretext, n)}, blocks...)
		return joined("\n\n", append(blocks, named("color", a.Color, ""))...)
	}
	parts := []string{FromMrkdwn(a.Pretext, n), a.author()}
	if a.Link != "" {
		parts = append(parts, Link(a.Link, unescaped(a.Title)))
	} else {
		parts = append(parts, FromMrkdwn(a.Title, n))
	}
	parts = append(parts, FromMrkdwn(a.Text, n))
	for _, f := range a.Fields {
		parts = append(parts, joined(": ", bold(unescaped(f.Title)), FromMrkdwn(f.Value, n)))
	}
	for _, b := range a.Actions {
		parts = append(parts, named("button", unescaped(b.Text), b.URL))
	}
	parts = append(parts, named("image", "", cmp.Or(a.Image, a.Thumbnail)), FromMrkdwn(a.Footer, n))
	text := stacked(parts...)
	if text == "" {
		return FromMrkdwn(a.Fallback, n)
	}
	return stacked(text, named("color", a.Color, ""))
}

// author returns who the attachment is by, linked if it says where.
func (a Attachment) author() string {
	var in inline
	if name := TrimBlank(unescaped(joined(" ", a.Author, a.AuthorSubname))); name != "" {
		in.link(a.AuthorLink, name, runStyle{bold: true})
	}
	return in.String()
}
