package slackapp

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// channelEventTypes are the types of events about channels (https://docs.slack.dev/reference/events). Events about other
// people who join or leave are ignored.
var channelEventTypes = map[string]bool{
	"channel_id_changed": true, "member_joined_channel": true, "member_left_channel": true,
	"channel_left": true, "group_left": true,
	"channel_archive": true, "channel_unarchive": true, "group_archive": true, "group_unarchive": true,
}

// parseChannelEvent parses an event about a channel.
func (p eventParser) parseChannelEvent(c eventPayload) parsedEvent {
	var e struct {
		Type    string `json:"type"`
		TS      string `json:"event_ts"`
		Channel string `json:"channel"`
		User    string `json:"user"`
		Old     string `json:"old_channel_id"`
		New     string `json:"new_channel_id"`
	}
	if err := slackjson.Unmarshal(c.Event, &e); err != nil {
		return ignore(IgnoredMalformed)
	}
	ch := &channelEvent{}
	switch e.Type {
	case "channel_id_changed":
		if !validID(e.New) || e.New == e.Old {
			return ignore(IgnoredMalformed)
		}
		e.Channel, ch.renamedTo = e.Old, channelKey(p.identity.Team, e.New)
	case "member_joined_channel", "member_left_channel":
		if e.User != p.identity.User {
			return ignore(IgnoredType)
		}
		ch.joined = e.Type == "member_joined_channel"
	case "channel_unarchive", "group_unarchive":
		ch.unarchived = true
	}
	if !validID(e.Channel) {
		return ignore(IgnoredMalformed)
	}
	ch.channel = channelKey(p.identity.Team, e.Channel)
	if ch.joined && bridge.ValidTS(e.TS) && p.gate.channelRefusal(eventContext{channel: e.Channel, shared: c.Shared}) == bridge.Allowed {
		ch.botJoin = &bridge.BotJoin{Thread: bridge.ThreadKey(ch.channel), TS: e.TS}
	}
	return parsedEvent{channel: ch}
}
