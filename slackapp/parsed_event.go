package slackapp

import "github.com/agenbridge/agenbridge/bridge"

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

// parsedEvent is what an event comes to: one of the first three, or a reason to ignore it.
type parsedEvent struct {
	message  *bridge.Message
	deletion *bridge.Deletion
	channel  *channelEvent
	ignored  string
}

func ignore(reason string) parsedEvent { return parsedEvent{ignored: reason} }

// orderKey is what has to be dealt with one after the other: a thread, or a direct message, for its lines may belong
// together.
func (h parsedEvent) orderKey() string {
	key := h.thread()
	if at, err := locationOf(key); err == nil && (h.message != nil && h.message.LinesFrom != "" || h.deletion != nil && h.deletion.LinesFrom != "") {
		return at.channel
	}
	return string(key)
}

// thread is the conversation that it belongs to; for news of a channel, what its threads have in common.
func (h parsedEvent) thread() bridge.ThreadKey {
	switch {
	case h.deletion != nil:
		return h.deletion.Thread
	case h.channel != nil:
		return bridge.ThreadKey(h.channel.channel)
	default:
		return h.message.Thread
	}
}

// eventParser turns what Slack says into the bridge's words. It only knows who we are and who is let in; it calls nobody.
type eventParser struct {
	identity botIdentity
	gate     *gate
}

// channelEvent is news of a channel as such: it has another id, or we are in it or not.
type channelEvent struct {
	channel bridge.ChannelKey
	// renamedTo is its present key; empty where we came or went.
	renamedTo bridge.ChannelKey
	joined    bool
	// botJoin is set where we came to a channel in which we are switched on.
	botJoin *bridge.BotJoin
}
