//go:build linux

package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/store"
)

// BenchmarkIdle measures the time from the start of the program, without a store,
// to its first open socket, and its memory when all sockets are open.
func BenchmarkIdle(b *testing.B) {
	f := figures{}
	for b.Loop() {
		t := newTown(b, agentest.Agent{})
		t.start(daemon(b), 2)
		f.add("up-ms", milliseconds(t.firstSocket()))
		f.add("RssAnon-MB", t.child.megabytes("RssAnon"))
		f.add("VmRSS-MB", t.child.megabytes("VmRSS"))
		t.end()
	}
	f.report(b)
}

// BenchmarkStartLarge measures the time to the first open socket with a large store
// in which nothing is pending, and the memory at that moment: after a graceful
// shutdown, after a kill, and after an upgrade, when the other release's index of
// due lanes is not used.
func BenchmarkStartLarge(b *testing.B) {
	f := figures{}
	path := large(b)
	start := func(how string) *town {
		t := newTown(b, agentest.Agent{})
		t.storePath = path
		t.start(daemon(b), 2)
		f.add(how+"-up-ms", milliseconds(t.firstSocket()))
		f.add(how+"-RssAnon-MB", t.child.megabytes("RssAnon"))
		return t
	}
	start("upgraded").end() // the store was filled by something other than this build
	for b.Loop() {
		start("ended").child.kill()
		start("killed").end()
	}
	f.add("store-MB", megabytesOf(b, path))
	f.report(b)
}

// largeStore is made once, because that takes seconds.
var largeStore struct {
	once sync.Once
	path string
	err  error
}

// large returns the path of a large store in which nothing is pending.
func large(b *testing.B) string {
	b.Helper()
	largeStore.once.Do(func() {
		largeStore.path = filepath.Join(workshop.dir, "large.db")
		largeStore.err = fill(largeStore.path, *rows, 0)
	})
	if largeStore.err != nil {
		b.Fatal(largeStore.err)
	}
	return largeStore.path
}

// rowsInThread is the number of messages in each thread of the large store.
const rowsInThread = 20

// fill makes a store with n messages that were completed the given time ago. They
// go in through the same methods as every message.
func fill(path string, n int, ago time.Duration) (err error) {
	var late atomic.Int64 // how far the store's clock is behind
	late.Store(int64(ago))
	now := func() time.Time { return time.Now().Add(-time.Duration(late.Load())) }
	s, err := store.Open(context.Background(), store.Config{Path: path, NoSync: true, Now: now, Due: schedule.Due})
	if err != nil {
		return fmt.Errorf("make a large store: %w", err)
	}
	defer func() {
		late.Store(0) // a store closed a moment ago is not taken for an old copy
		err = errors.Join(err, s.Close())
	}()
	var writers sync.WaitGroup
	failed := make(chan error, 1)
	threads := make(chan int)
	for range 64 { // as many as share one commit
		writers.Go(func() {
			for i := range threads {
				if err := s.Accept(context.Background(), threadNo(i), nil, rested); err != nil {
					select {
					case failed <- err:
					default:
					}
				}
			}
		})
	}
	for i := range n / rowsInThread {
		threads <- i
	}
	close(threads)
	writers.Wait()
	select {
	case err := <-failed:
		return fmt.Errorf("fill the store: %w", err)
	default:
		return nil
	}
}

func threadNo(i int) bridge.ThreadKey {
	return bridge.ThreadKey(fmt.Sprintf("T0ACME/C0DEV/1767%06d.000100", i))
}

// rested makes a thread in which nothing is pending: its messages are completed,
// and its session isn't followed anymore.
func rested(state *bridge.ThreadState, at bridge.Instant) error {
	state.Thread.Started, state.Thread.StartTS = at.Now, "1767225600.000000"
	state.Thread.Session = bridge.Session{ID: "ses_" + string(state.Key), Count: 1, OpenedAt: at.Now, HasContext: true, PollingStopped: true}
	state.Thread.Touch()
	for i := range rowsInThread {
		m := &bridge.MessageRecord{
			Message: bridge.Message{
				Thread: state.Key, TS: fmt.Sprintf("1767225600.%06d", i), Author: "U0ANN", Kind: bridge.KindReply, Digest: uint64(i),
			},
			Delivery:   bridge.Delivery{State: bridge.StateDone, Receipt: fmt.Sprintf("ev_%06d", i), Accepted: at.Now, Settled: at.Now},
			Authorized: true, Status: agen.StatusCompleted, FromTimeline: true,
			Reaction: bridge.Reaction{Desired: "white_check_mark", Possible: []string{"white_check_mark"}},
		}
		m.Touch()
		state.Messages[m.ID()] = m
	}
	return nil
}

// megabytesOf returns the size of a file.
func megabytesOf(b testing.TB, path string) float64 {
	b.Helper()
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return float64(info.Size()) / 1e6
}
