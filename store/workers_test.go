package store

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/agenbridge/agenbridge/bridge"
)

// TestManyWorkers has workers and writers at it together: every message is
// settled exactly once.
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
				for id, m := range c.Rows.Messages {
					if m.State == bridge.Ready {
						ids = append(ids, id)
					}
				}
				err = s.Settle(t.Context(), c, func(r *bridge.Rows, at bridge.Moment) error {
					for _, id := range ids {
						if err := settled(id)(r, at); err != nil {
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
