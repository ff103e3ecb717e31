package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

const mark = "XMARKEDX"

// said is a decision that adds a message with marked text of about the given number of
// bytes.
func said(ts string, size int) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if err := fresh(ts)(state, at); err != nil {
			return err
		}
		state.Messages[ts].Body = []byte(`{"text":"` + strings.Repeat(mark+" ", size/len(mark)+1) + `"}`)
		return nil
	}
}

func decide(t testing.TB, s *Store, thread bridge.ThreadKey, d bridge.Decision) {
	t.Helper()
	if err := s.Accept(t.Context(), thread, nil, d); err != nil {
		t.Errorf("accept: %v", err)
	}
}

func marks(t testing.TB, path string) int {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Count(b, []byte(mark))
}

// TestTextLeavesTheFileWithinAMinute settles messages of all sizes, and searches every
// byte of the file for their text.
func TestTextLeavesTheFileWithinAMinute(t *testing.T) {
	inBubble(t, Config{Due: noneDue}, func(t *testing.T, s *Store) {
		running(t, s, func() {
			time.Sleep(time.Hour) // so that no pass is due because of the opening
			for i := range 40 {
				for j, size := range []int{10, 500, 5000, 40_000, 160_000} {
					decide(t, s, bridge.ThreadKey(fmt.Sprint("T", i)), said(fmt.Sprintf("%d.0", j), size))
				}
			}
			if marks(t, s.cfg.Path) == 0 {
				t.Fatal("the words are not in the file while they are needed: the test sees nothing")
			}
			for i := range 40 {
				for j := range 5 {
					decide(t, s, bridge.ThreadKey(fmt.Sprint("T", i)), settled(fmt.Sprintf("%d.0", j)))
				}
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			if n := marks(t, s.cfg.Path); n != 0 {
				t.Errorf("a minute later the words are in the file %d times, want not at all", n)
			}
		})
	})
}

// TestTextLeavesTheFileOnClosing closes the store right after messages were settled.
func TestTextLeavesTheFileOnClosing(t *testing.T) {
	path := pathIn(t.TempDir())
	s := open(t, Config{Path: path, Due: noneDue})
	for i := range 20 {
		decide(t, s, "T", said(fmt.Sprintf("%d.0", i), 900*i))
	}
	for i := range 20 {
		decide(t, s, "T", settled(fmt.Sprintf("%d.0", i)))
	}
	if marks(t, path) == 0 {
		t.Fatal("the words are gone before the store is closed: the test sees nothing")
	}
	s.Close()
	if n := marks(t, path); n != 0 {
		t.Errorf("the words are in the closed file %d times, want not at all", n)
	}
}

// TestTextOfACrashLeavesTheFile: what a killed process left behind is overwritten soon
// after the start, including pages of a commit that it didn't finish.
func TestTextOfACrashLeavesTheFile(t *testing.T) {
	path := pathIn(t.TempDir())
	s := open(t, Config{Path: path, Due: noneDue})
	for i := range 20 {
		decide(t, s, "T", said(fmt.Sprintf("%d.0", i), 3000))
		decide(t, s, "T", settled(fmt.Sprintf("%d.0", i)))
	}
	crash(t, path, s)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(strings.Repeat(mark, int(info.Size())/len(mark))); err != nil {
		t.Fatal(err)
	}
	f.Close()
	s = open(t, Config{Path: path, Due: noneDue})
	if err := s.Scrub(t.Context()); err != nil {
		t.Fatalf("scrub: %v", err)
	}
	if n := marks(t, path); n != 0 {
		t.Errorf("the words are in the file %d times, want not at all", n)
	}
}

// TestNothingIsScrubbedWhereNothingChanged: an idle store writes its heartbeat and
// nothing else.
func TestNothingIsScrubbedWhereNothingChanged(t *testing.T) {
	inBubble(t, Config{Due: noneDue}, func(t *testing.T, s *Store) {
		running(t, s, func() {
			time.Sleep(time.Hour + 30*time.Second) // between two heartbeats
			last := lastTx(t, s)
			time.Sleep(time.Hour)
			if got := lastTx(t, s) - last; got > 60 {
				t.Errorf("transactions in a silent hour: got %d, want one heartbeat a minute", got)
			}
		})
	})
}

func lastTx(t *testing.T, s *Store) (id int) {
	t.Helper()
	if err := s.view(func(tx *bbolt.Tx) error {
		id = tx.ID()
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

// TestScrubWaitsForACopy: a copy contains the state at the time when it began.
func TestScrubWaitsForACopy(t *testing.T) {
	s := open(t, Config{Path: pathIn(t.TempDir()), Due: noneDue})
	decide(t, s, "T", said("1.0", 100))
	s.copying.Lock()
	decide(t, s, "T", settled("1.0"))
	if err := s.Scrub(t.Context()); !errors.Is(err, errCopying) {
		t.Errorf("scrub: got error %v, want errCopying", err)
	}
	s.copying.Unlock()
	if err := s.Scrub(t.Context()); err != nil {
		t.Errorf("scrub: %v", err)
	}
	if n := marks(t, s.cfg.Path); n != 0 {
		t.Errorf("the words are in the file %d times, want not at all", n)
	}
}

// TestScrubUnderLoad scrubs without a pause while rows of all sizes are added, removed
// and read. No page in use is overwritten.
func TestScrubUnderLoad(t *testing.T) {
	s := open(t, Config{Path: pathIn(t.TempDir()), NoSync: true, Due: noneDue})
	var stop atomic.Bool
	var writers, others sync.WaitGroup
	for w := range 4 {
		writers.Go(func() { comeAndGo(t, s, w) })
	}
	for range 2 {
		others.Go(func() {
			for i := 0; !stop.Load(); i++ {
				// Every row that is there is unchanged.
				for _, m := range rowsOf(t, s, bridge.ThreadKey(fmt.Sprint("T", i%4))).Messages {
					if m.Body != nil && !bytes.HasSuffix(m.Body, []byte(mark+` "}`)) {
						t.Errorf("a message of %d bytes is not as it was written", len(m.Body))
					}
				}
			}
		})
	}
	others.Go(func() {
		for !stop.Load() {
			if err := s.Scrub(t.Context()); err != nil {
				t.Errorf("scrub: %v", err)
			}
			checkOpen(t, s)
		}
	})
	writers.Wait()
	stop.Store(true)
	others.Wait()
	if err := s.Scrub(t.Context()); err != nil {
		t.Errorf("scrub: %v", err)
	}
	if n := marks(t, s.cfg.Path); n != 0 {
		t.Errorf("the words are in the file %d times, want not at all", n)
	}
}

// comeAndGo accepts and settles messages in the thread of a writer.
func comeAndGo(t *testing.T, s *Store, w int) {
	thread := bridge.ThreadKey(fmt.Sprint("T", w))
	const n, open = 150, 5
	for i := range n + open {
		if i < n {
			decide(t, s, thread, said(fmt.Sprintf("%d.0", i), i*i*7%30_000))
		}
		if i >= open {
			decide(t, s, thread, settled(fmt.Sprintf("%d.0", i-open)))
		}
	}
}

// checkOpen runs bbolt's check on the open store, between two commits.
func checkOpen(t *testing.T, s *Store) {
	t.Helper()
	done := make(chan error)
	s.chores <- func() {
		done <- s.db.View(func(tx *bbolt.Tx) error {
			for err := range tx.Check() {
				t.Errorf("bbolt check: %v", err)
			}
			return nil
		})
	}
	if err := <-done; err != nil {
		t.Errorf("check: %v", err)
	}
}

// TestScrubIsWithdrawn ends the context and then closes the store.
func TestScrubIsWithdrawn(t *testing.T) {
	s := open(t, Config{Path: pathIn(t.TempDir()), Due: noneDue})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Scrub(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("scrub: got error %v, want the context's", err)
	}
	s.Close()
	if err := s.Scrub(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("scrub: got error %v, want ErrClosed", err)
	}
}

// TestScrubAge: a file in an unknown layout of bbolt is never scrubbed, and ScrubAge
// shows that.
func TestScrubAge(t *testing.T) {
	inBubble(t, Config{Due: noneDue}, func(t *testing.T, s *Store) {
		running(t, s, func() {
			for range 3 { // with and without changes
				time.Sleep(10 * time.Minute)
				if got := s.ScrubAge(); got > scrubbing {
					t.Errorf("while it is scrubbed: got %v, want %v at most", got, scrubbing)
				}
				add(t, s, "T", "1.0")
			}
		})
		strange, err := os.Create(filepath.Join(t.TempDir(), "strange"))
		if err != nil {
			t.Fatal(err)
		}
		defer strange.Close()
		if err := strange.Truncate(1 << 20); err != nil {
			t.Fatal(err)
		}
		known := s.scrubber.handle
		s.scrubber.handle = strange
		add(t, s, "T", "2.0")
		running(t, s, func() {
			time.Sleep(10 * time.Minute)
			if err := s.Scrub(t.Context()); !errors.Is(err, errLayout) {
				t.Errorf("scrub: got error %v, want errLayout", err)
			}
			if got := s.ScrubAge(); got < 10*time.Minute {
				t.Errorf("while it can't be scrubbed: got %v, want ten minutes", got)
			}
		})
		s.scrubber.handle = known
		if err := s.Scrub(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := s.ScrubAge(); got != 0 {
			t.Errorf("after a complete scrub: got %v", got)
		}
	})
}
