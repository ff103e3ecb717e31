package slackapp

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/content"
	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// The reasons for which what came in is ignored. Each is a label of a metric.
const (
	IgnoredType      = "other_event"   // an event that we do nothing with
	IgnoredMalformed = "malformed"     // what is required is missing or isn't what it should be
	IgnoredWorkspace = "workspace"     // meant for another installation
	IgnoredSubtype   = "subtype"       // not plain words of a person: joins, topics, pins
	IgnoredBot       = "bot"           // said by an app, ours included
	IgnoredUnchanged = "unchanged"     // a link preview or the like: the words are the same
	IgnoredRefused   = "not_permitted" // a click of somebody who may not
)

// heard is what an event comes to: one of the first three, or a reason to ignore it.
type heard struct {
	message  *bridge.Message
	deletion *bridge.Deletion
	shift    *shift
	ignored  string
}

func ignore(reason string) heard { return heard{ignored: reason} }

// turn is what has to be dealt with one after the other: a thread, or a direct message, for its lines may belong
// together.
func (h heard) turn() string {
	key := h.thread()
	if at, err := placeOf(key); err == nil && (h.message != nil && h.message.LinesFrom != "" || h.deletion != nil && h.deletion.LinesFrom != "") {
		return at.channel
	}
	return string(key)
}

// thread is the conversation that it belongs to; for news of a channel, what its threads have in common.
func (h heard) thread() bridge.ThreadKey {
	switch {
	case h.deletion != nil:
		return h.deletion.Thread
	case h.shift != nil:
		return bridge.ThreadKey(h.shift.channel)
	default:
		return h.message.Thread
	}
}

// reader turns what Slack says into the bridge's words. It only knows who we are and who is let in; it calls nobody.
type reader struct {
	self self
	gate *gate
}

// event reads the payload of an events_api envelope.
func (r reader) event(payload []byte) heard {
	var c callback
	if err := slackjson.Unmarshal(payload, &c); err != nil {
		return ignore(IgnoredMalformed)
	}
	var u utterance
	if err := slackjson.Unmarshal(c.Event, &u); err != nil {
		return ignore(IgnoredMalformed)
	}
	if u.Type != "message" && u.Type != "app_mention" && !shifts[u.Type] {
		return ignore(IgnoredType)
	}
	if !r.self.isFor(c) {
		return ignore(IgnoredWorkspace)
	}
	if shifts[u.Type] {
		return r.shifted(c)
	}
	at := setting{channel: u.Channel, channelType: u.ChannelType, shared: c.Shared, appID: c.AppID}
	if !validID(at.channel) {
		return ignore(IgnoredMalformed)
	}
	switch u.Subtype {
	case "message_changed":
		return r.changed(u, at)
	case "message_deleted":
		return r.deleted(u, at)
	}
	h := r.said(u, at)
	m := h.message
	switch {
	case m == nil || m.Edited != "" || u.ThreadTS != "":
	case m.Aside != "":
		return ignore(bridge.IgnoredAside)
	case m.Kind == bridge.KindReply:
		// Chatter: it begins a thread, and not with us. Most of what is said in a channel ends here, without a look
		// at the store.
		return ignore(bridge.IgnoredNotOurs)
	}
	return h
}

// setting is where a message was said, as far as the message itself doesn't tell.
type setting struct {
	channel, channelType string
	shared               bool
	appID                string
}

// direct reports whether it is a direct message with the bot. An app_mention doesn't name its channel's type.
func (s setting) direct() bool {
	if s.channelType == "" {
		return strings.HasPrefix(s.channel, "D")
	}
	return s.channelType == "im" || s.channelType == "app_home"
}

// said reads a message, from whichever door it comes.
func (r reader) said(u utterance, at setting) heard {
	switch u.Subtype {
	case "", "file_share", "thread_broadcast", "me_message":
	default:
		return ignore(IgnoredSubtype)
	}
	if len(u.Message) > 0 {
		return ignore(IgnoredSubtype) // message_replied comes without its subtype
	}
	if r.self.isApp(u, at.appID) {
		return r.overheard(u, at)
	}
	if !bridge.ValidTS(u.TS) || !validID(u.User) || u.ThreadTS != "" && !bridge.ValidTS(u.ThreadTS) {
		return ignore(IgnoredMalformed)
	}
	b := newBody(u, at)
	mentioned := u.Type == "app_mention" || r.self.mentionedIn(b)
	m := bridge.Message{
		Thread: place{at.channel, b.root()}.key(r.self.Team),
		TS:     b.TS, Author: b.User, Kind: kindOf(mentioned, at.direct()),
		Edited: u.Edited.TS, Digest: b.digest(),
	}
	m.Root = b.TS == b.root()
	m.LinesFrom = r.lines(b.TS, at)
	m.Refused = r.gate.refusesAt(at, b.User)
	if m.Aside = asideTo(b.Text, mentioned, at.direct()); m.Aside != "" {
		return heard{message: &m}
	}
	if m.Kind != bridge.KindReply {
		m.Command, m.Session = r.self.command(b)
		m.Options = optionsIn(r.self.afterMention(b.Text))
	}
	m.Body = b.encode()
	return heard{message: &m}
}

// overheard reads what an app said. Nothing comes of it, but in a thread of ours the agent is to know of it.
func (r reader) overheard(u utterance, at setting) heard {
	if r.self.isOurs(u) || u.AppID != "" && u.AppID == at.appID || u.Edited.TS != "" ||
		!bridge.ValidTS(u.TS) || !bridge.ValidTS(u.ThreadTS) || u.ThreadTS == u.TS {
		return ignore(IgnoredBot)
	}
	key := place{at.channel, u.ThreadTS}.key(r.self.Team)
	return heard{message: &bridge.Message{Thread: key, TS: u.TS, Kind: bridge.KindApp}}
}

func kindOf(mentioned, direct bool) bridge.Kind {
	switch {
	case direct:
		return bridge.KindDirect
	case mentioned:
		return bridge.KindMention
	default:
		return bridge.KindReply
	}
}

// changed reads an edit. Link previews and a thread's counters change a message, too: an edit has a newer edited.ts,
// or, as Slack mostly gives it in whole seconds, the same one and other words.
func (r reader) changed(u utterance, at setting) heard {
	var now, before utterance
	if err := slackjson.Unmarshal(u.Message, &now); err != nil {
		return ignore(IgnoredMalformed)
	}
	if now.Subtype == "tombstone" { // a deleted message that still has replies
		return r.forgotten(now.TS, now.ThreadTS, at)
	}
	if now.Edited.TS == "" {
		return ignore(IgnoredUnchanged)
	}
	if err := slackjson.Unmarshal(u.Previous, &before); err == nil && now.Edited.TS == before.Edited.TS &&
		newBody(now, at).digest() == newBody(before, at).digest() {
		return ignore(IgnoredUnchanged)
	}
	now.Type = "message"
	return r.said(now, at)
}

// deleted reads a deletion (https://docs.slack.dev/reference/events/message/message_deleted).
func (r reader) deleted(u utterance, at setting) heard {
	var before utterance
	root := ""
	if err := slackjson.Unmarshal(u.Previous, &before); err == nil {
		if r.self.isApp(before, at.appID) {
			return ignore(IgnoredBot)
		}
		root = before.ThreadTS
	}
	ts := u.Deleted
	if ts == "" {
		ts = before.TS
	}
	return r.forgotten(ts, root, at)
}

func (r reader) forgotten(ts, root string, at setting) heard {
	if root == "" {
		root = ts
	}
	if !bridge.ValidTS(ts) || !bridge.ValidTS(root) {
		return ignore(IgnoredMalformed)
	}
	key := place{at.channel, root}.key(r.self.Team)
	return heard{deletion: &bridge.Deletion{Thread: key, TS: ts, LinesFrom: r.lines(ts, at)}}
}

// lines is where the lines begin that one of this ts may go on with, in a direct message; empty elsewhere.
func (r reader) lines(ts string, at setting) bridge.ThreadKey {
	if !at.direct() {
		return ""
	}
	return place{at.channel, bridge.FormatTS(bridge.TSTime(ts).Add(-bridge.LineGap))}.key(r.self.Team)
}

// asideTo tells whom people talk to among themselves: with the mark they say so, and in a channel what starts with
// somebody's or a group's name and does not name the bot is for them. It is empty for what is for the bot.
func asideTo(text string, mentioned, direct bool) string {
	text = strings.TrimSpace(text)
	if rest, ok := strings.CutPrefix(text, bridge.AsideMark); ok && (rest == "" || rest[0] <= ' ' || rest[0] == ':') {
		return bridge.AsideMark
	}
	if mentioned || direct || !strings.HasPrefix(text, "<@") && !strings.HasPrefix(text, "<!subteam^") {
		return ""
	}
	name, _, _ := strings.Cut(text[1:], ">")
	name, _, _ = strings.Cut(name, "|")
	if !validID(strings.TrimPrefix(strings.TrimPrefix(name, "@"), "!subteam^")) {
		return bridge.AsideMark
	}
	return "<" + name + ">"
}

// body is what vetting and composing need of a message: the bridge keeps it, unread, until nothing more is owed.
type body struct {
	Channel string          `json:"channel"`
	TS      string          `json:"ts"`
	Root    string          `json:"root,omitempty"`
	User    string          `json:"user"`
	Team    string          `json:"team,omitempty"`
	Direct  bool            `json:"direct,omitempty"`
	Text    string          `json:"text,omitempty"`
	Blocks  json.RawMessage `json:"blocks,omitempty"`
	Files   []file          `json:"files,omitempty"`
	Shares  []share         `json:"shares,omitempty"`
}

// share is a message that was forwarded with this one.
type share struct {
	Author string `json:"author,omitempty"`
	Text   string `json:"text,omitempty"`
	Link   string `json:"link,omitempty"`
}

func newBody(u utterance, at setting) body {
	b := body{
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
			b.Shares = append(b.Shares, share{Author: a.Author, Text: cmp.Or(a.Text, a.Fallback), Link: a.FromURL})
		}
	}
	return b
}

// root is the first message of the thread, the message itself where it has none yet.
func (b body) root() string { return cmp.Or(b.Root, b.TS) }

// digest identifies the words and the files: previews don't count.
func (b body) digest() uint64 {
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
func (b body) encode() json.RawMessage {
	raw, err := json.Marshal(b)
	if err != nil {
		b.Blocks = nil // the one part that is passed on unread; the text says the same
		raw, _ = json.Marshal(b)
	}
	return raw
}

// bodyOf reads what encode wrote. The channel is that of the key, which may name another id than the message did.
func bodyOf(m bridge.Message) (body, error) {
	var b body
	if err := json.Unmarshal(m.Body, &b); err != nil {
		return body{}, &bridge.Fault{Class: bridge.ClassRejected, Err: fmt.Errorf("read stored message: %w", errBody)}
	}
	if at, err := placeOf(m.Thread); err == nil {
		b.Channel = at.channel
	}
	if at, err := placeOf(m.Thread); err == nil && b.Direct {
		b.Root = at.root // it may go on with an earlier line
	}
	return b, nil
}

var errBody = errors.New("its body is not one of ours")
