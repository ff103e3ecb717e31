package timeline

import (
	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
)

// showsProgress reports whether the newest event of the type tells where the work
// stands. Of those that show on the card alone only the newest counts.
func showsProgress(t agen.EventType) bool {
	return t == agen.EventUserMessage || t == agen.EventAgentAskUser || t.Known() && !IsShown(t)
}

// NewsPerRead bounds what one read takes on; the rest follows at once.
const NewsPerRead = 100

// News is an event that leads to something in the thread and that is new, or
// not what it was.
type News struct {
	Event agen.Event
	Mark  bridge.SeenEvent
	// Again: it was dealt with before, in another state; wanted: not for
	// itself, but because its words stand beside others that changed.
	Again, Wanted bool
}

// IsShown reports whether events of the type lead to something in the thread.
func IsShown(t agen.EventType) bool {
	switch t {
	case agen.EventAgentMessage, agen.EventAgentAskUser, agen.EventUserAskUserResponse, agen.EventSystemMessage, agen.EventAgentAlertCreated,
		agen.EventSessionClosed, agen.EventMergeRequestMerged, agen.EventMergeRequestClosed, agen.EventUserMessage:
		return true
	default:
		return false
	}
}
