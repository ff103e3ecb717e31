package slackapp

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// parseMessage reads a message, from whichever door it comes.
func (r eventParser) parseMessage(u slackMessage, at eventContext) parsedEvent {
	switch u.Subtype {
	case "", "file_share", "thread_broadcast", "me_message":
	default:
		return ignore(IgnoredSubtype)
	}
	if len(u.Message) > 0 {
		return ignore(IgnoredSubtype) // message_replied comes without its subtype
	}
	if r.identity.isApp(u, at.appID) {
		return r.parseAppMessage(u, at)
	}
	if !bridge.ValidTS(u.TS) || !validID(u.User) || u.ThreadTS != "" && !bridge.ValidTS(u.ThreadTS) {
		return ignore(IgnoredMalformed)
	}
	b := newMessageBody(u, at)
	mentioned := u.Type == "app_mention" || r.identity.isMentionedIn(b)
	m := bridge.Message{
		Thread: location{at.channel, b.root()}.key(r.identity.Team),
		TS:     b.TS, Author: b.User, Kind: kindOf(mentioned, at.direct()),
		Edited: u.Edited.TS, Digest: b.digest(),
	}
	m.Root = b.TS == b.root()
	m.LinesFrom = r.linesFrom(b.TS, at)
	m.Refused = r.gate.refusal(at, b.User)
	if m.Aside = asideAddressee(b.Text, mentioned, at.direct()); m.Aside != "" {
		return parsedEvent{message: &m}
	}
	if m.Kind != bridge.KindReply {
		m.Command, m.Session = r.identity.command(b)
		m.Options = parseOptions(r.identity.textAfterMention(b.Text))
	}
	m.Body = b.encode()
	return parsedEvent{message: &m}
}

// parseAppMessage reads what an app said. Nothing comes of it, but in a thread of ours the agent is to know of it.
func (r eventParser) parseAppMessage(u slackMessage, at eventContext) parsedEvent {
	if r.identity.isOurs(u) || u.AppID != "" && u.AppID == at.appID || u.Edited.TS != "" ||
		!bridge.ValidTS(u.TS) || !bridge.ValidTS(u.ThreadTS) || u.ThreadTS == u.TS {
		return ignore(IgnoredBot)
	}
	key := location{at.channel, u.ThreadTS}.key(r.identity.Team)
	return parsedEvent{message: &bridge.Message{Thread: key, TS: u.TS, Kind: bridge.KindApp}}
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

// parseEdit reads an edit. Link previews and a thread's counters change a message, too: an edit has a newer edited.ts,
// or, as Slack mostly gives it in whole seconds, the same one and other words.
func (r eventParser) parseEdit(u slackMessage, at eventContext) parsedEvent {
	var now, before slackMessage
	if err := slackjson.Unmarshal(u.Message, &now); err != nil {
		return ignore(IgnoredMalformed)
	}
	if now.Subtype == "tombstone" { // a deleted message that still has replies
		return r.deletion(now.TS, now.ThreadTS, at)
	}
	if now.Edited.TS == "" {
		return ignore(IgnoredUnchanged)
	}
	if err := slackjson.Unmarshal(u.Previous, &before); err == nil && now.Edited.TS == before.Edited.TS &&
		newMessageBody(now, at).digest() == newMessageBody(before, at).digest() {
		return ignore(IgnoredUnchanged)
	}
	now.Type = "message"
	return r.parseMessage(now, at)
}

// parseDeletion reads a deletion (https://docs.slack.dev/reference/events/message/message_deleted).
func (r eventParser) parseDeletion(u slackMessage, at eventContext) parsedEvent {
	var before slackMessage
	root := ""
	if err := slackjson.Unmarshal(u.Previous, &before); err == nil {
		if r.identity.isApp(before, at.appID) {
			return ignore(IgnoredBot)
		}
		root = before.ThreadTS
	}
	ts := u.DeletedTS
	if ts == "" {
		ts = before.TS
	}
	return r.deletion(ts, root, at)
}

func (r eventParser) deletion(ts, root string, at eventContext) parsedEvent {
	if root == "" {
		root = ts
	}
	if !bridge.ValidTS(ts) || !bridge.ValidTS(root) {
		return ignore(IgnoredMalformed)
	}
	key := location{at.channel, root}.key(r.identity.Team)
	return parsedEvent{deletion: &bridge.Deletion{Thread: key, TS: ts, LinesFrom: r.linesFrom(ts, at)}}
}

// linesFrom is where the lines begin that one of this ts may go on with, in a direct message; empty elsewhere.
func (r eventParser) linesFrom(ts string, at eventContext) bridge.ThreadKey {
	if !at.direct() {
		return ""
	}
	return location{at.channel, bridge.FormatTS(bridge.TSTime(ts).Add(-bridge.LineGap))}.key(r.identity.Team)
}
