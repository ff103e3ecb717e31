package timeline

import (
	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
)

// showsProgress reports whether an event of the type can say what the agent is doing.
// If an event shows on the card alone, only the newest one counts.
func showsProgress(t agen.EventType) bool {
	return t == agen.EventUserMessage || t == agen.EventAgentAskUser || t.Known() && !IsShown(t)
}

// NewsPerRead bounds how many events one read relays; the next read follows at once.
const NewsPerRead = 100

// News is an event that the thread shows and that is new or has changed.
type News struct {
	Event agen.Event
	Mark  bridge.SeenEvent
	// Again: it was relayed before, in another state. Wanted: it has not changed
	// itself, but its text stands in one post with events that have.
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
