package timeline

import (
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
)

// Entry is one of our messages as the session has it.
type Entry struct {
	EventID  string
	ClientID string
	Status   agen.Status
}

// Read is what one read of a session's timeline found.
type Read struct {
	// Session is whose timeline it is.
	Session string
	// Ours are our messages in it, by client id, or by the id of the row
	// whose receipt names the event.
	Ours map[string]Entry
	// News is what is to come into the thread, in the timeline's order; More
	// tells that there is more than one read takes on.
	News []News
	More bool
	// Work is the newest of the events that tell where the work stands;
	// WorkResults are the newest that tell of a branch and of a merge request.
	Work        *agen.Event
	WorkResults []*agen.Event
	// OwnPosts are our posts in the thread, if PostsRead says that they were
	// read.
	OwnPosts  []bridge.OwnPost
	PostsRead bool
	// UnknownClientID: a message stands in it that only a bridge can have sent, and that
	// we know nothing of.
	UnknownClientID bool
	// LastSaid is when the newest message of a person was written.
	LastSaid time.Time
	// Unmarked: messages of people without a client id stand in it.
	Unmarked bool
	// Fingerprint identifies the timeline as a whole: the same one means no
	// news.
	Fingerprint uint64
	// ETag is what Agen calls this state of it; empty when it does not.
	ETag string
	// Took is how long the read lasted.
	Took time.Duration
}
