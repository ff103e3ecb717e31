package timeline

import (
	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
)

// showsProgress reports whether an event of the type can say what the agent is doing. Of
// the events that only the card shows, just the newest one matters.
func showsProgress(t agen.EventType) bool {
	return t == agen.EventUserMessage || t == agen.EventAgentAskUser || t.Known() && !IsShown(t)
}

// NewsPerRead is the maximum number of events that one read relays. If there are more,
// the next read follows at once.
const NewsPerRead = 100

// News is a new or changed event that the thread shows.
type News struct {
	Event agen.Event
	Mark  bridge.SeenEvent
	// Again is true if the event was relayed before, in another state. Wanted is true if
	// the event itself has not changed but shares a post with events that have, so its
	// text is needed.
	Again, Wanted bool
}

// IsShown reports whether the thread shows events of the type.
func IsShown(t agen.EventType) bool {
	switch t {
	case agen.EventAgentMessage, agen.EventAgentAskUser, agen.EventUserAskUserResponse, agen.EventSystemMessage, agen.EventAgentAlertCreated,
		agen.EventSessionClosed, agen.EventMergeRequestMerged, agen.EventMergeRequestClosed, agen.EventUserMessage:
		return true
	default:
		return false
	}
}
