package bridge

import (
	"hash/maphash"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// TimelineEntry is one of our messages as the session has it.
type TimelineEntry struct {
	EventID  string
	ClientID string
	Status   agen.Status
}

// TimelineRead is what one read of a session's timeline found.
type TimelineRead struct {
	// Session is whose timeline it is.
	Session string
	// Ours are our messages in it, by client id, or by the id of the row
	// whose receipt names the event.
	Ours map[string]TimelineEntry
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
	OwnPosts  []OwnPost
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

// TimelineReader takes a session's timeline event by event and keeps what may
// lead to something. It decodes as few events as it can: a timeline may have
// tens of thousands.
type TimelineReader struct {
	found TimelineRead
	seen  SeenEvents
	// byID leads from a client id, or the id of an event, to our message.
	byID        map[string]string
	fingerprint maphash.Hash
	newest      newestEvent
	workResults [len(workResultFields)]newestEvent
}

// fingerprintSeed makes fingerprints comparable within this process; they are
// never stored.
var fingerprintSeed = maphash.MakeSeed()

// NewTimelineReader returns a reader for the timeline of the thread's session.
// Posts are our own posts in the thread, nil where they were not read.
func NewTimelineReader(r *ThreadState, posts []OwnPost, postsRead bool) *TimelineReader {
	t := &TimelineReader{
		found: TimelineRead{Session: r.Thread.Session.ID, Ours: map[string]TimelineEntry{}, OwnPosts: posts, PostsRead: postsRead},
		seen:  r.Thread.Seen, byID: map[string]string{},
	}
	t.fingerprint.SetSeed(fingerprintSeed)
	for id, m := range r.Messages {
		t.byID[id] = id
		if m.Receipt != "" {
			t.byID[m.Receipt] = id
		}
	}
	return t
}

// Visit takes the next event. It keeps nothing of e.
func (t *TimelineReader) Visit(e *agen.RawEvent) error {
	t.fingerprint.Write(e.ID())
	t.fingerprint.WriteString(string(e.Status()))
	t.fingerprint.Write(e.UpdatedAt())
	kind := e.Type()
	if showsProgress(kind) {
		t.newest.keep(e)
		t.keepWorkResults(e)
	}
	ours := kind == agen.EventUserMessage && t.noteUserMessage(e)
	if t.found.PostsRead && kind == agen.EventUserMessage {
		t.noteSpoken(e)
	}
	if isShown(kind) && !ours {
		t.addIfNew(e)
	}
	return nil
}

// Found returns what was found; to be called once, after the last event.
func (t *TimelineReader) Found() TimelineRead {
	t.found.Fingerprint = t.fingerprint.Sum64() | 1
	t.sortNews()
	t.found.Work = t.newest.event()
	for i := range t.workResults {
		if e := t.workResults[i].event(); e != nil {
			t.found.WorkResults = append(t.found.WorkResults, e)
		}
	}
	return t.found
}

// noteUserMessage takes down a message of a person, and reports whether it is
// ours.
func (t *TimelineReader) noteUserMessage(e *agen.RawEvent) bool {
	client := string(e.ClientID())
	id, ours := t.byID[client]
	if !ours || client == "" {
		id, ours = t.byID[string(e.ID())]
	}
	if !ours {
		t.found.Unmarked = t.found.Unmarked || client == ""
		return false
	}
	// The bridge sends nothing twice; if a message is there twice all the
	// same, the first one counts.
	if _, twice := t.found.Ours[id]; !twice {
		t.found.Ours[id] = TimelineEntry{EventID: string(e.ID()), ClientID: client, Status: e.Status()}
	}
	return true
}

// noteSpoken takes down when a person last said something.
func (t *TimelineReader) noteSpoken(e *agen.RawEvent) {
	event := e.Event()
	if at, ok := event.Time(); ok && at.After(t.found.LastSaid) {
		t.found.LastSaid = at
	}
}
