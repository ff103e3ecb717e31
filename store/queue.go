package store

import (
	"container/heap"
	"time"
)

// lanes is a heap that is sorted by due time, then by thread.
type lanes []*lane

func (h lanes) Len() int { return len(h) }

func (h lanes) Less(i, j int) bool {
	if c := h[i].ready().Compare(h[j].ready()); c != 0 {
		return c < 0
	}
	return h[i].thread.key < h[j].thread.key
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

// lateLanes is a heap that is sorted by the age of the oldest undelivered message or
// post.
type lateLanes []*lane

func (h lateLanes) Len() int { return len(h) }

func (h lateLanes) Less(i, j int) bool {
	return h[i].due.undelivered.oldest.Before(h[j].due.undelivered.oldest)
}

func (h lateLanes) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].late, h[j].late = i, j
}

// Push implements heap.Interface.
func (h *lateLanes) Push(x any) {
	if l, ok := x.(*lane); ok {
		l.late = len(*h)
		*h = append(*h, l)
	}
}

// Pop implements heap.Interface.
func (h *lateLanes) Pop() any {
	old := *h
	l := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	l.late = -1
	return l
}

// queue contains the lanes of one remote that have something due: those that can be
// claimed when they are due, and those that are leased.
type queue struct {
	waiting lanes
	leased  map[*lane]struct{}
	// late contains the lanes with something undelivered, leased or not. undelivered is
	// the total number of undelivered messages and posts.
	late        lateLanes
	undelivered int
	// changed is closed when a lane becomes claimable earlier than was known.
	changed chan struct{}
}

func newQueue() queue {
	return queue{leased: map[*lane]struct{}{}, changed: make(chan struct{})}
}

// set changes when a lane is due. It doesn't change the lane's notBefore.
func (q *queue) set(l *lane, d due, now time.Time) {
	if l.due.owed != d.owed || !l.due.at.Equal(d.at) {
		l.since = now
	}
	q.hold(l, d)
	if l.lease == nil {
		q.fix(l)
	} else {
		l.lease.booked = true
	}
}

// hold changes what a lane owes.
func (q *queue) hold(l *lane, d due) {
	q.undelivered += d.undelivered.count - l.due.undelivered.count
	l.due = d
	switch {
	case d.undelivered.count > 0 && l.late < 0:
		heap.Push(&q.late, l)
	case d.undelivered.count > 0:
		heap.Fix(&q.late, l.late)
	case l.late >= 0:
		heap.Remove(&q.late, l.late)
	}
}

// fix moves a lane to its place in the heap, or removes it from the heap.
func (q *queue) fix(l *lane) {
	switch {
	case l.due.owed && l.slot < 0:
		heap.Push(&q.waiting, l)
	case l.due.owed:
		heap.Fix(&q.waiting, l.slot)
	case l.slot >= 0:
		heap.Remove(&q.waiting, l.slot)
	}
}

// claim leases the lane that has been due longest, if one is due.
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

// expire ends expired leases and returns their lanes.
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
	q.fix(l)
}

// earliest returns when the next lane can be claimed.
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

// watch calls change, and closes changed if a lane can then be claimed earlier than
// before.
func (q *queue) watch(change func()) {
	before, had := q.earliest()
	change()
	after, has := q.earliest()
	if has && (!had || after.Before(before)) {
		close(q.changed)
		q.changed = make(chan struct{})
	}
}
