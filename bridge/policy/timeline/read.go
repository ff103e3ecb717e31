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
	// Ours are our messages in the timeline. The key is the client id, or the id of the
	// record whose receipt is the event's id.
	Ours map[string]Entry
	// News are the events to show in the thread, in order. More is true if there are more
	// events than one read relays.
	News []News
	More bool
	// Work is the newest event about the progress of the work. WorkResults are the newest
	// events that name a branch and a merge request.
	Work        *agen.Event
	WorkResults []*agen.Event
	// OwnPosts are our posts in the thread. They were read only if PostsRead is true.
	OwnPosts  []bridge.OwnPost
	PostsRead bool
	// UnknownClientID is true if a message has a client id in our format that the thread
	// doesn't know.
	UnknownClientID bool
	// LastSaid is the time of the newest message of a person. It is set only if PostsRead
	// is true.
	LastSaid time.Time
	// Unmarked is true if there are messages of people without a client id.
	Unmarked bool
	// Fingerprint identifies the content of the timeline: if it is unchanged, there is no
	// news.
	Fingerprint uint64
	// ETag is Agen's ETag of this state of the timeline, or empty.
	ETag string
	// Took is how long the read took.
	Took time.Duration
}
