package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

func nothing(*bridge.ThreadState, bridge.Instant) error { return nil }

// inBubble opens a store inside a synctest bubble and closes it there.
func inBubble(t *testing.T, cfg Config, test func(t *testing.T, s *Store)) {
	t.Helper()
	cfg.Path, cfg.NoSync = pathIn(t.TempDir()), true
	if cfg.Due == nil {
		cfg.Due = dueByTests
	}
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(t.Context(), cfg)
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		defer func() {
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}()
		test(t, s)
	})
	check(t, cfg.Path)
}

// hold keeps the committer busy until the returned function is called.
func hold(t *testing.T, s *Store) (release func()) {
	t.Helper()
	picked, let, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- s.Accept(t.Context(), "holder", nil, func(*bridge.ThreadState, bridge.Instant) error {
			close(picked)
			<-let
			return nil
		})
	}()
	<-picked
	return func() {
		close(let)
		if err := <-done; err != nil {
			t.Errorf("accept: %v", err)
		}
	}
}

func TestWaitingRequestsShareACommit(t *testing.T) {
	seen := &commits{}
	inBubble(t, Config{Observe: seen}, func(t *testing.T, s *Store) {
		release := hold(t, s)
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() { add(t, s, bridge.ThreadKey(fmt.Sprint("T", i)), "1.0") })
		}
		synctest.Wait()
		release()
		all.Wait()
		if got := seen.done(); len(got) != 1 || got[0] != 50 {
			t.Errorf("commits: got %v, want one of 50", got)
		}
		release = hold(t, s)
		for i := range maxBatch + 10 {
			all.Go(func() { add(t, s, "T0", fmt.Sprintf("%d.1", i)) })
		}
		synctest.Wait()
		release()
		all.Wait()
		if got := seen.done(); len(got) != 3 || got[1] != maxBatch || got[2] != 10 {
			t.Errorf("commits: got %v, want a full one and one of 10", got[1:])
		}
		if got := len(rowsOf(t, s, "T0").Messages); got != maxBatch+11 {
			t.Errorf("messages: got %d, want %d", got, maxBatch+11)
		}
	})
}

// In a bubble, a request that waited for others would advance the clock.
func TestALoneRequestWaitsForNobody(t *testing.T) {
	seen := &commits{}
	inBubble(t, Config{Observe: seen}, func(t *testing.T, s *Store) {
		before := s.cfg.Now()
		for i := range 5 {
			add(t, s, "T", fmt.Sprintf("%d.0", i))
		}
		if got := s.cfg.Now().Sub(before); got != 0 {
			t.Errorf("five requests took %v, want no waiting", got)
		}
		if got := seen.done(); len(got) != 5 {
			t.Errorf("commits: got %v, want five", got)
		}
	})
}

func TestADeferrableOutcomeSharesACommit(t *testing.T) {
	seen := &commits{}
	inBubble(t, Config{Observe: seen}, func(t *testing.T, s *Store) {
		patient := func(thread bridge.ThreadKey) <-chan struct{} {
			add(t, s, thread, "1.0")
			c, err := s.Claim(t.Context(), bridge.ToAgen)
			if err != nil || c == nil {
				t.Fatalf("claim: got %v, %v", c, err)
			}
			c.Deferrable = true
			done := make(chan struct{})
			go func() {
				defer close(done)
				if err := s.Settle(t.Context(), c, settled("1.0")); err != nil {
					t.Errorf("settle: %v", err)
				}
			}()
			synctest.Wait()
			return done
		}
		before := s.cfg.Now()
		done := patient("T")
		add(t, s, "other", "1.0")
		<-done
		if took := s.cfg.Now().Sub(before); took != 0 {
			t.Errorf("it waited %v beside a request in a hurry", took)
		}
		if got := seen.done(); len(got) != 2 || got[1] != 2 {
			t.Errorf("commits: got %v, want that of the claim and one of two", got)
		}
		settleAll(t, s)
		before = s.cfg.Now()
		<-patient("alone")
		if took := s.cfg.Now().Sub(before); took != patience {
			t.Errorf("alone it took %v, want %v", took, patience)
		}
	})
}

// settleAll settles everything that is due.
func settleAll(t *testing.T, s *Store) {
	t.Helper()
	for {
		c, err := s.Claim(t.Context(), bridge.ToAgen)
		if err != nil {
			t.Fatalf("claim: %v", err)
		}
		if c == nil {
			return
		}
		if err := s.Settle(t.Context(), c, settled("1.0")); err != nil {
			t.Fatalf("settle: %v", err)
		}
	}
}

func TestNothingChangedNothingWritten(t *testing.T) {
	seen := &commits{}
	inBubble(t, Config{Observe: seen}, func(t *testing.T, s *Store) {
		add(t, s, "T", "1.0")
		add(t, s, "T", "1.0")
		err := s.Accept(t.Context(), "T", nil, func(state *bridge.ThreadState, at bridge.Instant) error {
			state.Volatile.NextPoll, state.Volatile.PollFailures = at.Now, 2
			return nil
		})
		if err != nil {
			t.Fatalf("accept: %v", err)
		}
		c, err := s.Claim(t.Context(), bridge.ToAgen)
		if err != nil || c.State.Volatile.PollFailures != 2 {
			t.Fatalf("claim: got %+v, %v, want the Volatile in it", c, err)
		}
		if err := s.Settle(t.Context(), c, nothing); err != nil {
			t.Fatalf("settle: %v", err)
		}
		if got := seen.done(); len(got) != 1 {
			t.Errorf("commits: got %v, want the first only", got)
		}
	})
}

func TestWithdrawal(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *Store) {
		release := hold(t, s)
		gone := errors.New("gone")
		ctx, cancel := context.WithCancelCause(t.Context())
		result := make(chan error)
		go func() { result <- s.Accept(ctx, "T", nil, fresh("1.0")) }()
		synctest.Wait()
		cancel(gone)
		if err := <-result; !errors.Is(err, gone) {
			t.Errorf("accept that was not picked up: got error %v, want the cause", err)
		}
		release()
		if got := len(rowsOf(t, s, "T").Messages); got != 0 {
			t.Errorf("messages: got %d, want none: it was withdrawn", got)
		}

		// The committer has received the request, so the caller learns its outcome.
		ctx, cancel = context.WithCancelCause(t.Context())
		err := s.Accept(ctx, "T", nil, func(state *bridge.ThreadState, at bridge.Instant) error {
			cancel(gone)
			return fresh("2.0")(state, at)
		})
		if err != nil || rowsOf(t, s, "T").Messages["2.0"] == nil {
			t.Errorf("accept that was picked up: got error %v, want it done", err)
		}
	})
}

func TestPanicIsToldToItsCallerOnly(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *Store) {
		release := hold(t, s)
		var all sync.WaitGroup
		all.Go(func() {
			err := s.Accept(t.Context(), "T", nil, func(state *bridge.ThreadState, _ bridge.Instant) error {
				state.Messages["9.0"].Touch()
				return nil
			})
			if !errors.Is(err, bridge.ClassPanic) || !strings.Contains(err.Error(), "TestPanicIsToldToItsCallerOnly") {
				t.Errorf("accept: got error %v, want the panic and where it was", err)
			}
		})
		all.Go(func() { add(t, s, "T", "1.0") })
		synctest.Wait()
		release()
		all.Wait()
		if rowsOf(t, s, "T").Messages["1.0"] == nil {
			t.Error("the neighbour of a panic was not stored")
		}
	})
}

func TestClosed(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *Store) {
		add(t, s, "T", "1.0")
		c, err := s.Claim(t.Context(), bridge.ToAgen)
		if err != nil {
			t.Fatal(err)
		}
		release := hold(t, s)
		waiting := make(chan error)
		go func() { waiting <- s.Accept(t.Context(), "T", nil, fresh("2.0")) }()
		synctest.Wait()
		closed := make(chan error)
		go func() { closed <- s.Close() }()
		synctest.Wait()
		if err := <-waiting; !errors.Is(err, ErrClosed) {
			t.Errorf("accept that waits while the store closes: got error %v, want ErrClosed", err)
		}
		release() // requests that were received are finished
		if err := <-closed; err != nil {
			t.Errorf("close: %v", err)
		}
		for name, err := range map[string]error{
			"accept": s.Accept(t.Context(), "T", nil, nothing),
			"begin":  s.Begin(t.Context(), c, nothing),
			"settle": s.Settle(t.Context(), c, nothing),
			"prune":  s.Prune(t.Context()),
			"close":  s.Close(),
		} {
			if (err == nil) != (name == "close") {
				t.Errorf("%s after closing: got error %v", name, err)
			}
		}
		if _, err := s.Rows(t.Context(), "T"); err == nil {
			t.Error("rows after closing: got no error")
		}
		if err := s.Run(t.Context()); err != nil {
			t.Errorf("run after closing: %v", err)
		}
	})
}

// TestDueThatPanics: a panic of Config.Due about one thread affects no other thread and
// stops nothing.
func TestDueThatPanics(t *testing.T) {
	broken := false
	due := func(state *bridge.ThreadState, remote bridge.Remote) (time.Time, bool) {
		if broken && state.Key == "A" {
			panic("what somebody said")
		}
		return dueByTests(state, remote)
	}
	inBubble(t, Config{Due: due}, func(t *testing.T, s *Store) {
		add(t, s, "A", "1.0")
		broken = true
		add(t, s, "B", "1.0")
		err := s.Accept(t.Context(), "A", nil, fresh("2.0"))
		if !errors.Is(err, bridge.ClassPanic) || strings.Contains(err.Error(), "said") {
			t.Errorf("accept: got error %v, want Broken without the panic's text", err)
		}
		if _, err := s.Claim(t.Context(), bridge.ToAgen); !errors.Is(err, bridge.ClassPanic) {
			t.Errorf("claim: got error %v, want Broken", err)
		}
		if c, err := s.Claim(t.Context(), bridge.ToAgen); err != nil || c == nil || c.Thread != "B" {
			t.Errorf("claim: got %v, %v, want B", c, err)
		}
		broken = false
		time.Sleep(unreadableBackoff)
		for range 2 { // B, whose lease has expired, and A
			c, err := s.Claim(t.Context(), bridge.ToAgen)
			if err != nil || c == nil || len(c.State.Messages) != 1 {
				t.Errorf("claim a minute later: got %v, %v, want the thread as it was", c, err)
			}
		}
	})
}
