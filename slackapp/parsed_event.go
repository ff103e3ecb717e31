package slackapp

import "github.com/agenbridge/agenbridge/bridge"

// The reasons to ignore an event. Each is a label of a metric.
const (
	IgnoredType      = "other_event"   // an event of a type that has no use here
	IgnoredMalformed = "malformed"     // a required field is missing or malformed
	IgnoredWorkspace = "workspace"     // meant for another installation of the app
	IgnoredOtherApp  = "other_app"     // sent to another app, whose app token we have
	IgnoredSubtype   = "subtype"       // not a message of a person: joins, topics, pins
	IgnoredBot       = "bot"           // posted by an app, ours included
	IgnoredUnchanged = "unchanged"     // an edit that leaves the text unchanged, such as a link preview
	IgnoredRefused   = "not_permitted" // a click of a person who may not use the bot
)

// parsedEvent is an event in the bridge's vocabulary. Exactly one field is set; ignored is the reason to ignore it.
type parsedEvent struct {
	message  *bridge.Message
	deletion *bridge.Deletion
	channel  *channelEvent
	ignored  string
}

func ignore(reason string) parsedEvent { return parsedEvent{ignored: reason} }

// orderKey is the same for events that must be handled in order: those of one thread, or of one direct message, whose
// consecutive lines may belong together.
func (e parsedEvent) orderKey() string {
	key := e.thread()
	if at, err := locationOf(key); err == nil && (e.message != nil && e.message.LinesFrom != "" || e.deletion != nil && e.deletion.LinesFrom != "") {
		return at.channel
	}
	return string(key)
}

// thread returns the key of the thread; for an event about a channel, the key of the channel.
func (e parsedEvent) thread() bridge.ThreadKey {
	switch {
	case e.deletion != nil:
		return e.deletion.Thread
	case e.channel != nil:
		return bridge.ThreadKey(e.channel.channel)
	default:
		return e.message.Thread
	}
}

// eventParser translates Slack's events into the bridge's vocabulary. It is pure: it knows our identity and the first half
// of the gate, and makes no call.
type eventParser struct {
	identity botIdentity
	gate     *gate
}

// channelEvent says that a channel has a new id, or that we joined or left it. One that is archived counts as left.
type channelEvent struct {
	channel bridge.ChannelKey
	// renamedTo is the key with the new id; empty if we joined or left.
	renamedTo bridge.ChannelKey
	joined    bool
	// unarchived is set if neither happened, but the channel was unarchived.
	unarchived bool
	// botJoin is set if we joined a channel in which the bot may be used.
	botJoin *bridge.BotJoin
}
