package slackapp

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/content"
)

// messageBody is what authorizing the author and composing the prompt need of a message. The bridge stores it as opaque
// JSON until the message is delivered.
type messageBody struct {
	Channel string          `json:"channel"`
	TS      string          `json:"ts"`
	Root    string          `json:"root,omitempty"`
	User    string          `json:"user"`
	Team    string          `json:"team,omitempty"`
	Direct  bool            `json:"direct,omitempty"`
	Text    string          `json:"text,omitempty"`
	Blocks  json.RawMessage `json:"blocks,omitempty"`
	// Attachments are those that Slack shows as part of the message: no link previews, no quoted messages.
	Attachments []content.Attachment `json:"attachments,omitempty"`
	// Files are the message's own and those of forwarded messages.
	Files []file `json:"files,omitempty"`
	// Quoted are the messages that were forwarded with it, and the previews of those that it links to.
	Quoted []quotedMessage `json:"shares,omitempty"`
}

func newMessageBody(msg slackMessage, at eventContext) messageBody {
	b := messageBody{
		Channel: at.channel, TS: msg.TS, Root: msg.ThreadTS, User: msg.User, Team: msg.UserTeam, Direct: at.direct(),
		Text: msg.Text, Blocks: msg.Blocks, Files: realFiles(msg.Files),
	}
	for _, a := range msg.Attachments {
		if !a.IsPreview() && !a.QuotesMessage() {
			b.Attachments = append(b.Attachments, a)
		}
	}
	b.Quoted = quotedIn(msg.Attachments)
	for i, q := range b.Quoted {
		if !q.Preview {
			b.Files = append(b.Files, q.Files...)
			b.Quoted[i].Files = nil
		}
	}
	return b
}

// parts counts what the message shows beside its text, and the previews of linked messages among it.
func (b messageBody) parts() (all, previews int) {
	var blocks []json.RawMessage
	// Blocks that are no list show nothing.
	_ = json.Unmarshal(b.Blocks, &blocks)
	for _, q := range b.Quoted {
		if q.Preview {
			previews++
		}
	}
	return len(blocks) + len(b.Attachments) + len(b.Files) + len(b.Quoted), previews
}

// permalink finds the link to a message in Slack (https://docs.slack.dev/reference/methods/chat.getPermalink).
var permalink = regexp.MustCompile(`https://[a-z0-9.-]+\.slack(-gov)?\.com/archives/[CDG][A-Z0-9]+/p\d{7,}`)

// awaitsPreview reports whether the message links to more messages than it has previews of.
func (b messageBody) awaitsPreview() bool {
	if !strings.Contains(b.Text, "/archives/") {
		return false
	}
	links := map[string]bool{}
	for _, link := range permalink.FindAllString(b.Text, -1) {
		links[link] = true
	}
	_, previews := b.parts()
	return len(links) > previews
}

// shown is what Slack's client shows of the message, apart from its files and quoted messages.
func (b messageBody) shown() content.Message {
	return content.Message{Text: b.Text, Blocks: b.Blocks, Attachments: b.Attachments}
}

// root returns the ts of the thread's root, which is the message itself if it isn't a reply.
func (b messageBody) root() string { return cmp.Or(b.Root, b.TS) }

// digest identifies what a person sees of the message. Link previews don't change it, nor do rich_text blocks beside the
// text that Slack made from them.
func (b messageBody) digest() uint64 {
	h := fnv.New64a()
	// Writing to a hash never fails.
	_, _ = h.Write([]byte(b.Text))
	for _, f := range b.Files {
		_, _ = h.Write([]byte{0})
		_, _ = h.Write([]byte(f.ID))
	}
	for _, q := range b.Quoted {
		if !q.Preview {
			_, _ = fmt.Fprintf(h, "\x01%s\x00%s\x00%s\x00%s", q.Author, q.Link, q.Text, q.shown().BeyondText())
		}
	}
	if more := b.shown().BeyondText(); more != "" {
		_, _ = h.Write([]byte{2})
		_, _ = h.Write([]byte(more))
	}
	return h.Sum64()
}

// encode returns the body as the bridge stores it. Encoding can't fail: all of it came out of JSON.
func (b messageBody) encode() json.RawMessage {
	raw, err := json.Marshal(b)
	if err != nil {
		b.Blocks = nil // the only part that is passed on undecoded; the text says the same
		raw, _ = json.Marshal(b)
	}
	return raw
}

// decodeBody decodes what encode returned. The channel is that of the thread's key, whose id may be newer than the
// message's. The error is a Fault.
func decodeBody(m bridge.Message) (messageBody, error) {
	var b messageBody
	if err := json.Unmarshal(m.Body, &b); err != nil {
		return messageBody{}, &bridge.Fault{Class: bridge.ClassRejected, Err: fmt.Errorf("read stored message: %w", errBody)}
	}
	if at, err := locationOf(m.Thread); err == nil {
		b.Channel = at.channel
	}
	if at, err := locationOf(m.Thread); err == nil && b.Direct {
		b.Root = at.root // the message may continue an earlier line
	}
	return b, nil
}

// decodeBody decodes a message's body, with the present id of its channel.
func (a channelAliases) decodeBody(m bridge.Message) (messageBody, error) {
	m.Thread = a.currentKey(m.Thread)
	return decodeBody(m)
}

var errBody = errors.New("the body is malformed")
