package content

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// Message is what Slack's client shows of a message, apart from its files. The messages of people and of apps, and what
// they forward, are rendered alike.
type Message struct {
	// Text is mrkdwn. It is what notifications show: beside blocks, no client shows it
	// (https://docs.slack.dev/reference/methods/chat.postMessage#blocks_and_attachments).
	Text        string
	Blocks      json.RawMessage
	Attachments []Attachment
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
	m.Text, m.Blocks = "", nil
	if len(blocks) > 0 {
		// They came out of JSON.
		m.Blocks, _ = json.Marshal(blocks)
	}
	return m.Markdown(ids{}, "")
}

func typeOf(block json.RawMessage) string {
	var b struct {
		Type string `json:"type"`
	}
	// A block without a type shows nothing.
	_ = slackjson.Unmarshal(block, &b)
	return b.Type
}

// ids stands for names with the ids themselves.
type ids struct{}

func (ids) User(id string) string    { return id }
func (ids) Channel(id string) string { return id }
func (ids) Group(id string) string   { return id }

// body renders the blocks, or the text.
func (m Message) body(n Names, self string) string {
	if HasRichText(m.Blocks) {
		if text, ok := FromRichText(m.Blocks, n, self); ok {
			return Tidy(text)
		}
	}
	if parts := FromBlocks(m.Blocks, n); len(parts) > 0 {
		return strings.Join(parts, "\n\n")
	}
	return Tidy(FromMrkdwn(WithoutAddress(m.Text, self), n))
}

// Mention returns the position of the first mention of a user in mrkdwn. from is -1 if there is none.
func Mention(text, user string) (from, to int) {
	mark := "<@" + user
	for at := 0; ; {
		i := strings.Index(text[at:], mark)
		if i < 0 {
			return -1, -1
		}
		from = at + i
		rest := text[from+len(mark):]
		if end := strings.IndexByte(rest, '>'); end == 0 || end > 0 && rest[0] == '|' {
			return from, from + len(mark) + end + 1
		}
		at = from + len(mark)
	}
}

// WithoutAddress returns mrkdwn without the mention of a user at its beginning.
func WithoutAddress(text, user string) string {
	if from, to := Mention(text, user); from >= 0 && strings.TrimSpace(text[:from]) == "" {
		return strings.TrimLeft(text[to:], " :,")
	}
	return text
}
