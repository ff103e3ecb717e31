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
	// probeMin and probeMax bound the time between probes of a remote that doesn't
	// answer. Each gap is twice as long as the one before.
	probeMin = time.Second
	probeMax = 15 * time.Second
	// recheckAfter is when a held-back thread tries again at the latest, in case the
	// remote's recovery didn't reach it. busyRecheck is the same for a thread that waits
	// because the remote has the maximum number of calls in flight.
	recheckAfter = 5 * time.Minute
	busyRecheck  = 5 * time.Second
	// wakeBatch is how many waiting threads each step releases after the remote has
	// recovered. Their steps release others, so the load on the remote grows within
	// seconds and not at once.
	wakeBatch = 4
)

// breaker is a circuit breaker for one remote, shared by all threads. It opens when calls
// of two different threads have failed in a row. A thread that fails alone is held back
// alone, because a remote that fails for one session is not down. While the breaker is
// open, the threads probe the remote one at a time. The first answer closes the breaker
// and releases all waiting threads. A step that has never been tried is always tried
// once, so a new message doesn't wait for a probe, or for a thread that always fails.
//
// The breaker also limits the number of calls in flight, so that a remote that hangs
// can't occupy all workers.
type breaker struct {
	now   func() time.Time
	calls int // the maximum number of calls in flight; 0 means no limit

	mu       sync.Mutex
	inFlight int
	failed   bridge.ThreadKey // the thread whose call failed first since the last answer
	open     bool             // a call of another thread has failed as well
	next     time.Time        // when the next free probe is
	gap      time.Duration    // the time from that probe to the one after it
	// waiting are the threads that are held back, each with the time of its probe. The
	// time is zero if the thread waits for a call of another thread to end.
	waiting map[bridge.ThreadKey]time.Time
}

func newBreaker(now func() time.Time, calls int) *breaker {
	return &breaker{now: now, calls: calls, waiting: map[bridge.ThreadKey]time.Time{}}
}

// errHeldBack is the fault of a step that was not taken because its remote is down or
// busy.
var errHeldBack = &bridge.Fault{Class: bridge.ClassTemporary, Err: errors.New("held back until the remote answers")}

// admit reports whether the thread may call the remote now. If so, the caller must call
// done afterwards. Otherwise admit returns how to hold the thread back; wake may end that
// earlier. first marks a step that has not failed yet.
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
	b.inFlight++
	return outcome.Hold{}, true
}

// holds reports whether the thread may only probe the remote.
func (b *breaker) holds(thread bridge.ThreadKey) bool { return b.open || b.failed == thread }

// full reports whether no call may start in addition to those in flight and the given
// number of others.
func (b *breaker) full(more int) bool { return b.calls > 0 && b.inFlight+more >= b.calls }

// reserve takes the next free probe and returns its time.
func (b *breaker) reserve(now time.Time) time.Time {
	probe := b.next
	if probe.Before(now) {
		probe = now
	}
	b.gap = min(2*b.gap, probeMax)
	b.next = probe.Add(b.gap)
	return probe
}

// done ends a call that admit allowed.
func (b *breaker) done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inFlight--
}

// record updates the breaker with the outcome of a call.
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

// awake returns some of the threads that no longer have to wait. held is the thread that
// was just held back, or empty: the remote may have recovered before that thread was
// added to the waiting ones.
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

// await makes the threads wait again, because releasing them failed.
func (b *breaker) await(threads []bridge.ThreadKey) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, thread := range threads {
		b.waiting[thread] = time.Time{}
	}
}

// breakerOf returns the breaker of the claim's remote, or nil if it has none.
func (r *Relay) breakerOf(claim *bridge.Claim) *breaker {
	if claim.Remote == bridge.ToSlack {
		return r.slack
	}
	if to := r.routes[claim.State.Thread.Route]; to != nil {
		return to.breaker
	}
	return nil
}

// wake releases threads that wait for the claim's remote. It is called after each step of
// the claim.
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
