package content

import (
	"encoding/json"
	"slices"
	"strings"
)

// Message is what Slack's client shows of a message, apart from its files. The messages of people and of apps, and what
// they forward, are rendered alike.
type Message struct {
	// Text is mrkdwn. It is what notifications show: beside blocks, no client shows it
	// (https://docs.slack.dev/reference/methods/chat.postMessage#blocks_and_attachments).
	Text        string
	Blocks      json.RawMessage
	Attachments []Attachment
	// App says that an app wrote the message, so that its text may differ from its blocks.
	App bool
}

// Markdown renders all that a person sees in the message: its blocks, or its text if it has none, and its attachments
// below. The mention of self at the beginning is left out; self may be empty. Two kinds of attachments are not part of it:
// link previews, which show the text of a page, and quoted messages ([Attachment.QuotesMessage]), which belong under a
// label that names their author.
func (m Message) Markdown(n Names, self string) string {
	var parts []string
	if text := m.body(n, self); strings.TrimSpace(text) != "" {
		parts = append(parts, text)
	}
	for _, a := range m.Attachments {
		if a.IsPreview() || a.QuotesMessage() {
			continue
		}
		if text := a.Markdown(n); strings.TrimSpace(text) != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "\n\n")
}

// BeyondText renders what the message says beyond its text: blocks that apps and pasted tables add, and attachments. A
// rich_text block isn't part of it if there is a text, since Slack makes the text from it.
func (m Message) BeyondText() string {
	var blocks []json.RawMessage
	// Blocks that are no list show nothing.
	_ = json.Unmarshal(m.Blocks, &blocks)
	if m.Text != "" {
		blocks = slices.DeleteFunc(blocks, func(b json.RawMessage) bool { return typeOf(b) == "rich_text" })
	}
	m.Text, m.Blocks, m.App = "", nil, true
	if len(blocks) > 0 {
		// They came out of JSON.
		m.Blocks, _ = json.Marshal(blocks)
	}
	return m.Markdown(ids{}, "")
}

// ids stands for names with the ids themselves.
type ids struct{}

func (ids) User(id string) string    { return id }
func (ids) Channel(id string) string { return id }
func (ids) Group(id string) string   { return id }

// body renders the blocks, or the text. Blocks that are all unknown here are named below the text, which apps write for
// those who can't see them.
func (m Message) body(n Names, self string) string {
	if len(m.Blocks) > 0 && (m.App || !m.hasUnknown()) {
		if parts, known := blocksFor(m.Blocks, n, self); known {
			return strings.Join(parts, "\n\n")
		}
	}
	text := Tidy(FromMrkdwn(WithoutAddress(m.Text, self), n))
	if text != "" && m.hasUnknown() {
		return text
	}
	parts, _ := blocksFor(m.Blocks, n, self)
	return joined("\n\n", append([]string{text}, parts...)...)
}

// hasUnknown reports whether a person's message holds rich text that is unknown here. Slack makes the text from it, which
// is the better rendering then.
func (m Message) hasUnknown() bool {
	if m.Text == "" || !HasRichText(m.Blocks) {
		return false
	}
	_, ok := FromRichText(m.Blocks, ids{}, "")
	return !ok
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
		a.Share, a.Unfurl, a.FromURL, a.Text, a.Footer, a.Files = false, false, "", "", "", nil
		a.Author, a.AuthorSubname, a.AuthorLink = "", "", ""
		if m.Text != "" {
			a.Fallback = ""
		}
		m.Attachments = []Attachment{a}
	}
	return m
}
