package store

import (
	"container/heap"
	"time"
)

// lane is one thread's lane in the queue of its remote. All of it belongs to
// Store.mu.
type lane struct {
	talk *talk
	due  due
	// notBefore holds the lane back after a settle that failed.
	notBefore time.Time
	// since is when the lane became known to be due as it is.
	since time.Time
	// slot is its place in the heap, -1 while it is not in it.
	slot  int
	lease *lease
}

// lease is a lane in the hands of a worker.
type lease struct {
	token   uint64
	until   time.Time
	changed chan struct{}
	told    bool
	// pinned: a change that depends on the lease is being committed, so that
	// nobody else may have the lane even when its time is up.
	pinned bool
	// booked: a change to the thread was booked since.
	booked bool
}

// news tells the worker that something came in.
func (l *lease) news() {
	if !l.told {
		l.told = true
		close(l.changed)
	}
}

// ready is when the lane may be claimed.
func (l *lane) ready() time.Time {
	if l.due.at.Before(l.notBefore) {
		return l.notBefore
	}
	return l.due.at
}

// lanes is a heap, longest due first, then by thread.
type lanes []*lane

func (h lanes) Len() int { return len(h) }

func (h lanes) Less(i, j int) bool {
	if c := h[i].ready().Compare(h[j].ready()); c != 0 {
		return c < 0
	}
	return h[i].talk.key < h[j].talk.key
}

func (h lanes) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].slot, h[j].slot = i, j
}

// Push implements heap.Interface.
func (h *lanes) Push(x any) {
	l, ok := x.(*lane)
	if !ok {
		return
	}
	l.slot = len(*h)
	*h = append(*h, l)
}

// Pop implements heap.Interface.
func (h *lanes) Pop() any {
	old := *h
	l := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	l.slot = -1
	return l
}

// queue is what is owed to one remote: lanes that can be claimed when their
// time comes, and those that are leased.
type queue struct {
	waiting lanes
	leased  map[*lane]struct{}
	// changed is closed when a lane can be claimed earlier than was known.
	changed chan struct{}
}

func newQueue() queue {
	return queue{leased: map[*lane]struct{}{}, changed: make(chan struct{})}
}

// set changes when a lane is due. Where it is held back it stays so.
func (q *queue) set(l *lane, d due, now time.Time) {
	if l.due.owed != d.owed || !l.due.at.Equal(d.at) {
		l.since = now
	}
	l.due = d
	if l.lease == nil {
		q.place(l)
	} else {
		l.lease.booked = true
	}
}

// place puts a lane where it belongs in the heap, or takes it out.
func (q *queue) place(l *lane) {
	switch {
	case l.due.owed && l.slot < 0:
		heap.Push(&q.waiting, l)
	case l.due.owed:
		heap.Fix(&q.waiting, l.slot)
	case l.slot >= 0:
		heap.Remove(&q.waiting, l.slot)
	}
}

// claim takes the longest due lane, if one is due.
func (q *queue) claim(now time.Time, token uint64, d time.Duration) *lane {
	if len(q.waiting) == 0 || q.waiting[0].ready().After(now) {
		return nil
	}
	l := q.waiting[0]
	heap.Pop(&q.waiting)
	l.lease = &lease{token: token, until: now.Add(d), changed: make(chan struct{})}
	q.leased[l] = struct{}{}
	return l
}

// expire gives lanes back whose leases are over, and returns them.
func (q *queue) expire(now time.Time) []*lane {
	var over []*lane
	for l := range q.leased {
		if !l.lease.pinned && !now.Before(l.lease.until) {
			q.release(l, time.Time{})
			over = append(over, l)
		}
	}
	return over
}

// release ends a lease. The lane can't be claimed again before notBefore.
func (q *queue) release(l *lane, notBefore time.Time) {
	delete(q.leased, l)
	l.lease, l.notBefore = nil, notBefore
	q.place(l)
}

// earliest is when the next lane can be claimed.
func (q *queue) earliest() (time.Time, bool) {
	var at time.Time
	found := false
	if len(q.waiting) > 0 {
		at, found = q.waiting[0].ready(), true
	}
	for l := range q.leased {
		if !l.due.owed || l.lease.pinned {
			continue
		}
		back := l.lease.until
		if back.Before(l.due.at) {
			back = l.due.at
		}
		if !found || back.Before(at) {
			at, found = back, true
		}
	}
	return at, found
}

// watch makes a change and tells those who wait for a lane if one can be
// claimed earlier than they were told.
func (q *queue) watch(change func()) {
	before, had := q.earliest()
	change()
	after, has := q.earliest()
	if has && (!had || after.Before(before)) {
		close(q.changed)
		q.changed = make(chan struct{})
	}
}
