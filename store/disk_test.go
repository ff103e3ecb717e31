package store

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// fill accepts messages until the disk is full, and returns the number of accepted
// messages and the error.
func fillUp(t *testing.T, s *Store) (int, error) {
	for i := range 100_000 {
		if err := s.Accept(t.Context(), bridge.ThreadKey(fmt.Sprintf("F%05d", i)), nil, fresh("1.0")); err != nil {
			return i, err
		}
	}
	return 0, errors.New("it never got full")
}

// TestFullDisk runs itself in a process whose files can't grow beyond a limit. To a
// program, that is the same as a full disk.
func TestFullDisk(t *testing.T) {
	if os.Getenv("STORE_TEST_FULL_DISK") != "" {
		fullDisk(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
	cmd.Env = append(os.Environ(), "STORE_TEST_FULL_DISK=1", "TMPDIR="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "\n--- PASS: TestFullDisk") {
		t.Errorf("in a process with a limit: %v\n%s", err, out)
	}
}

func fullDisk(t *testing.T) {
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	full := limit
	full.Cur = 256 << 10
	path := pathIn(t.TempDir())
	seen := &commits{}
	s := open(t, Config{Path: path, Due: dueByTests, Observe: seen})
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		t.Fatal(err)
	}
	n, err := fillUp(t, s)
	if !errors.Is(err, syscall.EFBIG) && !strings.Contains(err.Error(), syscall.EFBIG.Error()) {
		t.Fatalf("accept on a full disk: got error %v, want EFBIG", err)
	}
	if n == 0 || s.Health() == nil || seen.failed == 0 {
		t.Errorf("got %d messages, health %v and %d failed commits, want some, an error and some", n, s.Health(), seen.failed)
	}
	if got := s.Depth(bridge.ToAgen).Lanes; got != n {
		t.Errorf("lanes: got %d, want the %d that are on disk", got, n)
	}
	c, err := s.Claim(t.Context(), bridge.ToAgen)
	if err != nil || c == nil {
		t.Fatalf("claim on a full disk: got %v, %v, want a lane: reading works", c, err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil { // space is available again
		t.Fatal(err)
	}
	for i := range 200 {
		add(t, s, bridge.ThreadKey(fmt.Sprintf("G%05d", i)), "1.0")
	}
	if err := s.Health(); err != nil {
		t.Errorf("health: got %v, want none after a commit worked", err)
	}
	s.Close()
	check(t, path)
	s = open(t, Config{Path: path, Due: dueByTests})
	if got := s.Depth(bridge.ToAgen).Lanes; got != n+200 {
		t.Errorf("lanes after reopening: got %d, want %d", got, n+200)
	}
}

// TestSettleOnAFullDisk checks what a failed commit does to a claim, and that Run notices
// when the disk recovers.
func TestSettleOnAFullDisk(t *testing.T) {
	seen := &commits{}
	inBubble(t, Config{Observe: seen}, func(t *testing.T, s *Store) {
		run := make(chan error)
		go func() { run <- s.Run(t.Context()) }()
		add(t, s, "A", "1.0")
		c, err := s.Claim(t.Context(), bridge.ToAgen)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		s.db.MaxSize = 1 // full
		if _, err := fillUp(t, s); err == nil {
			t.Fatal("accept on a full disk: got no error")
		}
		before := len(rowsOf(t, s, "A").Messages)
		grow := func(state *bridge.ThreadState, at bridge.Instant) error {
			state.Volatile.PollFailures = 7
			for i := range 2000 {
				if err := fresh(fmt.Sprintf("%d.9", i))(state, at); err != nil {
					return err
				}
			}
			return nil
		}
		if err := s.Begin(t.Context(), c, grow); err == nil {
			t.Error("begin on a full disk: got no error")
		}
		if err := s.Settle(t.Context(), c, grow); err == nil {
			t.Error("settle on a full disk: got no error")
		}
		if state := rowsOf(t, s, "A"); len(state.Messages) != before || state.Volatile.PollFailures != 0 {
			t.Errorf("got %d messages and %d failures, want %d and 0: nothing happened", len(state.Messages), state.Volatile.PollFailures, before)
		}
		if s.Health() == nil {
			t.Error("health: got no error on a full disk")
		}
		time.Sleep(settleBackoff)
		s.db.MaxSize = 0
		if again, err := s.Claim(t.Context(), bridge.ToAgen); err != nil || again == nil {
			t.Errorf("claim after the backoff: got %v, %v, want a lane", again, err)
		}
		time.Sleep(2 * healing)
		if err := s.Health(); err != nil {
			t.Errorf("health: got %v, want none: Run tries again by itself", err)
		}
		s.Close()
		if err := <-run; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

// TestAFullDiskHoldsBothLanesBack: if both lanes of a thread fail to settle, both of them
// are postponed. Neither the failure of the other lane nor a request without changes
// makes a lane claimable earlier.
func TestAFullDiskHoldsBothLanesBack(t *testing.T) {
	due := func(*bridge.ThreadState, bridge.Remote) (time.Time, bool) { return time.Time{}, true }
	inBubble(t, Config{Due: due}, func(t *testing.T, s *Store) {
		add(t, s, "A", "1.0")
		s.db.MaxSize = 1 // full
		grow := func(state *bridge.ThreadState, at bridge.Instant) error {
			for i := range 2000 {
				if err := fresh(fmt.Sprintf("%d.9", i))(state, at); err != nil {
					return err
				}
			}
			return nil
		}
		for _, remote := range remotes {
			c, err := s.Claim(t.Context(), remote)
			if err != nil || c == nil {
				t.Fatalf("claim: got %v, %v, want a lane", c, err)
			}
			if err := s.Settle(t.Context(), c, grow); err == nil {
				t.Error("settle on a full disk: got no error")
			}
		}
		add(t, s, "A", "1.0") // it is known
		for _, remote := range remotes {
			if wait, _ := s.Due(remote); wait != settleBackoff {
				t.Errorf("the lane to %s is due in %v, want %v", remote, wait, settleBackoff)
			}
		}
		s.db.MaxSize = 0
	})
}
