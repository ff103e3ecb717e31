package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// running runs the store's Run for the duration of a test in a bubble.
func running(t *testing.T, s *Store, test func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	test()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("run: %v", err)
	}
}

func metaOf(t *testing.T, s *Store, key []byte) string {
	t.Helper()
	var v string
	if err := s.db.View(func(tx *bbolt.Tx) error {
		v = string(tx.Bucket(bucketMeta).Get(key))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestHeartbeat(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *Store) {
		running(t, s, func() {
			time.Sleep(3*time.Hour + time.Second)
			last, err := time.Parse(time.RFC3339Nano, metaOf(t, s, metaHeartbeat))
			if ago := time.Since(last); err != nil || ago > heartbeat {
				t.Errorf("heartbeat: got one %v ago (%v), want one within a minute", ago, err)
			}
		})
	})
}

func TestRunLogsAFailingDiskOnce(t *testing.T) {
	var log bytes.Buffer
	inBubble(t, Config{Log: slog.New(slog.NewTextHandler(&log, nil))}, func(t *testing.T, s *Store) {
		running(t, s, func() {
			full := errors.New("full")
			(&batch{s: s.database}).book(full)
			(&batch{s: s.database}).book(full)
			synctest.Wait()
			if s.Health() == nil {
				t.Error("health: got no error after a failed commit")
			}
			time.Sleep(healing)
			synctest.Wait()
			if err := s.Health(); err != nil {
				t.Errorf("health: got %v, want none", err)
			}
			time.Sleep(time.Hour)
		})
	})
	if bad, good := strings.Count(log.String(), "level=ERROR"), strings.Count(log.String(), "writes again"); bad != 1 || good != 1 {
		t.Errorf("log: got %d errors and %d recoveries, want one of each:\n%s", bad, good, &log)
	}
}

func TestRunPrunes(t *testing.T) {
	inBubble(t, Config{Due: noneDue}, func(t *testing.T, s *Store) {
		running(t, s, func() {
			add(t, s, "T", "1.0")
			if err := s.Accept(t.Context(), "T", nil, settled("1.0")); err != nil {
				t.Fatal(err)
			}
			time.Sleep(defaultRetention - time.Hour)
			if rowsOf(t, s, "T").Messages["1.0"] == nil {
				t.Error("the row went before its time")
			}
			time.Sleep(26 * time.Hour)
			if rowsOf(t, s, "T").Messages["1.0"] != nil {
				t.Error("the row is still there a day after its time")
			}
		})
		if got := s.untilPrune(); got <= heartbeat || got > pruning {
			t.Errorf("next pass in %v, want within a day", got)
		}
	})
}

// TestPruneIsRepeated interrupts a pass over many rows. An interrupted pass doesn't
// count.
func TestPruneIsRepeated(t *testing.T) {
	inBubble(t, Config{Due: noneDue}, func(t *testing.T, s *Store) {
		const n = 3*pruneChunk + 7
		for i := range 3 {
			err := s.Accept(t.Context(), bridge.ThreadKey(fmt.Sprint("T", i)), nil, func(state *bridge.ThreadState, at bridge.Instant) error {
				for j := range n / 3 {
					ts := fmt.Sprintf("%d.0", j)
					if err := errors.Join(fresh(ts)(state, at), settled(ts)(state, at)); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(defaultRetention + time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), prunePause/2)
		defer cancel()
		if err := s.Prune(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("prune: got error %v, want the context's", err)
		}
		left := func() (n int) {
			for i := range 3 {
				n += len(rowsOf(t, s, bridge.ThreadKey(fmt.Sprint("T", i))).Messages)
			}
			return n
		}
		if got := left(); got != n-n%3-pruneChunk {
			t.Errorf("rows after one step: got %d, want %d", got, n-n%3-pruneChunk)
		}
		if got := s.untilPrune(); got != heartbeat {
			t.Errorf("next pass in %v, want it as soon as may be", got)
		}
		if err := s.Prune(t.Context()); err != nil {
			t.Fatalf("prune: %v", err)
		}
		if got := left(); got != 0 {
			t.Errorf("rows after the pass: got %d, want none", got)
		}
		if got := s.untilPrune(); got < pruning-time.Minute {
			t.Errorf("next pass in %v, want it in a day", got)
		}
	})
}

// TestUnreadable: a thread that can't be read delays no other thread.
func TestUnreadable(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *Store) {
		add(t, s, "A", "1.0")
		if err := s.db.Update(func(tx *bbolt.Tx) error {
			return tx.Bucket(bucketLive).Put([]byte("A\x00m1.0"), []byte("\x01\x01{secret"))
		}); err != nil {
			t.Fatal(err)
		}
		if err := s.beat(t.Context()); err != nil { // the entry of A in memory is dropped
			t.Fatal(err)
		}
		add(t, s, "B", "1.0")
		_, err := s.Claim(t.Context(), bridge.ToAgen)
		if !errors.Is(err, ErrUnreadable) || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), `"A"`) {
			t.Errorf("claim: got error %v, want ErrUnreadable with the thread and without the content", err)
		}
		if c, err := s.Claim(t.Context(), bridge.ToAgen); err != nil || c.Thread != "B" {
			t.Errorf("claim: got %v, %v, want B", c, err)
		}
		if c, err := s.Claim(t.Context(), bridge.ToAgen); c != nil || err != nil {
			t.Errorf("claim: got %v, %v, want none for a minute", c, err)
		}
		if err := s.Accept(t.Context(), "A", nil, fresh("2.0")); !errors.Is(err, ErrUnreadable) {
			t.Errorf("accept: got error %v, want ErrUnreadable", err)
		}
		if err := s.Prune(t.Context()); err != nil {
			t.Errorf("prune: %v", err)
		}
	})
}

// TestReindex opens a store with rules under which other lanes are due.
func TestReindex(t *testing.T) {
	cfg := Config{Path: pathIn(t.TempDir()), NoSync: true, Due: noneDue, Release: "1"}
	s := open(t, cfg)
	for i := range 20 {
		add(t, s, bridge.ThreadKey(fmt.Sprint("T", i)), "1.0")
	}
	s.Close()
	for _, c := range []struct {
		release string
		due     func(*bridge.ThreadState, bridge.Remote) (time.Time, bool)
		want    int
	}{{"1", dueByTests, 0}, {"2", dueByTests, 20}, {"2", noneDue, 20}, {"3", noneDue, 0}} {
		cfg.Release, cfg.Due = c.release, c.due
		s := open(t, cfg)
		if got := s.Depth(bridge.ToAgen).Lanes; got != c.want {
			t.Errorf("lanes under release %s: got %d, want %d", c.release, got, c.want)
		}
		if c.want == 20 && c.release == "2" && s.opening.Boot == 4 {
			// If the index is ahead of the rows, no lane is handed out.
			if claim, err := s.Claim(t.Context(), bridge.ToAgen); claim != nil || err != nil {
				t.Errorf("claim: got %v, %v, want none: the rows owe nothing", claim, err)
			}
		}
		s.Close()
	}
}
