package store

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/store/storetest"
)

func noneDue(*bridge.ThreadState, bridge.Remote) (time.Time, bool) { return time.Time{}, false }

// fresh is a decision that adds a message that is due at once.
func fresh(ts string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if state.Messages[ts] != nil {
			return nil
		}
		m := &bridge.MessageRecord{Message: bridge.Message{
			Thread: state.Key, TS: ts, Author: "U0123456789", Kind: bridge.KindMention, Digest: 0x1234567812345678,
			Body: []byte(`{"text":"<@U2> please have a look at the failing build of the payments service"}`),
		}}
		m.Delivery = bridge.Delivery{State: bridge.StateReady, Accepted: at.Now, Due: at.Now}
		m.Touch()
		state.Messages[ts] = m
		if state.Thread.Unbound() {
			state.Thread.Started, state.Thread.StartTS = at.Now, ts
			state.Thread.Touch()
		}
		return nil
	}
}

// settled is a decision that moves a message to rest.
func settled(ts string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if m := state.Messages[ts]; m != nil {
			m.State, m.Settled, m.Body = bridge.StateDone, at.Now, nil
			m.Touch()
		}
		return nil
	}
}

func add(t testing.TB, s *Store, thread bridge.ThreadKey, ts string) {
	t.Helper()
	if err := s.Accept(t.Context(), thread, nil, fresh(ts)); err != nil {
		t.Fatalf("accept: %v", err)
	}
}

func rowsOf(t testing.TB, s *Store, thread bridge.ThreadKey) *bridge.ThreadState {
	t.Helper()
	state, err := s.Rows(t.Context(), thread)
	if err != nil {
		t.Fatalf("rows: %v", err)
	}
	return state
}

// commits records what an Observer receives.
type commits struct {
	mu     sync.Mutex
	sizes  []int
	failed int
}

// Committed implements Observer.
func (c *commits) Committed(requests int, _ time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.failed++
		return
	}
	c.sizes = append(c.sizes, requests)
}

func (c *commits) done() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]int(nil), c.sizes...)
}

var dueByTests = storetest.Due

func writeFile(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func filesBeside(t testing.TB, path string) int {
	t.Helper()
	all, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}
