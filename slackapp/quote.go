package slackapp

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/content"
	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// quotedMessage is a message of Slack that goes along with the one to the agent: one that was forwarded with it, Slack's
// preview of one that it links to, or an earlier one of the thread.
type quotedMessage struct {
	// Preview is set if Slack added the message because of a link. Otherwise the author forwarded it.
	Preview bool `json:"preview,omitempty"`
	// User is the id of the author, Author the name as Slack gives it, and App is set if that is an app's.
	User    string `json:"user,omitempty"`
	Author  string `json:"author,omitempty"`
	App     bool   `json:"app,omitempty"`
	Channel string `json:"channel,omitempty"`
	TS      string `json:"ts,omitempty"`
	Link    string `json:"link,omitempty"`
	Text    string `json:"text,omitempty"`

	Blocks      json.RawMessage      `json:"blocks,omitempty"`
	Attachments []content.Attachment `json:"attachments,omitempty"`
	Files       []file               `json:"files,omitempty"`
}

// quotedIn returns the messages that attachments quote.
func quotedIn(attachments []content.Attachment) []quotedMessage {
	var all []quotedMessage
	for _, a := range attachments {
		if !a.QuotesMessage() {
			continue
		}
		shown := a.Quoted()
		q := quotedMessage{
			Preview: !a.Share, User: a.AuthorID, Author: a.Author, App: strings.HasPrefix(a.AuthorID, "B"), Channel: a.Channel, TS: a.TS, Link: a.FromURL,
			Text: shown.Text, Blocks: shown.Blocks, Attachments: shown.Attachments,
		}
		var files []json.RawMessage
		// What is no list of files has none.
		_ = json.Unmarshal(a.Files, &files)
		q.Files = realFiles(slackjson.UnmarshalEach[file](files))
		all = append(all, q)
	}
	return all
}

// quoted is the message as one that goes along with another.
func (msg slackMessage) quoted() quotedMessage {
	q := quotedMessage{User: msg.User, TS: msg.TS, Text: msg.Text, Blocks: msg.Blocks, Attachments: msg.Attachments}
	if msg.BotID != "" || msg.User == slackbot {
		q.App, q.Author = true, cmp.Or(msg.Username, msg.Profile.Name)
	}
	return q
}

func (q quotedMessage) shown() content.Message {
	return content.Message{Text: q.Text, Blocks: q.Blocks, Attachments: q.Attachments, App: q.App}
}

// headline says who wrote the message, where if that is given, and when.
func (q quotedMessage) headline(n nameResolver, where string) string {
	who := content.CleanName(q.Author)
	switch {
	case q.App:
		who = cmp.Or(who, "An app") + " (app)"
	case validID(q.User):
		who = n.User(q.User)
	case who == "":
		who = "Somebody"
	}
	head := "**" + who + "**"
	if where != "" {
		head += " in " + where
	}
	if bridge.ValidTS(q.TS) {
		head += ", " + content.Date(q.TS)
	}
	return head + ":"
}

// quote renders the message as a quotation of its own, so that an open fence ends with it. What else belongs to it follows
// its text. It is empty if there is nothing to show.
func (q quotedMessage) quote(n nameResolver, where string, more ...string) string {
	var parts []string
	for _, part := range append([]string{q.shown().Markdown(n, ""), content.URL(q.Link)}, more...) {
		if strings.TrimSpace(part) != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return content.Quote(q.headline(n, where) + "\n" + strings.Join(parts, "\n\n"))
}
