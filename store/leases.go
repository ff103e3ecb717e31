package store

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// settleBackoff keeps a lane whose settling failed from being claimed again at
// once: while the disk fails nothing else would happen.
const settleBackoff = time.Second

// lease leases the lane of remote i that is due longest and returns a claim
// without rows; nil when none is due. Rows are read after that, so that what comes
// in from now on closes Changed.
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

// leased returns the lane that the claim leases, nil when the lease is over. The
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

// pin checks that the claim's lease is not over, and keeps it until the batch
// is booked.
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

// giveBack ends a lease without a change; false when it is over already. The
// lane can't be claimed again before notBefore.
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

// correct gives back a lane of remote i that turned out not to be due, so that it
// isn't claimed again and again for nothing: a change was booked between picking
// the lane and reading its rows, or the index was made by another release. It
// returns false when the lease is over already.
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

// earliest returns when the next lane of remote i can be claimed, false when
// nothing is due, and a channel that is closed when that becomes earlier.
func (m *memory) earliest(i int) (at time.Time, ok bool, changed <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, ok = m.queues[i].earliest()
	return at, ok, m.queues[i].changed
}
