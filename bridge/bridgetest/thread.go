package bridgetest

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// thread is all that is kept of one thread.
type thread struct {
	key      bridge.ThreadKey
	record   bridge.Thread
	touched  time.Time
	messages map[string]filed[bridge.MessageRecord]
	posts    map[string]filed[bridge.PostRecord]
	volatile bridge.Volatile
	lanes    map[bridge.Remote]*lane
}

// filed is a row, and the opening in which it was written.
type filed[R any] struct {
	row  R
	boot uint64
}

// lane is when a lane is due, and its lease.
type lane struct {
	due       time.Time
	owed      bool
	notBefore time.Time
	lease     *lease
}

type lease struct {
	token    uint64
	until    time.Time
	changed  chan struct{}
	notified bool
}

func (l *lane) ready() time.Time {
	if l.due.Before(l.notBefore) {
		return l.notBefore
	}
	return l.due
}

func (l *lane) notify() {
	if l.lease != nil && !l.lease.notified {
		l.lease.notified = true
		close(l.lease.changed)
	}
}

// before reports whether the lane is due longer than that of another thread.
func (t *thread) before(o *thread, remote bridge.Remote) bool {
	if c := t.lanes[remote].ready().Compare(o.lanes[remote].ready()); c != 0 {
		return c < 0
	}
	return t.key < o.key
}

// ids returns the ids of all rows.
func (t *thread) ids() []string {
	var ids []string
	for id := range t.messages {
		ids = append(ids, id)
	}
	for id := range t.posts {
		ids = append(ids, id)
	}
	return ids
}

// view copies what a decision sees: what is not at rest, and what it asks
// for.
func (s *Store) view(t *thread, ids []string) *bridge.ThreadState {
	asked := map[string]bool{}
	for _, id := range ids {
		asked[id] = true
	}
	state := bridge.NewThreadState(t.key)
	state.Thread, state.Volatile = t.record, t.volatile
	state.Volatile.HoldUntil = maps.Clone(t.volatile.HoldUntil)
	for id, f := range t.messages {
		if !f.row.Resting() || asked[id] {
			m := f.row
			if f.boot < s.boot {
				s.correct(&m.Delivery)
				m.Reaction.Due = earlier(m.Reaction.Due, s.opened.Add(maxAhead))
			}
			state.Messages[id] = &m
		}
	}
	for id, f := range t.posts {
		if !f.row.Resting() || asked[id] {
			p := f.row
			if f.boot < s.boot {
				s.correct(&p.Delivery)
				p.RecheckAt = earlier(p.RecheckAt, s.opened.Add(maxAhead))
			}
			state.Posts[id] = &p
		}
	}
	return state
}

// correct corrects instants that were written under a wrong clock.
func (s *Store) correct(d *bridge.Delivery) {
	d.Due = earlier(d.Due, s.opened.Add(maxAhead))
	d.Accepted = earlier(d.Accepted, s.opened)
	d.InFlightSince = earlier(d.InFlightSince, s.opened)
	if d.State == bridge.StateInFlight {
		d.InFlightSince = s.opened
	}
	d.Settled = earlier(d.Settled, s.opened)
}

func earlier(a, b time.Time) time.Time {
	if a.After(b) {
		return b
	}
	return a
}

// apply runs a decision and keeps what it changed.
func (s *Store) apply(key bridge.ThreadKey, ids []string, decide bridge.Decision) (changed bool, err error) {
	if key == "" || len(key) > maxKey || strings.ContainsRune(string(key), 0) {
		return false, fmt.Errorf("thread key of %d bytes can't be stored", len(key))
	}
	t := s.threads[key]
	if t == nil {
		t = &thread{
			key: key, messages: map[string]filed[bridge.MessageRecord]{}, posts: map[string]filed[bridge.PostRecord]{},
			lanes: map[bridge.Remote]*lane{bridge.ToAgen: {}, bridge.ToSlack: {}},
		}
	}
	before, after := s.view(t, ids), s.view(t, ids)
	messages, posts := maps.Clone(after.Messages), maps.Clone(after.Posts)
	at := s.instant()
	if err := attempt(decide, after, at); err != nil {
		return false, err
	}
	if err := checkFiling(after); err != nil {
		return false, err
	}
	changed = s.keepThread(t, after, at)
	changed = keepRows(s, t.messages, before.Messages, messages, after.Messages, func(a, b *bridge.MessageRecord) bool {
		return a.Rev == b.Rev && a.Delivery == b.Delivery && a.Reaction.Due.Equal(b.Reaction.Due)
	}) || changed
	changed = keepRows(s, t.posts, before.Posts, posts, after.Posts, func(a, b *bridge.PostRecord) bool {
		return a.Rev == b.Rev && a.Delivery == b.Delivery
	}) || changed
	t.volatile = after.Volatile
	t.volatile.HoldUntil = maps.Clone(after.Volatile.HoldUntil)
	s.threads[key] = t
	s.schedule(t)
	s.forget(t)
	s.wake()
	return changed, nil
}

// checkFiling sees to it that every row is where its id says.
func checkFiling(state *bridge.ThreadState) error {
	for id, m := range state.Messages {
		if m == nil || m.ID() != id || len(id) > maxKey {
			return fmt.Errorf("message filed under %q, which is not its id", id)
		}
	}
	for id, p := range state.Posts {
		if p == nil || p.ID() != id || len(id) > maxKey {
			return fmt.Errorf("post filed under %q, which is not its key", id)
		}
	}
	return nil
}

func attempt(decide bridge.Decision, state *bridge.ThreadState, at bridge.Instant) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decision panicked: %v", p)
		}
	}()
	return decide(state, at)
}

func (s *Store) keepThread(t *thread, after *bridge.ThreadState, at bridge.Instant) bool {
	was := t.record
	switch {
	case after.Thread.Unbound():
		t.record, t.touched = bridge.Thread{}, time.Time{}
		return !was.Unbound()
	case was.Unbound() || was.Rev != after.Thread.Rev:
		t.record, t.touched = after.Thread, at.Now
		_, _, t.record.Seen = after.Thread.Seen.Unstored(was.Seen)
		return true
	}
	return false
}

// keepRows takes over what a decision changed of one kind of rows: those whose
// revision is not what it was, or whose instants were mended, and those that
// are not the ones that it was given.
func keepRows[R any](s *Store, kept map[string]filed[R], before, given, after map[string]*R, same func(a, b *R) bool) bool {
	changed := false
	for id := range before {
		if after[id] == nil {
			delete(kept, id)
			changed = true
		}
	}
	for id, row := range after {
		old := before[id]
		stored, there := kept[id]
		switch {
		case old == nil && there: // at rest, and not asked for
		case old != nil && same(&stored.row, row) && given[id] == row:
		default:
			kept[id] = filed[R]{*row, s.boot}
			changed = true
		}
	}
	return changed
}

// schedule finds out when the thread's lanes are due.
func (s *Store) schedule(t *thread) {
	state := s.view(t, nil)
	for remote, l := range t.lanes {
		l.due, l.owed = s.cfg.Due(state, remote)
		if s.rests(t.key) {
			l.due, l.owed = time.Time{}, false
		}
		l.notBefore = time.Time{}
	}
}

// forget drops the Volatile of a thread with nothing due or leased, and the thread
// if nothing of it is left.
func (s *Store) forget(t *thread) {
	for _, l := range t.lanes {
		if l.owed || l.lease != nil {
			return
		}
	}
	t.volatile = bridge.Volatile{}
	if t.record.Unbound() && len(t.messages) == 0 && len(t.posts) == 0 {
		delete(s.threads, t.key)
	}
}
