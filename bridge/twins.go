package bridge

import (
	"sync"
	"time"
)

const (
	// twinTime is within what time the second telling of a message may be answered
	// from memory.
	twinTime = time.Minute
	// maxTwins bounds how many messages are remembered.
	maxTwins = 1000
)

// twins remembers what was taken on a moment ago. Slack tells of a mention twice,
// as app_mention and as message, and the second time there is nothing to decide:
// the row is on disk, and its words are the same. It is a shortcut and nothing
// depends on it; what is not in it, the store knows.
type twins struct {
	mu   sync.Mutex
	took map[twin]time.Time
}

// twin is what two tellings of one message have in common.
type twin struct {
	thread ThreadKey
	ts     string
	digest uint64
}

func twinOf(m Message) (t twin, ok bool) {
	return twin{m.Thread, m.TS, m.Digest}, m.Edited == "" && m.Aside == ""
}

// add notes that a message was taken on.
func (t *twins) add(m Message, now time.Time) {
	one, ok := twinOf(m)
	if !ok {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.took == nil || len(t.took) >= maxTwins {
		t.took = map[twin]time.Time{}
	}
	t.took[one] = now
}

// know reports whether the same message was taken on a moment ago.
func (t *twins) know(m Message, now time.Time) bool {
	one, ok := twinOf(m)
	if !ok {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	at, ok := t.took[one]
	return ok && now.Sub(at) < twinTime
}
