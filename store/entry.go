package store

import (
	"maps"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// threadEntry is what memory holds of a thread: its lanes and its Volatile.
// Threads with nothing due or leased have no entry.
type threadEntry struct {
	key   bridge.ThreadKey
	lanes [len(remotes)]lane
	// volatile belongs to the rows as transaction since left them. During a
	// commit next belongs to those of transaction nextSince: whoever reads the
	// rows of one gets the Volatile of the same.
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

// volatileAt returns the Volatile that belongs to the rows of transaction tx;
// false when it has been replaced since.
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

// lane is one thread's lane in the queue of its remote.
type lane struct {
	thread *threadEntry
	due    due
	// notBefore holds the lane back after a settle that failed.
	notBefore time.Time
	// since is when the lane became known to be due as it is.
	since time.Time
	// slot is its index in the heap of lanes that can be claimed, and late that in
	// the heap of lanes with something undelivered; -1 while it is not in it.
	slot, late int
	lease      *lease
}

// ready is when the lane may be claimed.
func (l *lane) ready() time.Time {
	if l.due.at.Before(l.notBefore) {
		return l.notBefore
	}
	return l.due.at
}

// lease is a worker's hold on a lane.
type lease struct {
	token   uint64
	until   time.Time
	changed chan struct{}
	// notified tells that changed is closed.
	notified bool
	// pinned: a change that depends on the lease is being committed, so nobody
	// else may have the lane, even when its time is up.
	pinned bool
	// booked: a change to the thread was booked since the lane was leased.
	booked bool
}

// notify tells the worker that something came in.
func (l *lease) notify() {
	if !l.notified {
		l.notified = true
		close(l.changed)
	}
}
