package bridgetest

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// thread is all that is kept of one thread.
type thread struct {
	key      bridge.ThreadKey
	record   bridge.Thread
	touched  time.Time
	messages map[string]filed[bridge.MessageRow]
	posts    map[string]filed[bridge.PostRow]
	memo     bridge.Memo
	lanes    map[bridge.Remote]*lane
}

// filed is a row, and the opening in which it was written.
type filed[R any] struct {
	row  R
	boot uint64
}

// lane is when a lane is due, and who has it.
type lane struct {
	due       time.Time
	owed      bool
	notBefore time.Time
	lease     *lease
}

type lease struct {
	token   uint64
	until   time.Time
	changed chan struct{}
	told    bool
}

func (l *lane) ready() time.Time {
	if l.due.Before(l.notBefore) {
		return l.notBefore
	}
	return l.due
}

func (l *lane) news() {
	if l.lease != nil && !l.lease.told {
		l.lease.told = true
		close(l.lease.changed)
	}
}

// before tells which of two lanes is due longer.
func (t *thread) before(o *thread, remote bridge.Remote) bool {
	if c := t.lanes[remote].ready().Compare(o.lanes[remote].ready()); c != 0 {
		return c < 0
	}
	return t.key < o.key
}

// ids are those of all rows.
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
func (s *Store) view(t *thread, ids []string) *bridge.Rows {
	asked := map[string]bool{}
	for _, id := range ids {
		asked[id] = true
	}
	rows := bridge.NewRows(t.key)
	rows.Thread, rows.Memo = t.record, t.memo
	rows.Memo.Hold = maps.Clone(t.memo.Hold)
	for id, f := range t.messages {
		if !f.row.Resting() || asked[id] {
			m := f.row
			if f.boot < s.boot {
				s.mend(&m.Delivery)
				m.Wish.Due = earlier(m.Wish.Due, s.opened.Add(maxAhead))
			}
			rows.Messages[id] = &m
		}
	}
	for id, f := range t.posts {
		if !f.row.Resting() || asked[id] {
			p := f.row
			if f.boot < s.boot {
				s.mend(&p.Delivery)
			}
			rows.Posts[id] = &p
		}
	}
	return rows
}

// mend brings instants that a wrong clock wrote to where they can be.
func (s *Store) mend(d *bridge.Delivery) {
	d.Due = earlier(d.Due, s.opened.Add(maxAhead))
	d.Accepted = earlier(d.Accepted, s.opened)
	d.BegunAt = earlier(d.BegunAt, s.opened)
	d.Settled = earlier(d.Settled, s.opened)
}

func earlier(a, b time.Time) time.Time {
	if a.After(b) {
		return b
	}
	return a
}

// apply runs a decision and keeps what it changed.
func (s *Store) apply(key bridge.ThreadKey, ids []string, decide bridge.Decide) (changed bool, err error) {
	t := s.threads[key]
	if t == nil {
		t = &thread{
			key: key, messages: map[string]filed[bridge.MessageRow]{}, posts: map[string]filed[bridge.PostRow]{},
			lanes: map[bridge.Remote]*lane{bridge.ToAgen: {}, bridge.ToSlack: {}},
		}
	}
	before, after := s.view(t, ids), s.view(t, ids)
	at := s.moment()
	if err := attempt(decide, after, at); err != nil {
		return false, err
	}
	changed = s.keepThread(t, after, at)
	changed = keepRows(s, t.messages, before.Messages, after.Messages, func(m *bridge.MessageRow) uint64 { return m.Rev }) || changed
	changed = keepRows(s, t.posts, before.Posts, after.Posts, func(p *bridge.PostRow) uint64 { return p.Rev }) || changed
	t.memo = after.Memo
	t.memo.Hold = maps.Clone(after.Memo.Hold)
	s.threads[key] = t
	s.schedule(t)
	s.forget(t)
	s.tell()
	return changed, nil
}

func attempt(decide bridge.Decide, rows *bridge.Rows, at bridge.Moment) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decision panicked: %v", p)
		}
	}()
	return decide(rows, at)
}

func (s *Store) keepThread(t *thread, after *bridge.Rows, at bridge.Moment) bool {
	was := t.record
	switch {
	case after.Thread.Vacant():
		t.record, t.touched = bridge.Thread{}, time.Time{}
		return !was.Vacant()
	case was.Vacant() || was.Rev != after.Thread.Rev:
		t.record, t.touched = after.Thread, at.Now
		return true
	}
	return false
}

// keepRows takes over what a decision changed of one kind of rows.
func keepRows[R any](s *Store, kept map[string]filed[R], before, after map[string]*R, rev func(*R) uint64) bool {
	changed := false
	for id := range before {
		if after[id] == nil {
			delete(kept, id)
			changed = true
		}
	}
	for id, row := range after {
		old := before[id]
		_, there := kept[id]
		switch {
		case old == nil && there: // at rest, and not asked for
		case old != nil && rev(old) == rev(row):
		default:
			kept[id] = filed[R]{*row, s.boot}
			changed = true
		}
	}
	return changed
}

// schedule finds out when the thread's lanes are due.
func (s *Store) schedule(t *thread) {
	rows := s.view(t, nil)
	for remote, l := range t.lanes {
		l.due, l.owed = s.cfg.Due(rows, remote)
		l.notBefore = time.Time{}
	}
}

// forget drops the memo of a thread that owes nothing, and the thread where
// nothing of it is left.
func (s *Store) forget(t *thread) {
	for _, l := range t.lanes {
		if l.owed || l.lease != nil {
			return
		}
	}
	t.memo = bridge.Memo{}
	if t.record.Vacant() && len(t.messages) == 0 && len(t.posts) == 0 {
		delete(s.threads, t.key)
	}
}

// Prune forgets what is older than it must be kept.
func (s *Store) Prune(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.moment().Now
	cutoff := now.Add(-s.cfg.Retention)
	for _, t := range s.threads {
		maps.DeleteFunc(t.messages, func(_ string, f filed[bridge.MessageRow]) bool {
			return over(f.row.Delivery, f.row.Resting(), cutoff)
		})
		maps.DeleteFunc(t.posts, func(_ string, f filed[bridge.PostRow]) bool {
			return over(f.row.Delivery, f.row.Resting(), cutoff)
		})
		if len(s.view(t, nil).Messages)+len(s.view(t, nil).Posts) == 0 && t.touched.Before(now.Add(-threadRetention)) {
			t.record = bridge.Thread{}
		}
		s.schedule(t)
		s.forget(t)
	}
	return nil
}

// over tells that a row is not kept any longer.
func over(d bridge.Delivery, resting bool, cutoff time.Time) bool {
	at := d.Settled
	if at.IsZero() {
		at = d.Accepted
	}
	given := d.State == bridge.Dead || d.State == bridge.Held
	return at.Before(cutoff) && (resting || given && d.Settled.IsZero())
}
