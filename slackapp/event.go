package slackapp

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// parseEvent reads the payload of an events_api envelope.
func (r eventParser) parseEvent(payload []byte) parsedEvent {
	var c eventPayload
	if err := slackjson.Unmarshal(payload, &c); err != nil {
		return ignore(IgnoredMalformed)
	}
	var u slackMessage
	if err := slackjson.Unmarshal(c.Event, &u); err != nil {
		return ignore(IgnoredMalformed)
	}
	if u.Type != "message" && u.Type != "app_mention" && !channelEventTypes[u.Type] {
		return ignore(IgnoredType)
	}
	if !r.identity.isAddressee(c) {
		return ignore(IgnoredWorkspace)
	}
	if channelEventTypes[u.Type] {
		return r.parseChannelEvent(c)
	}
	at := eventContext{channel: u.Channel, channelType: u.ChannelType, shared: c.Shared, appID: c.AppID}
	if !validID(at.channel) {
		return ignore(IgnoredMalformed)
	}
	switch u.Subtype {
	case "message_changed":
		return r.parseEdit(u, at)
	case "message_deleted":
		return r.parseDeletion(u, at)
	}
	h := r.parseMessage(u, at)
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
