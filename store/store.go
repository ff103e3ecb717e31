package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Store is the bridge's state in one bbolt file. It implements bridge.Intake,
// bridge.Lanes, bridge.Threads and bridge.Channels, and all its methods may be
// called from any goroutine.
type Store struct {
	*committer

	closing  sync.Once
	closeErr error
}

var (
	_ bridge.Intake = (*Store)(nil)
	_ bridge.Lanes  = (*Store)(nil)
	_ bridge.Depths = (*Store)(nil)
)

const (
	// unreadableBackoff is how long a lane can't be claimed after its thread couldn't be
	// read.
	unreadableBackoff = time.Minute
	// maxWait is the maximum wait that Due returns.
	maxWait = time.Hour
)

// Health returns the error of the last commit, or nil if it succeeded. After an error,
// Run keeps trying to write, so Health returns nil soon after the disk has recovered,
// even if there are no requests. A write that has been waiting for the disk for more than
// 10 s is an error as well. Health itself never waits for the disk.
func (s *Store) Health() error {
	if since := s.writingSince.Load(); since != nil {
		if waited := s.cfg.Now().Sub(*since); waited > hangsAfter {
			return fmt.Errorf("a write has waited for the disk for %v", waited.Round(time.Second))
		}
	}
	return s.memory.lastError()
}

// hangsAfter is how long a write may take before the disk counts as hanging.
const hangsAfter = 10 * time.Second

// Look implements bridge.Intake. It uses only what is in memory, and finds nothing while
// a batch has the thread.
func (s *Store) Look(thread bridge.ThreadKey, look func(*bridge.ThreadState)) {
	s.memory.look(thread, look)
}

// Rows returns everything that is stored of a thread, including resting rows. It is meant
// for checks of the store: the conformance suite and the simulators.
func (s *Store) Rows(ctx context.Context, thread bridge.ThreadKey) (*bridge.ThreadState, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	state, err := s.snapshot(thread, live, rest)
	if err != nil {
		return nil, fmt.Errorf("rows: %w", err)
	}
	return state, nil
}

// Accept implements bridge.Intake. Until the committer receives the request, ctx can
// cancel it; after that, Accept waits for the result.
func (s *Store) Accept(ctx context.Context, thread bridge.ThreadKey, ids []string, decide bridge.Decision) error {
	err := s.submit(ctx, &request{thread: thread, ids: ids, decide: decide, intake: true})
	if err != nil {
		return fmt.Errorf("accept: %w", err)
	}
	return nil
}

// Claim implements bridge.Lanes. An error concerns only the lane that was chosen. That
// lane is held back for a minute, and the next call chooses another one.
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
		c := s.memory.lease(i, now)
		if c == nil {
			return nil, nil
		}
		c.At = s.instant(now)
		next, err := s.readClaimed(c)
		if err != nil {
			s.memory.giveBack(c, s.cfg.Now(), now.Add(unreadableBackoff))
			return nil, err
		}
		if d := next[i]; d.owed && !d.at.After(now) || !s.memory.correct(i, c, d) {
			return c, nil
		}
	}
}

// readClaimed reads the state of a claimed thread, and when its lanes are due.
func (s *Store) readClaimed(c *bridge.Claim) (next dues, err error) {
	if c.State, err = s.read(c.Thread); err != nil {
		return next, fmt.Errorf("claim: %w", err)
	}
	if next, err = s.dues(c.State, s.channels.Load()); err != nil {
		return next, fmt.Errorf("claim: thread %q: %w", c.Thread, err)
	}
	return next, nil
}

// Begin implements bridge.Lanes.
func (s *Store) Begin(ctx context.Context, claim *bridge.Claim, decide bridge.Decision) error {
	err := s.submit(ctx, &request{thread: claim.Thread, ids: claim.AlsoLoad, decide: decide, claim: claim})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	return nil
}

// Settle implements bridge.Lanes. If it fails, the lane can be claimed again after a
// second. If the decision returned bridge.ErrChanged, it can be claimed at once: the next
// read of the rows shows what to do instead.
func (s *Store) Settle(ctx context.Context, claim *bridge.Claim, decide bridge.Decision) error {
	if decide == nil {
		if !s.memory.giveBack(claim, s.cfg.Now(), time.Time{}) {
			return fmt.Errorf("settle: %w", bridge.ErrLost)
		}
		return nil
	}
	err := s.submit(ctx, &request{
		thread: claim.Thread, ids: claim.AlsoLoad, decide: decide, claim: claim, last: true, deferrable: claim.Deferrable,
	})
	if err == nil {
		return nil
	}
	if !errors.Is(err, bridge.ErrLost) {
		// A request that was canceled has not given the lane back.
		now := s.cfg.Now()
		s.memory.giveBack(claim, now, now.Add(settleBackoff))
	}
	return fmt.Errorf("settle: %w", err)
}

// Due implements bridge.Lanes.
func (s *Store) Due(remote bridge.Remote) (time.Duration, <-chan struct{}) {
	i, err := indexOf(remote)
	if err != nil {
		return maxWait, nil
	}
	at, ok, changed := s.memory.earliest(i)
	if !ok {
		return maxWait, changed
	}
	return min(max(at.Sub(s.cfg.Now()), 0), maxWait), changed
}
