package store

import (
	"errors"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// book updates memory after the batch: Volatile parts, due times, leases, and the cache.
// If the commit failed, the only change is that claims are given back.
func (b *batch) book(err error) {
	if err != nil {
		b.reread()
	}
	m := b.s.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	if b.dirty || err != nil {
		m.noteHealth(err)
	}
	for i := range remotes {
		m.queues[i].watch(func() { b.bookRemote(i, err) })
	}
	for thread := range b.effects {
		b.bookVolatile(thread, err)
	}
	b.bookCache(err)
	for _, r := range b.all {
		if e := m.threads[r.thread]; e != nil {
			m.forget(e)
		}
	}
	for thread := range b.effects {
		if e := m.threads[thread]; e != nil {
			m.forget(e)
		}
	}
}

// reread replaces the batch's effects on memory with what is on disk. That is nearly
// always the old state, but if the last write of a commit failed, the new state may have
// been written.
func (b *batch) reread() {
	for thread, e := range b.effects {
		e.intake = false
		state, err := b.s.snapshot(thread, live)
		if err == nil {
			e.volatile = state.Volatile
			e.dues, err = b.s.dues(state, b.s.channels.Load())
		}
		if err != nil {
			e.dues = atOnce
		}
	}
}

// bookRemote updates the lanes of one remote. The caller holds the memory's mu.
func (b *batch) bookRemote(i int, err error) {
	m := b.s.memory
	q := &m.queues[i]
	for thread, e := range b.effects {
		l := &m.entry(thread).lanes[i]
		if m.health == nil { // otherwise a lane that the disk refuses would be claimed again at once
			l.notBefore = time.Time{}
		}
		q.set(l, e.dues[i], b.started)
		if err == nil && e.intake && l.lease != nil {
			l.lease.notify()
		}
	}
	for _, r := range b.all {
		if r.claim == nil || r.claim.Remote != remotes[i] {
			continue
		}
		l := m.leased(r.claim)
		switch {
		case l == nil || r.lost: // the lease has expired or will expire by itself
		case !r.last:
			l.lease.pinned = false
		case r.err != nil && !errors.Is(r.err, bridge.ErrChanged):
			q.release(l, b.started.Add(settleBackoff))
		default:
			q.release(l, time.Time{})
		}
	}
}

// bookVolatile updates the Volatile of a thread. The caller holds the memory's mu.
func (b *batch) bookVolatile(thread bridge.ThreadKey, err error) {
	t := b.s.memory.entry(thread)
	t.next = nil
	if err == nil {
		t.volatile = b.effects[thread].volatile
		if b.dirty {
			t.since = t.nextSince
		}
	}
}

// bookCache puts the rows that the batch has written back into the cache. If the commit
// failed, rows are read from disk again. The caller holds the memory's mu.
func (b *batch) bookCache(err error) {
	cache := &b.s.memory.cache
	if b.uncached {
		cache.clear()
		return
	}
	for thread, e := range b.effects {
		if err == nil && e.loaded != nil { // it is nil if a decision failed halfway
			cache.put(thread, e.loaded)
		}
	}
}
