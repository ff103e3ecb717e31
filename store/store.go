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
	// unreadableBackoff keeps a lane whose thread can't be read from being claimed
	// again at once.
	unreadableBackoff = time.Minute
	// maxWait is the longest that Due tells anybody to wait.
	maxWait = time.Hour
)

// Health returns the error of the last commit, nil when it worked. While it is
// not nil Run keeps trying to write, so that it is nil again soon after the disk
// has recovered, also when nothing comes in. A write that the disk has kept
// waiting for more than 10 s is an error as well. Health itself never waits for
// the disk.
func (s *Store) Health() error {
	if since := s.writingSince.Load(); since != nil {
		if waited := s.cfg.Now().Sub(*since); waited > hangsAfter {
			return fmt.Errorf("a write has waited for the disk for %v", waited.Round(time.Second))
		}
	}
	return s.memory.lastError()
}

// hangsAfter is how long a write may take until the disk counts as hanging.
const hangsAfter = 10 * time.Second

// Look implements bridge.Intake: with what is in memory, unless a batch has it.
func (s *Store) Look(thread bridge.ThreadKey, look func(*bridge.ThreadState)) {
	s.memory.look(thread, look)
}

// Rows returns all that is stored of a thread, resting rows included. It is for
// those who check a store: the conformance suite and the simulators.
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

// Settle implements bridge.Lanes. If it fails, the lane can be claimed again a
// second later, and at once if the decision returned bridge.ErrChanged: the next
// look at the rows shows what to do instead.
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
		// A request that was withdrawn has not given the lane back.
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
