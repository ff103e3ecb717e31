package slackapp

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// parseEvent parses the payload of an events_api envelope: app_mention and message events, and those about channels.
func (p eventParser) parseEvent(payload []byte) parsedEvent {
	var c eventPayload
	if err := slackjson.Unmarshal(payload, &c); err != nil {
		return ignore(IgnoredMalformed)
	}
	var msg slackMessage
	if err := slackjson.Unmarshal(c.Event, &msg); err != nil {
		return ignore(IgnoredMalformed)
	}
	if msg.Type != "message" && msg.Type != "app_mention" && !channelEventTypes[msg.Type] {
		return ignore(IgnoredType)
	}
	if p.identity.isOtherApp(c.AppID) {
		return ignore(IgnoredOtherApp)
	}
	if !p.identity.isAddressee(c) {
		return ignore(IgnoredWorkspace)
	}
	if channelEventTypes[msg.Type] {
		return p.parseChannelEvent(c)
	}
	at := eventContext{channel: msg.Channel, channelType: msg.ChannelType, shared: c.Shared, appID: c.AppID}
	if !validID(at.channel) {
		return ignore(IgnoredMalformed)
	}
	switch msg.Subtype {
	case "message_changed":
		return p.parseEdit(msg, at)
	case "message_deleted":
		return p.parseDeletion(msg, at)
	}
	e := p.parseMessage(msg, at)
	m := e.message
	switch {
	case m == nil || m.Edited != "" || msg.ThreadTS != "":
	case m.Aside != "":
		return ignore(bridge.IgnoredAside)
	case m.Kind == bridge.KindReply:
		// It begins a thread without mentioning us. Most messages of a channel end here, without a look at the store.
		return ignore(bridge.IgnoredNotOurs)
	}
	return e
}
