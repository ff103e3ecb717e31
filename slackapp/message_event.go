package slackapp

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/content"
	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// parseMessage parses a message: from an app_mention or message event, from conversations.replies or from
// conversations.history.
func (p eventParser) parseMessage(msg slackMessage, at eventContext) parsedEvent {
	switch msg.Subtype {
	case "", "file_share", "thread_broadcast", "me_message":
	default:
		return ignore(IgnoredSubtype)
	}
	if len(msg.Message) > 0 {
		return ignore(IgnoredSubtype) // message_replied comes without its subtype
	}
	if p.identity.isApp(msg, at.appID) {
		return p.parseAppMessage(msg, at)
	}
	if !bridge.ValidTS(msg.TS) || !validID(msg.User) || msg.ThreadTS != "" && !bridge.ValidTS(msg.ThreadTS) {
		return ignore(IgnoredMalformed)
	}
	b := newMessageBody(msg, at)
	mentioned := p.isMentionedIn(b, msg.Type)
	m := bridge.Message{
		Thread: location{at.channel, b.root()}.key(p.identity.Team),
		TS:     b.TS, Author: b.User, Kind: kindOf(mentioned, at.direct()),
		Edited: msg.Edited.TS, Digest: b.digest(),
	}
	m.Root = b.TS == b.root()
	m.LinesFrom = p.linesFrom(b.TS, at)
	m.Refused = p.gate.refusal(at, b.User)
	if m.Aside = asideAddressee(b.Text, mentioned, at.direct()); m.Aside != "" {
		return parsedEvent{message: &m}
	}
	c := p.identity.commandWord(b, m.Kind)
	m.Command, m.Word, m.Session, m.Meant = c.command, c.word, c.session, c.meant
	if m.Kind != bridge.KindReply {
		m.Options = parseOptions(content.WithoutAddress(b.Text, p.identity.User))
	}
	m.Parts, m.Previews = b.parts()
	m.AwaitsPreview = m.Command == "" && b.awaitsPreview()
	m.Body = b.encode()
	return parsedEvent{message: &m}
}

// isMentionedIn reports whether the message addresses the bot. A mention in a quote or in code repeats what was said
// elsewhere, whatever Slack makes of it.
func (p eventParser) isMentionedIn(b messageBody, event string) bool {
	switch b.shown().Mentions(p.identity.User) {
	case content.MentionAddressed:
		return true
	case content.MentionQuoted:
		return false
	default:
		return event == "app_mention"
	}
}

// parseAppMessage parses a message of an app. It never triggers anything. In a thread of ours it tells that the thread has
// something that the agent does not know yet.
func (p eventParser) parseAppMessage(msg slackMessage, at eventContext) parsedEvent {
	if p.identity.isOurs(msg) || msg.AppID != "" && msg.AppID == at.appID || msg.Edited.TS != "" ||
		!bridge.ValidTS(msg.TS) || !bridge.ValidTS(msg.ThreadTS) || msg.ThreadTS == msg.TS {
		return ignore(IgnoredBot)
	}
	key := location{at.channel, msg.ThreadTS}.key(p.identity.Team)
	return parsedEvent{message: &bridge.Message{Thread: key, TS: msg.TS, Kind: bridge.KindApp}}
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

// parseEdit parses a message_changed event. Link previews and a thread's reply count change a message, too. A real edit
// has a newer edited.ts, or the same one, because it mostly has whole seconds, and another text. What is added without an
// edit, such as the preview of a linked message, counts if the message shows more than before.
func (p eventParser) parseEdit(msg slackMessage, at eventContext) parsedEvent {
	var now, before slackMessage
	if err := slackjson.Unmarshal(msg.Message, &now); err != nil {
		return ignore(IgnoredMalformed)
	}
	if now.Subtype == "tombstone" { // a deleted message that still has replies
		return p.deletion(now.TS, now.ThreadTS, at)
	}
	// Without the previous message, all of this one is new.
	_ = slackjson.Unmarshal(msg.Previous, &before)
	is, was := newMessageBody(now, at), newMessageBody(before, at)
	now.Type = "message"
	if now.Edited.TS != "" && (now.Edited.TS != before.Edited.TS || is.digest() != was.digest()) {
		return p.parseMessage(now, at)
	}
	shown, _ := is.parts()
	if before, _ := was.parts(); shown <= before || p.identity.isApp(now, at.appID) {
		return ignore(IgnoredUnchanged)
	}
	e := p.parseMessage(now, at)
	if m := e.message; m != nil {
		if m.Kind == bridge.KindReply && now.ThreadTS == "" || m.Aside != "" {
			return ignore(IgnoredUnchanged)
		}
		m.Supplement = true
	}
	return e
}

// parseDeletion parses a message_deleted event (https://docs.slack.dev/reference/events/message/message_deleted).
func (p eventParser) parseDeletion(msg slackMessage, at eventContext) parsedEvent {
	var before slackMessage
	root := ""
	if err := slackjson.Unmarshal(msg.Previous, &before); err == nil {
		if p.identity.isApp(before, at.appID) {
			return ignore(IgnoredBot)
		}
		root = before.ThreadTS
	}
	ts := msg.DeletedTS
	if ts == "" {
		ts = before.TS
	}
	return p.deletion(ts, root, at)
}

func (p eventParser) deletion(ts, root string, at eventContext) parsedEvent {
	if root == "" {
		root = ts
	}
	if !bridge.ValidTS(ts) || !bridge.ValidTS(root) {
		return ignore(IgnoredMalformed)
	}
	key := location{at.channel, root}.key(p.identity.Team)
	return parsedEvent{deletion: &bridge.Deletion{Thread: key, TS: ts, LinesFrom: p.linesFrom(ts, at)}}
}

// linesFrom returns the key of the earliest message that a message with this ts may continue. Only in direct messages do
// consecutive lines belong together; elsewhere it is empty.
func (p eventParser) linesFrom(ts string, at eventContext) bridge.ThreadKey {
	if !at.direct() {
		return ""
	}
	return location{at.channel, bridge.FormatTS(bridge.TSTime(ts).Add(-bridge.LineGap))}.key(p.identity.Team)
}
