package store

import (
	"maps"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// threadEntry is the state of a thread in memory: its lanes and its Volatile. Threads
// with nothing due or leased have no entry.
type threadEntry struct {
	key   bridge.ThreadKey
	lanes [len(remotes)]lane
	// volatile belongs to the rows as they were after transaction since. During a commit,
	// next belongs to the rows after transaction nextSince. So a reader gets the Volatile
	// that matches the rows it reads.
	volatile  bridge.Volatile
	since     int
	next      *bridge.Volatile
	nextSince int
}

func newThreadEntry(thread bridge.ThreadKey) *threadEntry {
	e := &threadEntry{key: thread}
	for i := range e.lanes {
		e.lanes[i] = lane{thread: e, slot: -1, late: -1}
	}
	return e
}

// volatileAt returns the Volatile that belongs to the rows of transaction tx. It returns
// false if it has been replaced since.
func (e *threadEntry) volatileAt(tx int) (bridge.Volatile, bool) {
	if e.next != nil && tx >= e.nextSince {
		return cloneVolatile(*e.next), true
	}
	return cloneVolatile(e.volatile), tx >= e.since
}

func cloneVolatile(v bridge.Volatile) bridge.Volatile {
	v.HoldUntil = maps.Clone(v.HoldUntil)
	return v
}

// idle reports whether nothing of the thread is due or leased.
func (e *threadEntry) idle() bool {
	for i := range e.lanes {
		if l := &e.lanes[i]; l.due.owed || l.lease != nil {
			return false
		}
	}
	return e.next == nil
}

// lane is a thread's lane in the queue of one remote.
type lane struct {
	thread *threadEntry
	due    due
	// notBefore postpones the lane after a settle that failed.
	notBefore time.Time
	// since is when the present due time of the lane became known.
	since time.Time
	// slot is the lane's index in the heap of lanes that can be claimed. late is its
	// index in the heap of lanes with something undelivered. They are -1 while the lane
	// is not in the heap.
	slot, late int
	lease      *lease
}

// ready returns when the lane may be claimed.
func (l *lane) ready() time.Time {
	if l.due.at.Before(l.notBefore) {
		return l.notBefore
	}
	return l.due.at
}

// lease is a worker's lease of a lane.
type lease struct {
	token   uint64
	until   time.Time
	changed chan struct{}
	// notified is true if changed is closed.
	notified bool
	// pinned means that a change that depends on the lease is being committed. Nobody
	// else can lease the lane in that time, even if the lease has expired.
	pinned bool
	// booked is true if a change to the thread was booked since the lane was leased.
	booked bool
}

// notify tells the worker that the thread received a change from outside.
func (l *lease) notify() {
	if !l.notified {
		l.notified = true
		close(l.changed)
	}
}
