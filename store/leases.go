package store

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// settleBackoff is how long a lane can't be claimed after it could not be settled.
// Otherwise a failing disk would keep the workers busy with that lane alone.
const settleBackoff = time.Second

// lease leases the lane of remote i that has been due longest and returns a claim without
// rows. It returns nil if no lane is due. The caller reads the rows afterwards, so any
// change after that closes Changed.
func (m *memory) lease(i int, now time.Time) *bridge.Claim {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.queues[i].expire(now) {
		m.forget(l.thread)
	}
	l := m.queues[i].claim(now, m.tokens+1, bridge.LeaseTime)
	if l == nil {
		return nil
	}
	m.tokens++
	return &bridge.Claim{Thread: l.thread.key, Remote: remotes[i], Token: l.lease.token, Changed: l.lease.changed}
}

// leased returns the lane that the claim leases, or nil if the lease has ended. The
// caller holds m.mu.
func (m *memory) leased(claim *bridge.Claim) *lane {
	e := m.threads[claim.Thread]
	i, err := indexOf(claim.Remote)
	if e == nil || err != nil {
		return nil
	}
	l := &e.lanes[i]
	if l.lease == nil || l.lease.token != claim.Token {
		return nil
	}
	return l
}

// pin checks that the claim's lease has not expired, and extends it until the batch is
// booked.
func (m *memory) pin(claim *bridge.Claim, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.leased(claim)
	if l == nil || !now.Before(l.lease.until) {
		return false
	}
	l.lease.pinned = true
	return true
}

// giveBack ends a lease without a change. It returns false if the lease has already
// ended. The lane can't be claimed again before notBefore.
func (m *memory) giveBack(claim *bridge.Claim, now, notBefore time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.leased(claim)
	i, err := indexOf(claim.Remote)
	if l == nil || err != nil || !now.Before(l.lease.until) {
		return false
	}
	q := &m.queues[i]
	q.watch(func() { q.release(l, notBefore) })
	m.forget(l.thread)
	return true
}

// correct gives back a lane of remote i that turned out not to be due, with its correct
// due time, so that it isn't claimed repeatedly for nothing. That happens if a change was
// booked between the choice of the lane and the read of its rows, or if another release
// wrote the index. It returns false if the lease has already ended.
func (m *memory) correct(i int, claim *bridge.Claim, d due) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.leased(claim)
	if l == nil {
		return false
	}
	m.queues[i].watch(func() {
		if !l.lease.booked {
			m.queues[i].hold(l, d)
		}
		m.queues[i].release(l, time.Time{})
	})
	m.forget(l.thread)
	return true
}

// earliest returns when the next lane of remote i can be claimed, and false if no lane is
// due. The channel is closed when that time becomes earlier.
func (m *memory) earliest(i int) (at time.Time, ok bool, changed <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, ok = m.queues[i].earliest()
	return at, ok, m.queues[i].changed
}
