// Package storetest is the conformance suite for stores: it tests what package bridge
// expects of every implementation of bridge.Intake, bridge.Lanes and bridge.Channels. It
// knows nothing about how rows are stored. It has a small policy of its own, so that it
// doesn't change with the bridge's policy.
package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Store is a store under test.
type Store interface {
	bridge.Intake
	bridge.Lanes
	bridge.Threads
	bridge.Channels
	bridge.Depths
	// Rows returns everything that is stored of a thread, including what is at rest.
	Rows(ctx context.Context, thread bridge.ThreadKey) (*bridge.ThreadState, error)
	// Prune removes what is older than it must be kept.
	Prune(ctx context.Context) error
	// Swept, SetSwept and Recent are the methods of slackapp.Ledger.
	Swept(ctx context.Context) (string, error)
	SetSwept(ctx context.Context, mark string) error
	Recent(ctx context.Context, within time.Duration, limit int) ([]bridge.ThreadKey, int, error)
	// CurrentChannel, FormerChannels, RenameChannel and Holds are the methods of
	// slackapp.Aliases.
	CurrentChannel(channel bridge.ChannelKey) bridge.ChannelKey
	FormerChannels(channel bridge.ChannelKey) []bridge.ChannelKey
	RenameChannel(ctx context.Context, from, to bridge.ChannelKey) (bool, error)
	Holds(ctx context.Context, thread bridge.ThreadKey) (bool, error)
	// Close shuts the store down cleanly.
	Close() error
}

// Options are the settings that a store has to use.
type Options struct {
	// Now is the clock.
	Now func() time.Time
	// Due returns when a lane is due.
	Due func(*bridge.ThreadState, bridge.Remote) (time.Time, bool)
	// Retention is how long rows at rest are kept.
	Retention time.Duration
}

// Opener opens and ends stores of one implementation.
type Opener struct {
	// Open opens the store in dir, which is empty the first time. When it is opened
	// again, its content must still be there.
	Open func(t *testing.T, dir string, o Options) Store
	// Crash ends a store like a kill. nil means that Close is used.
	Crash func(t *testing.T, dir string, s Store)
}

// Run runs the suite.
func Run(t *testing.T, o Opener) {
	if o.Crash == nil {
		o.Crash = func(t *testing.T, _ string, s Store) {
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}
	}
	for _, c := range []struct {
		name string
		test func(*world)
	}{
		{"longest due first", longestDueFirst},
		{"lanes of one thread are apart", lanesApart},
		{"a lane has one worker", oneWorker},
		{"a lease runs out", leaseRunsOut},
		{"settling gives the lane back", settleGivesBack},
		{"due is told", dueIsTold},
		{"depth is told", depthIsTold},
		{"undelivered is told after a crash", undeliveredAfterCrash},
		{"a lane given back later wakes nobody early", dueAfterClaim},
		{"rows in flight survive a crash", inFlightSurvives},
		{"what comes in while leased", changesWhileLeased},
		{"changed is closed once, by intake only", changedByIntakeOnly},
		{"adding twice", addingTwice},
		{"adding what rests", addingWhatRests},
		{"a row replaced by another", replacing},
		{"desired reactions merge", reactionsMerge},
		{"held rows don't block", heldDontBlock},
		{"follow-ups share the transaction", followUps},
		{"a decision's error changes nothing", errorsChangeNothing},
		{"neighbors of a failure", neighbors},
		{"one thread at once from many sides", manySides},
		{"a decision that changes nothing", changesNothing},
		{"the volatile part is forgotten", volatileForgotten},
		{"the volatile part moves the due time", volatileMovesDue},
		{"resting rows are found by id", restingFound},
		{"a row wakes up", wakesUp},
		{"threads that are no longer ours", unbound},
		{"keys don't overlap", keysApart},
		{"keys that can't be stored", badKeys},
		{"old rows are pruned", pruned},
		{"the sweep mark", sweptMark},
		{"recently changed threads", recentThreads},
		{"each thread that is ours", eachThread},
		{"threads stay when their channel is renamed", threadsStay},
		{"aliases of channels", aliases},
		{"channels are forgotten", channelsAreForgotten},
		{"seen events survive", seenSurvive},
		{"seen events of a decision that fails", seenOfFailures},
		{"seen events move to another thread", seenMove},
		{"seen events are forgotten with their thread", seenForgotten},
		{"a channel rests", channelRests},
		{"a thread rests", threadRests},
		{"a clock that ran ahead", clockAhead},
		{"the count of openings", openings},
		{"who may have used the store before", aloneSince},
		{"a caller that gives up", givesUp},
		{"at random, beside the reference", random},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, o)
			c.test(w)
			if w.s != nil {
				w.close()
			}
		})
	}
}

// retention is the retention in the suite. threadRetention is a bit longer than the time
// without changes after which a thread is removed.
const (
	retention       = 720 * time.Hour
	threadRetention = 401 * 24 * time.Hour
)

// Clock is a clock that advances only when it is told to.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that starts at an arbitrary time.
func NewClock() *Clock {
	return &Clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
}

// Now returns the time of the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance advances the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a store under test.
type world struct {
	*testing.T
	o     Opener
	dir   string
	clock *Clock
	s     Store
}

func newWorld(t *testing.T, o Opener) *world {
	w := &world{T: t, o: o, dir: t.TempDir(), clock: NewClock()}
	w.open()
	return w
}

func (w *world) open() {
	w.Helper()
	w.s = w.o.Open(w.T, w.dir, Options{Now: w.clock.Now, Due: Due, Retention: retention})
}

func (w *world) close() {
	w.Helper()
	if err := w.s.Close(); err != nil {
		w.Errorf("close: %v", err)
	}
	w.s = nil
}

func (w *world) reopen() {
	w.Helper()
	w.close()
	w.open()
}

func (w *world) crash() {
	w.Helper()
	w.o.Crash(w.T, w.dir, w.s)
	w.open()
}

func (w *world) ctx() context.Context { return w.Context() }

// accept applies a decision, which must succeed.
func (w *world) accept(thread bridge.ThreadKey, ids []string, d bridge.Decision) {
	w.Helper()
	if err := w.s.Accept(w.ctx(), thread, ids, d); err != nil {
		w.Fatalf("accept for %q: %v", thread, err)
	}
}

// claim claims a lane, which must be due.
func (w *world) claim(remote bridge.Remote) *bridge.Claim {
	w.Helper()
	c, err := w.s.Claim(w.ctx(), remote)
	if err != nil || c == nil {
		w.Fatalf("claim for %s: got %v, %v, want a lane", remote, c, err)
	}
	return c
}

// noClaim checks that no lane is due.
func (w *world) noClaim(remote bridge.Remote) {
	w.Helper()
	c, err := w.s.Claim(w.ctx(), remote)
	if err != nil || c != nil {
		w.Fatalf("claim for %s: got %v, %v, want none", remote, c, err)
	}
}

func (w *world) begin(c *bridge.Claim, d bridge.Decision) {
	w.Helper()
	if err := w.s.Begin(w.ctx(), c, d); err != nil {
		w.Fatalf("begin for %q: %v", c.Thread, err)
	}
}

func (w *world) settle(c *bridge.Claim, d bridge.Decision) {
	w.Helper()
	if err := w.s.Settle(w.ctx(), c, d); err != nil {
		w.Fatalf("settle for %q: %v", c.Thread, err)
	}
}

// lost checks that an error is ErrLost.
func (w *world) lost(what string, err error) {
	w.Helper()
	if !errors.Is(err, bridge.ErrLost) {
		w.Errorf("%s: got error %v, want ErrLost", what, err)
	}
}

func (w *world) rows(thread bridge.ThreadKey) *bridge.ThreadState {
	w.Helper()
	state, err := w.s.Rows(w.ctx(), thread)
	if err != nil {
		w.Fatalf("rows of %q: %v", thread, err)
	}
	return state
}

// wait checks how long it takes until a lane is due.
func (w *world) wait(remote bridge.Remote, want time.Duration) {
	w.Helper()
	if got, _ := w.s.Due(remote); got != want {
		w.Errorf("due for %s: got %v, want %v", remote, got, want)
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
