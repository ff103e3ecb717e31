package store

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/bridge"
)

// cachedRows returns the cached rows of a thread, or nil.
func cachedRows(s *Store, thread bridge.ThreadKey) *loaded {
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	return s.memory.cache.threads[thread]
}

// TestCachedRowsAreAsOnDisk checks that after decisions of every kind: rows are added,
// changed, moved to rest and back, and removed.
func TestCachedRowsAreAsOnDisk(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *Store) {
		steps := []struct {
			name   string
			ids    []string
			decide bridge.Decision
		}{
			{"add", nil, fresh("1.0")},
			{"add another", nil, fresh("2.0")},
			{"settle one", nil, settled("1.0")},
			{"add it again, unasked", nil, fresh("1.0")},
			{"bring it back", []string{"1.0"}, func(state *bridge.ThreadState, _ bridge.Instant) error {
				state.Messages["1.0"].State = bridge.StateReady
				state.Messages["1.0"].Touch()
				return nil
			}},
			{"ask for what is not there", []string{"9.0"}, func(*bridge.ThreadState, bridge.Instant) error { return nil }},
			{"remove one", nil, func(state *bridge.ThreadState, _ bridge.Instant) error { delete(state.Messages, "2.0"); return nil }},
		}
		for _, step := range steps {
			if err := s.Accept(t.Context(), "A", step.ids, step.decide); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			stored, err := s.snapshot("A", live)
			if err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			cached := cachedRows(s, "A")
			if cached == nil {
				t.Fatalf("%s: memory has nothing", step.name)
			}
			if diff := cmp.Diff(stored.Messages, cached.rows.Messages); diff != "" {
				t.Errorf("%s: disk (-) and memory (+): %s", step.name, diff)
			}
			for id, m := range cached.rows.Messages {
				if o := cached.origins[rowKey{kindMessage, id}]; o.bucket != live || o.rev != m.Rev || o.row != any(m) {
					t.Errorf("%s: row %s comes from %+v", step.name, id, o)
				}
			}
			if len(cached.origins) != len(cached.rows.Messages) {
				t.Errorf("%s: %d origins of %d rows", step.name, len(cached.origins), len(cached.rows.Messages))
			}
		}
	})
}

// TestAClaimHasRowsOfItsOwn: nobody else sees what a worker does to its rows.
func TestAClaimHasRowsOfItsOwn(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *Store) {
		add(t, s, "A", "1.0")
		c, err := s.Claim(t.Context(), bridge.ToAgen)
		if err != nil || c == nil {
			t.Fatalf("claim: got %v, %v", c, err)
		}
		c.State.Messages["1.0"].State = bridge.StateDead
		delete(c.State.Messages, "1.0")
		if m := cachedRows(s, "A").rows.Messages["1.0"]; m == nil || m.State != bridge.StateReady {
			t.Errorf("memory has %+v", m)
		}
	})
}

// TestADecisionThatFailsLeavesNothingInMemory checks that changes it made before it
// failed are discarded.
func TestADecisionThatFailsLeavesNothingInMemory(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *Store) {
		add(t, s, "A", "1.0")
		errNo := errors.New("no")
		err := s.Accept(t.Context(), "A", nil, func(state *bridge.ThreadState, _ bridge.Instant) error {
			state.Messages["1.0"].State = bridge.StateDead
			state.Messages["1.0"].Touch()
			return errNo
		})
		if !errors.Is(err, errNo) {
			t.Fatalf("accept: got %v, want %v", err, errNo)
		}
		if l := cachedRows(s, "A"); l != nil {
			t.Errorf("memory has %+v", l.rows.Messages["1.0"])
		}
		if err := s.Accept(t.Context(), "A", nil, func(state *bridge.ThreadState, _ bridge.Instant) error {
			if m := state.Messages["1.0"]; m.State != bridge.StateReady {
				t.Errorf("the next decision sees state %s, want %s", m.State, bridge.StateReady)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// TestCachedRowsAreBounded checks that, and that they are dropped every minute.
func TestCachedRowsAreBounded(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *Store) {
		for i := range maxCachedRows {
			add(t, s, bridge.ThreadKey(fmt.Sprint("T", i)), "1.0")
			if s.memory.cache.rows > maxCachedRows {
				t.Fatalf("%d rows in memory, want at most %d", s.memory.cache.rows, maxCachedRows)
			}
		}
		if err := s.beat(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s.memory.cache.rows != 0 || len(s.memory.cache.threads) != 0 {
			t.Errorf("%d rows of %d threads after a minute", s.memory.cache.rows, len(s.memory.cache.threads))
		}
	})
}
