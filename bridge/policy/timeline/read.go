package timeline

import (
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
)

// Entry is one of our messages in the session's timeline.
type Entry struct {
	EventID  string
	ClientID string
	Status   agen.Status
}

// Read is the result of one read of a session's timeline.
type Read struct {
	// Session is the id of the session.
	Session string
	// Ours are our messages in it, by client id, or by the id of the record whose
	// receipt is the event's id.
	Ours map[string]Entry
	// News are the events to be shown in the thread, in order. More means that there
	// are more than one read relays.
	News []News
	More bool
	// Work is the newest event about the progress of the work. WorkResults are the
	// newest that name a branch and a merge request.
	Work        *agen.Event
	WorkResults []*agen.Event
	// OwnPosts are our posts in the thread, if PostsRead says that they were
	// read.
	OwnPosts  []bridge.OwnPost
	PostsRead bool
	// UnknownClientID: it has a message with a client id in our form that the thread
	// doesn't know.
	UnknownClientID bool
	// LastSaid is when the newest message of a person was written; it is found only if
	// PostsRead.
	LastSaid time.Time
	// Unmarked: it has messages of people without a client id.
	Unmarked bool
	// Fingerprint identifies the content of the timeline: if it is the same, there is
	// no news.
	Fingerprint uint64
	// ETag is Agen's name for this state of it; empty if it has none.
	ETag string
	// Took is how long the read took.
	Took time.Duration
}
