package store

import (
	"errors"
	"maps"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// talk is what memory holds of a thread: its lanes and its memo. Threads that
// owe nothing are not in memory.
type talk struct {
	key   bridge.ThreadKey
	lanes [len(remotes)]lane
	// memo goes with the rows as transaction since left them. While a commit
	// is under way, next goes with those of transaction nextSince: a reader
	// that sees the one's rows gets the one's memo.
	memo      bridge.Volatile
	since     int
	next      *bridge.Volatile
	nextSince int
}

// memoAt returns the memo that goes with the rows of transaction tx; false
// when that is past.
func (t *talk) memoAt(tx int) (bridge.Volatile, bool) {
	if t.next != nil && tx >= t.nextSince {
		return cloneMemo(*t.next), true
	}
	return cloneMemo(t.memo), tx >= t.since
}

func cloneMemo(m bridge.Volatile) bridge.Volatile {
	m.HoldUntil = maps.Clone(m.HoldUntil)
	return m
}

// talkOf returns the thread's place in memory and makes one if it must. The
// caller holds s.mu.
func (s *Store) talkOf(thread bridge.ThreadKey) *talk {
	t := s.talks[thread]
	if t == nil {
		t = &talk{key: thread}
		for i := range t.lanes {
			t.lanes[i] = lane{talk: t, slot: -1}
		}
		s.talks[thread] = t
	}
	return t
}

// memo returns a thread's memo, for the committer.
func (s *Store) memo(thread bridge.ThreadKey) bridge.Volatile {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.talks[thread]; t != nil {
		return cloneMemo(t.memo)
	}
	return bridge.Volatile{}
}

// announce lays out the memos that go with transaction tx before it is
// committed.
func (s *Store) announce(effects map[bridge.ThreadKey]*effect, tx int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for thread, e := range effects {
		t := s.talkOf(thread)
		t.next, t.nextSince = &e.memo, tx
	}
}

// book brings memory up to date with a batch: memos, due times, leases. When
// the commit failed nothing has changed but that claims come back.
func (s *Store) book(b *batch, err error) {
	if err != nil {
		s.reread(b)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.dirty || err != nil {
		s.health = err
		if err != nil {
			notify(s.sick)
		}
	}
	for i := range remotes {
		q := &s.queues[i]
		q.watch(func() { s.bookRemote(b, i, err) })
	}
	for thread := range b.effects {
		s.bookMemo(b, thread, err)
	}
	s.warm.keep(b, err)
	for _, r := range b.all {
		if t := s.talks[r.thread]; t != nil {
			s.forget(t)
		}
	}
	for thread := range b.effects {
		if t := s.talks[thread]; t != nil {
			s.forget(t)
		}
	}
}

// ail notes that the disk can't be written.
func (s *Store) ail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.health = err
	notify(s.sick)
}

// bookRemote books one remote's lanes. The caller holds s.mu.
func (s *Store) bookRemote(b *batch, i int, err error) {
	q := &s.queues[i]
	for thread, e := range b.effects {
		l := &s.talkOf(thread).lanes[i]
		if s.health == nil { // or nothing would hold back what the disk does not take
			l.notBefore = time.Time{}
		}
		q.set(l, e.dues[i], b.started)
		if err == nil && e.intake && l.lease != nil {
			l.lease.news()
		}
	}
	for _, r := range b.all {
		if r.claim == nil || r.claim.Remote != remotes[i] {
			continue
		}
		l := s.leased(r.claim)
		switch {
		case l == nil || r.lost: // a lease that is over ends by itself
		case !r.last:
			l.lease.pinned = false
		case r.err != nil && !errors.Is(r.err, bridge.ErrChanged):
			q.release(l, b.started.Add(settleBackoff))
		default:
			q.release(l, time.Time{})
		}
	}
}

// bookMemo books a thread's memo, and forgets the thread when it owes
// nothing. The caller holds s.mu.
func (s *Store) bookMemo(b *batch, thread bridge.ThreadKey, err error) {
	t := s.talkOf(thread)
	t.next = nil
	if err == nil {
		t.memo = b.effects[thread].memo
		if b.dirty {
			t.since = t.nextSince
		}
	}
}

// forget takes a thread out of memory where nothing of it is owed or leased.
func (s *Store) forget(t *talk) {
	if t.next != nil {
		return
	}
	for i := range t.lanes {
		if l := &t.lanes[i]; l.due.owed || l.lease != nil {
			return
		}
	}
	delete(s.talks, t.key)
}

// reread replaces what the batch was to do in memory by what the disk says:
// nearly always what it said before, but where the last write of a commit
// failed it may have been the new state that survived.
func (s *Store) reread(b *batch) {
	for thread, e := range b.effects {
		e.intake = false
		state, err := s.snapshot(thread, live)
		if err == nil {
			e.memo = state.Volatile
			e.dues, err = s.dues(state, s.channels.Load())
		}
		if err != nil {
			// Let a claim find out what is wrong with the thread.
			e.dues = dues{{owed: true}, {owed: true}}
		}
	}
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
