package store

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// TestManyWorkers runs workers and writers concurrently. Every message is settled exactly
// once.
func TestManyWorkers(t *testing.T) {
	s := open(t, Config{Path: pathIn(t.TempDir()), NoSync: true, Due: dueByTests})
	const writers, each = 8, 40
	var all sync.WaitGroup
	var mu sync.Mutex
	times := map[string]int{}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range 4 {
		all.Go(func() {
			for ctx.Err() == nil {
				if wait, changed := s.Due(bridge.ToAgen); wait > 0 {
					select {
					case <-changed:
					case <-ctx.Done():
					}
					continue
				}
				c, err := s.Claim(ctx, bridge.ToAgen)
				if c == nil || err != nil {
					continue
				}
				var ids []string
				for id, m := range c.State.Messages {
					if m.State == bridge.StateReady {
						ids = append(ids, id)
					}
				}
				err = s.Settle(context.WithoutCancel(ctx), c, func(state *bridge.ThreadState, at bridge.Instant) error {
					for _, id := range ids {
						if err := settled(id)(state, at); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					t.Errorf("settle: %v", err)
				}
				mu.Lock()
				for _, id := range ids {
					times[string(c.Thread)+id]++
				}
				if len(times) == writers*each {
					cancel()
				}
				mu.Unlock()
			}
		})
	}
	for i := range writers {
		all.Go(func() {
			for j := range each {
				add(t, s, bridge.ThreadKey(fmt.Sprint("T", (i+j)%5)), fmt.Sprintf("%d.%d", i, j))
			}
		})
	}
	all.Wait()
	for id, n := range times {
		if n != 1 {
			t.Errorf("message %s was settled %d times, want once", id, n)
		}
	}
}

// TestVolatileBelongsToTheRows reads while decisions change rows and Volatile together.
// No reader may see one change without the other.
func TestVolatileBelongsToTheRows(t *testing.T) {
	always := func(*bridge.ThreadState, bridge.Remote) (time.Time, bool) { return time.Time{}, true }
	s := open(t, Config{Path: pathIn(t.TempDir()), NoSync: true, Due: always})
	var stop atomic.Bool
	var all sync.WaitGroup
	same := func(state *bridge.ThreadState) {
		if state.Thread.Session.Count != state.Volatile.PollFailures {
			t.Errorf("got count %d with poll failures %d, want the same", state.Thread.Session.Count, state.Volatile.PollFailures)
		}
	}
	for range 2 {
		all.Go(func() {
			for !stop.Load() {
				same(rowsOf(t, s, "A"))
			}
		})
	}
	all.Go(func() {
		for !stop.Load() {
			c, err := s.Claim(t.Context(), bridge.ToAgen)
			if err != nil {
				t.Errorf("claim: %v", err)
			}
			if c == nil {
				continue
			}
			same(c.State)
			if err := s.Settle(t.Context(), c, nil); err != nil {
				t.Errorf("settle: %v", err)
			}
		}
	})
	for range 500 {
		err := s.Accept(t.Context(), "A", nil, func(state *bridge.ThreadState, at bridge.Instant) error {
			state.Thread.Started = at.Now
			state.Thread.Session.Count++
			state.Volatile.PollFailures++
			state.Thread.Touch()
			return nil
		})
		if err != nil {
			t.Fatalf("accept: %v", err)
		}
	}
	stop.Store(true)
	all.Wait()
}
