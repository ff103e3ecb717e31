package slackapp

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/content"
)

// messageBody is what vetting and composing need of a message: the bridge keeps it, unread, until nothing more is owed.
type messageBody struct {
	Channel string             `json:"channel"`
	TS      string             `json:"ts"`
	Root    string             `json:"root,omitempty"`
	User    string             `json:"user"`
	Team    string             `json:"team,omitempty"`
	Direct  bool               `json:"direct,omitempty"`
	Text    string             `json:"text,omitempty"`
	Blocks  json.RawMessage    `json:"blocks,omitempty"`
	Files   []file             `json:"files,omitempty"`
	Shares  []forwardedMessage `json:"shares,omitempty"`
}

// forwardedMessage is a message that was forwarded with this one.
type forwardedMessage struct {
	Author string `json:"author,omitempty"`
	Text   string `json:"text,omitempty"`
	Link   string `json:"link,omitempty"`
}

func newMessageBody(u slackMessage, at eventContext) messageBody {
	b := messageBody{
		Channel: at.channel, TS: u.TS, Root: u.ThreadTS, User: u.User, Team: u.UserTeam, Direct: at.direct(),
		Text: u.Text,
	}
	if content.HasRichText(u.Blocks) {
		b.Blocks = u.Blocks
	}
	for _, f := range u.Files {
		if f.ID != "" {
			b.Files = append(b.Files, f)
		}
	}
	for _, a := range u.Attachments {
		if a.Share {
			b.Shares = append(b.Shares, forwardedMessage{Author: a.Author, Text: cmp.Or(a.Text, a.Fallback), Link: a.FromURL})
		}
	}
	return b
}

// root is the first message of the thread, the message itself where it has none yet.
func (b messageBody) root() string { return cmp.Or(b.Root, b.TS) }

// digest identifies the words and the files: previews don't count.
func (b messageBody) digest() uint64 {
	h := fnv.New64a()
	// A hash takes everything.
	_, _ = h.Write([]byte(b.Text))
	for _, f := range b.Files {
		_, _ = h.Write([]byte{0})
		_, _ = h.Write([]byte(f.ID))
	}
	return h.Sum64()
}

// encode makes the body that the bridge keeps. All of it came out of JSON, so it goes into it.
func (b messageBody) encode() json.RawMessage {
	raw, err := json.Marshal(b)
	if err != nil {
		b.Blocks = nil // the one part that is passed on unread; the text says the same
		raw, _ = json.Marshal(b)
	}
	return raw
}

// decodeBody reads what encode wrote. The channel is that of the key, which may name another id than the message did.
func decodeBody(m bridge.Message) (messageBody, error) {
	var b messageBody
	if err := json.Unmarshal(m.Body, &b); err != nil {
		return messageBody{}, &bridge.Fault{Class: bridge.ClassRejected, Err: fmt.Errorf("read stored message: %w", errBody)}
	}
	if at, err := locationOf(m.Thread); err == nil {
		b.Channel = at.channel
	}
	if at, err := locationOf(m.Thread); err == nil && b.Direct {
		b.Root = at.root // it may go on with an earlier line
	}
	return b, nil
}

var errBody = errors.New("its body is not one of ours")
