package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

const (
	// settleBackoff keeps a lane whose settling failed from being claimed
	// again at once: on a disk that fails it would be all that happens.
	settleBackoff = time.Second
	// unreadableBackoff does the same for a thread that can't be read.
	unreadableBackoff = time.Minute
	// maxWait is the longest that Due tells anybody to wait.
	maxWait = time.Hour
)

var (
	_ bridge.Intake = (*Store)(nil)
	_ bridge.Lanes  = (*Store)(nil)
)

// Accept implements bridge.Intake. Until the request is picked up, ctx can
// withdraw it; then Accept waits for the result.
func (s *Store) Accept(ctx context.Context, thread bridge.ThreadKey, ids []string, decide bridge.Decision) error {
	err := s.submit(ctx, &request{thread: thread, ids: ids, decide: decide, intake: true})
	if err != nil {
		return fmt.Errorf("accept: %w", err)
	}
	return nil
}

// Claim implements bridge.Lanes. An error concerns the one lane that was
// picked: it is held back for a minute, and the next call gets another.
func (s *Store) Claim(ctx context.Context, remote bridge.Remote) (*bridge.Claim, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	i, err := indexOf(remote)
	if err != nil {
		return nil, err
	}
	for {
		now := s.cfg.Now()
		c := s.lease(i, now)
		if c == nil {
			return nil, nil
		}
		c.State, err = s.read(c.Thread)
		if err != nil {
			s.giveBack(c, now.Add(unreadableBackoff))
			return nil, fmt.Errorf("claim: %w", err)
		}
		all, err := s.dues(c.State, s.channels.Load())
		if err != nil {
			s.giveBack(c, now.Add(unreadableBackoff))
			return nil, fmt.Errorf("claim: thread %q: %w", c.Thread, err)
		}
		if d := all[i]; d.owed && !d.at.After(now) || !s.correct(i, c, d) {
			return c, nil
		}
	}
}

// correct gives a lane back that is not due after all, so that it can't be
// claimed again and again for nothing: something was booked between picking
// it and reading its rows, or the index is another release's. It returns
// false when the lease is over already.
func (s *Store) correct(i int, c *bridge.Claim, d due) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.leased(c)
	if l == nil {
		return false
	}
	s.queues[i].watch(func() {
		if !l.lease.booked {
			l.due = d
		}
		s.queues[i].release(l, time.Time{})
	})
	s.forget(l.talk)
	return true
}

// lease picks the lane and leases it, before its rows are read: what comes
// in after that closes Changed.
func (s *Store) lease(i int, now time.Time) *bridge.Claim {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.queues[i].expire(now) {
		s.forget(l.talk)
	}
	l := s.queues[i].claim(now, s.tokens+1, bridge.LeaseTime)
	if l == nil {
		return nil
	}
	s.tokens++
	return &bridge.Claim{
		Thread:  l.talk.key,
		Remote:  remotes[i],
		Token:   l.lease.token,
		At:      bridge.Instant{Now: now.Round(0).UTC(), Opening: s.opening.Boot, Restored: s.opening.Restored},
		Changed: l.lease.changed,
	}
}

// Begin implements bridge.Lanes.
func (s *Store) Begin(ctx context.Context, claim *bridge.Claim, decide bridge.Decision) error {
	err := s.submit(ctx, &request{thread: claim.Thread, ids: claim.AlsoLoad, decide: decide, claim: claim})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	return nil
}

// Settle implements bridge.Lanes. Where it fails the lane can be claimed
// again a second later, and at once where the decision returned
// bridge.ErrChanged: the next look at the rows shows what to do instead.
func (s *Store) Settle(ctx context.Context, claim *bridge.Claim, decide bridge.Decision) error {
	if decide == nil {
		moved := s.channels.Load().now(claim.Thread) != claim.Thread
		if !s.giveBack(claim, time.Time{}) || moved {
			return fmt.Errorf("settle: %w", bridge.ErrLost)
		}
		return nil
	}
	err := s.submit(ctx, &request{thread: claim.Thread, ids: claim.AlsoLoad, decide: decide, claim: claim, last: true, patient: claim.Deferrable})
	if err == nil {
		return nil
	}
	if !errors.Is(err, bridge.ErrLost) {
		// A request that was withdrawn has not given the lane back.
		s.giveBack(claim, s.cfg.Now().Add(settleBackoff))
	}
	return fmt.Errorf("settle: %w", err)
}

// giveBack ends a lease without a change; false when it is over already.
func (s *Store) giveBack(claim *bridge.Claim, notBefore time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.leased(claim)
	i, err := indexOf(claim.Remote)
	if l == nil || err != nil || !s.cfg.Now().Before(l.lease.until) {
		return false
	}
	q := &s.queues[i]
	q.watch(func() { q.release(l, notBefore) })
	s.forget(l.talk)
	return true
}

// leased returns the lane that the claim still has, nil when it has none.
// The caller holds s.mu.
func (s *Store) leased(claim *bridge.Claim) *lane {
	t := s.talks[claim.Thread]
	i, err := indexOf(claim.Remote)
	if t == nil || err != nil {
		return nil
	}
	l := &t.lanes[i]
	if l.lease == nil || l.lease.token != claim.Token {
		return nil
	}
	return l
}

// pin checks that the claim's lease is not over and keeps it until the batch
// is booked.
func (s *Store) pin(claim *bridge.Claim, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.leased(claim)
	if l == nil || !now.Before(l.lease.until) {
		return false
	}
	l.lease.pinned = true
	return true
}

// Due implements bridge.Lanes.
func (s *Store) Due(remote bridge.Remote) (time.Duration, <-chan struct{}) {
	i, err := indexOf(remote)
	if err != nil {
		return maxWait, nil
	}
	now := s.cfg.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &s.queues[i]
	at, ok := q.earliest()
	if !ok {
		return maxWait, q.changed
	}
	return min(max(at.Sub(now), 0), maxWait), q.changed
}
