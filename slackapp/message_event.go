package slackapp

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

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
