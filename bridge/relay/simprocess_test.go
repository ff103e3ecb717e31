package relay_test

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy"
	"github.com/agenbridge/agenbridge/bridge/policy/outcome"
	"github.com/agenbridge/agenbridge/bridge/relay"
)

// boot starts a new process.
func (s *sim) boot() {
	if s.slack != nil {
		s.slack.limited = time.Time{} // a new process doesn't know the limit
	}
	s.slack.limited = time.Time{}
	s.relay = relay.New(relay.Config{
		Intake: (*killStore)(s), Lanes: (*killStore)(s), Agen: s.agen, Slack: s.slack, Reads: 1000,
		Now:    s.clock,
		Policy: policy.Policy{Rules: outcome.Rules{Jitter: s.rnd.Float64}, AskAfter: 1000 * time.Hour},
	})
}

// mayKill kills the process with a low probability.
func (s *sim) mayKill(where string) {
	if !s.calm && s.chance(s.climate.kill) {
		s.kill(where)
	}
}

// kill ends the process at once. Unlike a panic, it can't be recovered.
func (s *sim) kill(where string) {
	s.log("killed %s", where)
	s.killed = true
	runtime.Goexit()
}

// alive runs f, and restarts the process if it is killed during f.
func (s *sim) alive(f func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f()
	}()
	<-ended
	if s.calling = false; s.killed {
		s.killed = false
		s.restart()
	}
}

// restart starts the process after a kill, usually at once and on the same file.
// Sometimes the clock has changed, or an hour has passed and the file is a copy.
func (s *sim) restart() {
	switch old := len(s.store.copies); {
	case s.climate.young > 0:
		if s.pass(time.Duration(s.rnd.IntN(20)) * time.Second); old > 0 && s.chance(s.climate.young) {
			s.putBack(s.store.copies[old-1])
			s.first, s.pending = s.pending[0], nil // live events wait until their thread has been read
		} else {
			s.must(s.store.kill())
		}
	case old > 0 && s.rnd.IntN(8) == 0:
		// The copy is more than an hour old by any clock that wrote it.
		s.pass(time.Hour + s.ahead + time.Duration(s.rnd.IntN(3600))*time.Second)
		if image := s.store.copies[s.rnd.IntN(old)]; s.chance(s.climate.copies) {
			s.putBack(image)
		} else {
			s.must(s.store.kill())
		}
	case s.rnd.IntN(8) == 0:
		s.skew = []time.Duration{0, 10 * time.Minute, 3 * time.Hour}[s.rnd.IntN(3)]
		s.ahead = max(s.ahead, s.skew)
		s.log("the clock is %v ahead", s.skew)
		s.must(s.store.kill())
	default:
		s.pass(time.Duration(s.rnd.IntN(20)) * time.Second)
		s.must(s.store.kill())
	}
	s.boot()
}

// putBack starts the process on a copy of its file. Slack no longer redelivers. A
// backfill finds the messages, oldest first.
func (s *sim) putBack(image []byte) {
	s.log("an old copy is put back")
	s.must(s.store.replace(image))
	s.restored = true
	clear(s.withdrew) // the copy may not know the deletions
	s.pending = []func() error{func() error {
		for _, ts := range slices.Sorted(maps.Keys(s.said)) {
			m, find := s.said[ts], s.hear
			if m.Backfilled = true; s.deleted[ts] {
				find = func(bridge.Message) error { return s.forget(ts) }
			}
			if err := find(m); err != nil {
				return err
			}
		}
		return nil
	}}
}

// copyYoung copies the file of a process that was just started, when nothing is owed.
// The age of the copy can't be recognized, so if work were pending in it, that work could
// be done twice.
func (s *sim) copyYoung() {
	s.calm = true
	for s.first != nil || len(s.pending) > 0 {
		s.deliver()
	}
	s.settle()
	if s.calm = false; s.rests() {
		s.must(s.store.kill())
		s.boot()
		s.must(s.store.copy())
		s.log("the store is copied")
	}
}

// closeAndOpen shuts the process down gracefully and starts it again. Messages that are
// written in the meantime are not delivered through Socket Mode.
func (s *sim) closeAndOpen() {
	s.must(s.store.Close())
	s.log("closed in good order")
	s.pass(time.Duration(1+s.rnd.IntN(180)) * time.Second)
	s.speakUnheard()
	s.pass(time.Second)
	s.must(s.store.open())
	s.boot()
}

// killStore is a store whose process can be killed before and after a transaction, and
// whose disk is sometimes full.
type killStore sim

var errDisk = errors.New("no space left on device")

func (k *killStore) tx(name string, f func() error) error {
	s := (*sim)(k)
	s.mayKill("before " + name)
	if !s.calm && s.chance(s.climate.disk) {
		s.log("disk full: %s", name)
		return errDisk
	}
	if !s.calm && !s.calling && s.chance(s.climate.slow) {
		d := time.Duration(s.rnd.IntN(90)) * time.Second
		s.log("the disk takes %v: %s", d, name)
		s.pass(d)
	}
	err := f()
	if !s.calm && !s.calling && s.chance(s.climate.slow) {
		d := time.Duration(s.rnd.IntN(90)) * time.Second
		s.log("the disk takes %v after %s", d, name)
		s.pass(d)
	}
	s.mayKill("after " + name)
	return err
}

func (k *killStore) Accept(ctx context.Context, thread bridge.ThreadKey, ids []string, d bridge.Decision) error {
	return k.tx("accept", func() error { return k.store.Accept(ctx, thread, ids, d) })
}

func (k *killStore) Look(thread bridge.ThreadKey, look func(*bridge.ThreadState)) {
	k.store.Look(thread, look)
}

func (k *killStore) Begin(ctx context.Context, c *bridge.Claim, d bridge.Decision) error {
	return k.tx("begin", func() error { return k.store.Begin(ctx, c, d) })
}

func (k *killStore) Settle(ctx context.Context, c *bridge.Claim, d bridge.Decision) error {
	c.Deferrable = false // there is one goroutine, so no later transaction would write it
	err := k.tx("settle", func() error { return k.store.Settle(ctx, c, d) })
	if errors.Is(err, errDisk) {
		k.slack.limited = time.Time{} // it could not be stored
		return errors.Join(err, k.store.Settle(ctx, c, nil))
	}
	return err
}

func (k *killStore) Claim(ctx context.Context, r bridge.Remote) (*bridge.Claim, error) {
	return k.store.Claim(ctx, r)
}

func (k *killStore) Due(r bridge.Remote) (time.Duration, <-chan struct{}) { return k.store.Due(r) }
