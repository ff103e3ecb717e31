package timeline

import (
	"hash/maphash"
	"slices"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
)

// addIfNew keeps the event if it is new or has changed. A user message that gets here was
// typed in the Agen app, because our own were recognized by their ids before.
func (t *Reader) addIfNew(e *agen.RawEvent) {
	m := bridge.SeenEventOf(e)
	state, again := t.seen.State(m.ID)
	if again && (state == m.State || e.Type() == agen.EventUserMessage) {
		return
	}
	if e.Type() == agen.EventUserMessage && bridge.IsMessageID(string(e.ClientID())) {
		t.found.UnknownClientID = true
	}
	wanted := again && state == bridge.Unseen
	if len(t.found.News) >= NewsPerRead && !wanted { // they are all needed in the same read
		t.found.More = true
		return
	}
	t.found.News = append(t.found.News, News{Event: e.Event(), Mark: m, Again: again, Wanted: wanted})
}

// sortNews sorts the news by time if the events have timestamps, because a timeline may
// come in any order.
func (t *Reader) sortNews() {
	slices.SortStableFunc(t.found.News, func(a, b News) int {
		x, ok := a.Event.Time()
		y, too := b.Event.Time()
		if !ok || !too {
			return 0
		}
		return x.Compare(y)
	})
}

// Reader reads a session's timeline event by event and keeps the events that matter. It
// decodes as few events as possible, because a timeline may have tens of thousands.
type Reader struct {
	found Read
	seen  bridge.SeenEvents
	// byID maps a client id or an event id to the id of our message.
	byID        map[string]string
	fingerprint maphash.Hash
	newest      newestEvent
	workResults [len(workResultFields)]newestEvent
}

// fingerprintSeed makes fingerprints comparable within this process. Fingerprints are
// never stored.
var fingerprintSeed = maphash.MakeSeed()

// NewReader returns a reader for the timeline of the thread's session. posts are our
// posts in the thread, if they were read.
func NewReader(state *bridge.ThreadState, posts []bridge.OwnPost, postsRead bool) *Reader {
	t := &Reader{
		found: Read{Session: state.Thread.Session.ID, Ours: map[string]Entry{}, OwnPosts: posts, PostsRead: postsRead},
		seen:  state.Thread.Seen, byID: map[string]string{},
	}
	t.fingerprint.SetSeed(fingerprintSeed)
	for id, m := range state.Messages {
		t.byID[id] = id
		if m.Receipt != "" {
			t.byID[m.Receipt] = id
		}
	}
	return t
}

// Visit processes the next event. It keeps no reference to e.
func (t *Reader) Visit(e *agen.RawEvent) error {
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
		t.noteLastMessage(e)
	}
	if IsShown(kind) && !ours {
		t.addIfNew(e)
	}
	return nil
}

// Found returns the result. It must be called once, after the last event.
func (t *Reader) Found() Read {
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

// noteUserMessage records a user message, and reports whether it is ours.
func (t *Reader) noteUserMessage(e *agen.RawEvent) bool {
	client := string(e.ClientID())
	id, ours := t.byID[client]
	if !ours || client == "" {
		id, ours = t.byID[string(e.ID())]
	}
	if !ours {
		t.found.Unmarked = t.found.Unmarked || client == ""
		return false
	}
	// The bridge sends nothing twice. If a message is in the timeline twice anyway, the
	// first one counts.
	if _, twice := t.found.Ours[id]; !twice {
		t.found.Ours[id] = Entry{EventID: string(e.ID()), ClientID: client, Status: e.Status()}
	}
	return true
}

// noteLastMessage records the time of the newest message of a person.
func (t *Reader) noteLastMessage(e *agen.RawEvent) {
	event := e.Event()
	if at, ok := event.Time(); ok && at.After(t.found.LastSaid) {
		t.found.LastSaid = at
	}
}
