package relay

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/outcome"
)

const (
	// probeMin and probeMax are how far apart the probes of a remote that does not
	// answer are: from the first failure on each gap is twice the one before.
	probeMin = time.Second
	probeMax = 15 * time.Second
	// recheckAfter is when a thread that waits asks again at the latest, in case that
	// the remote's recovery was lost on it. busyRecheck is the same where all calls that
	// a remote may have at once are under way.
	recheckAfter = 5 * time.Minute
	busyRecheck  = 5 * time.Second
	// wakeBatch is how many of those who wait each step brings back once the remote
	// answers: those bring back others, so few calls become many within seconds.
	wakeBatch = 4
)

// breaker is a circuit breaker: what all threads know of one remote that may be
// down. It opens when calls of two threads have failed in a row; a thread that fails
// alone is held back alone, since a remote that can't deal with one session is not
// down. From then on the threads probe the remote, one at a time. The first answer
// closes the breaker and brings back all that wait. What has never been tried is
// always tried once, so new messages neither wait for a probe nor for a thread that
// always fails.
//
// It also bounds how many calls may be under way at once, so that a remote that hangs
// never has all workers.
type breaker struct {
	now   func() time.Time
	calls int // how many may be under way; 0 for any number

	mu       sync.Mutex
	underWay int
	failed   bridge.ThreadKey // whose call failed first since the last answer
	open     bool             // so did that of another thread
	next     time.Time        // of the next free probe
	gap      time.Duration    // between it and the one after it
	// waiting are the threads that were held back. Each has the time of its probe;
	// zero where it waits for a call of another thread to end.
	waiting map[bridge.ThreadKey]time.Time
}

func newBreaker(now func() time.Time, calls int) *breaker {
	return &breaker{now: now, calls: calls, waiting: map[bridge.ThreadKey]time.Time{}}
}

// errHeldBack is the fault of a step that was not taken because its remote is down or
// has enough to do.
var errHeldBack = &bridge.Fault{Class: bridge.ClassTemporary, Err: errors.New("held back until the remote answers")}

// admit asks whether the thread may call the remote; done must follow if so.
// Otherwise it returns how the thread is to be held back, which wake may end before.
func (b *breaker) admit(thread bridge.ThreadKey, first bool) (h outcome.Hold, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if !first && b.holds(thread) {
		probe := b.waiting[thread]
		if probe.IsZero() {
			probe = b.reserve(now)
		}
		if probe.After(now) {
			b.waiting[thread] = probe
			return outcome.Hold{Wait: min(probe.Sub(now), recheckAfter)}, false
		}
	}
	if b.full(0) {
		b.waiting[thread] = time.Time{}
		return outcome.Hold{Wait: busyRecheck, Busy: true}, false
	}
	delete(b.waiting, thread)
	b.underWay++
	return outcome.Hold{}, true
}

// holds reports whether the thread may only probe the remote.
func (b *breaker) holds(thread bridge.ThreadKey) bool { return b.open || b.failed == thread }

// full reports whether no call may be begun besides those under way and some more.
func (b *breaker) full(more int) bool { return b.calls > 0 && b.underWay+more >= b.calls }

// reserve takes the next free probe.
func (b *breaker) reserve(now time.Time) time.Time {
	probe := b.next
	if probe.Before(now) {
		probe = now
	}
	b.gap = min(2*b.gap, probeMax)
	b.next = probe.Add(b.gap)
	return probe
}

// done ends what admit began.
func (b *breaker) done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.underWay--
}

// record learns from the outcome of a call.
func (b *breaker) record(thread bridge.ThreadKey, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch class := bridge.ClassOf(err); {
	case err == nil || class != bridge.ClassTemporary && class != bridge.ClassUnsure:
		b.failed, b.open = "", false
	case b.failed == "":
		b.failed, b.gap, b.next = thread, probeMin, b.now().Add(probeMin)
	case b.failed != thread:
		b.open = true
	}
}

// awake returns some of the threads that need not wait any longer. held is one that
// was just held back, which the answer may have come too early for; empty for none.
func (b *breaker) awake(held bridge.ThreadKey) []bridge.ThreadKey {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []bridge.ThreadKey
	if _, waits := b.waiting[held]; held != "" && !waits {
		all = append(all, held)
	}
	for thread, probe := range b.waiting {
		switch {
		case len(all) >= wakeBatch:
			return all
		case !probe.IsZero() && b.holds(thread), b.full(len(all)):
		default:
			delete(b.waiting, thread)
			all = append(all, thread)
		}
	}
	return all
}

// await has the threads wait again that could not be brought back.
func (b *breaker) await(threads []bridge.ThreadKey) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, thread := range threads {
		b.waiting[thread] = time.Time{}
	}
}

// breakerOf returns the breaker of the claim's remote; nil where it has none.
func (r *Relay) breakerOf(claim *bridge.Claim) *breaker {
	if claim.Remote == bridge.ToSlack {
		return r.slack
	}
	if to := r.routes[claim.State.Thread.Route]; to != nil {
		return to.breaker
	}
	return nil
}

// wake brings back threads that wait for the remote of the claim, after a step of it.
func (r *Relay) wake(ctx context.Context, claim *bridge.Claim, err error) {
	b := r.breakerOf(claim)
	if b == nil {
		return
	}
	held := bridge.ThreadKey("")
	if errors.Is(err, errHeldBack) {
		held = claim.Thread
	}
	threads := b.awake(held)
	for i, thread := range threads {
		if err := r.cfg.Intake.Accept(ctx, thread, nil, r.policy.BringBack(claim.Remote)); err != nil {
			b.await(threads[i:])
			r.log.LogAttrs(ctx, slog.LevelDebug, "bring back threads that wait", slog.String("remote", string(claim.Remote)), slog.Any("err", err))
			return
		}
	}
}
