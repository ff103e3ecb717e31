package relay

import (
	"errors"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/outcome"
	"golang.org/x/time/rate"
)

// maxReads is the maximum number of timelines that are read at the same time.
const maxReads = 8

// throttle is shared by all lanes of one Agen workspace, because rate limits and
// rejections apply to the key and not to a lane. While the key is rate-limited or
// rejected, no calls are made with it.
type throttle struct {
	now   func() time.Time
	reads *rate.Limiter

	mu       sync.Mutex
	until    time.Time
	why      bridge.FaultClass
	since    time.Time // when the key was first rejected; zero while it is accepted
	last     time.Time // when the key was last rejected
	silent   time.Time // when Agen first failed to answer; zero while it answers
	reported bool      // the operator was told that Agen is unreachable
	reading  int
}

func newThrottle(now func() time.Time, perSecond float64) *throttle {
	if perSecond <= 0 {
		perSecond = 5
	}
	return &throttle{now: now, reads: rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))}
}

// err returns a fault while no calls may be made with the key.
func (g *throttle) err() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if wait := g.until.Sub(g.now()); wait > 0 {
		return &bridge.Fault{Class: g.why, Remote: bridge.ToAgen, Wait: wait, Err: errSpared}
	}
	return nil
}

var errSpared = errors.New("agen is to be left alone for now")

// reserve asks for permission to read a timeline. If ok is true, the caller must call
// release afterwards. Otherwise the caller waits, and passes the reserved time as slot
// when it asks again. With a reservation a waiter is admitted at that time; without one,
// all waiters would come back together and all but one would have to wait again. Sends
// and look-ups don't ask: they are never held back.
func (g *throttle) reserve(slot time.Time) (wait time.Duration, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	if g.reading >= maxReads {
		return time.Second, false
	}
	if slot.IsZero() {
		if wait := g.reads.ReserveN(now, 1).DelayFrom(now); wait > 0 {
			return wait, false
		}
	}
	g.reading++
	return 0, true
}

func (g *throttle) release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.reading--
}

// throttleChange is a change of the route that the operator has to know about.
type throttleChange string

const (
	keyRefused  throttleChange = "refused"   // Agen rejects the key from now on
	keyAccepted throttleChange = "accepted"  // Agen accepts the key again
	agenSilent  throttleChange = "silent"    // Agen has not answered for a while
	agenAnswers throttleChange = "answering" // Agen answers again
)

// silentAfter is how long Agen must not answer before it counts as unreachable.
const silentAfter = 10 * time.Second

// record updates the throttle with the outcome of a call, and returns the changes that
// follow from it.
func (g *throttle) record(err error) []throttleChange {
	g.mu.Lock()
	defer g.mu.Unlock()
	class := bridge.ClassOf(err)
	if err != nil && (class == bridge.ClassTemporary || class == bridge.ClassUnsure) {
		return g.missed()
	}
	var changes []throttleChange
	if g.reported {
		changes = append(changes, agenAnswers)
	}
	g.silent, g.reported = time.Time{}, false
	switch {
	case class == bridge.ClassUnauthorized:
		g.last = g.now()
		if g.since.IsZero() {
			g.since = g.last
			changes = append(changes, keyRefused)
		}
	case err == nil && !g.since.IsZero():
		g.since, g.last = time.Time{}, time.Time{}
		changes = append(changes, keyAccepted)
	}
	if class == bridge.ClassRateLimited || class == bridge.ClassUnauthorized {
		g.until, g.why = g.now().Add(outcome.Pause(err)), class
	}
	return changes
}

// missed records that Agen did not answer.
func (g *throttle) missed() []throttleChange {
	switch now := g.now(); {
	case g.silent.IsZero():
		g.silent = now
	case !g.reported && now.Sub(g.silent) >= silentAfter:
		g.reported = true
		return []throttleChange{agenSilent}
	}
	return nil
}

// unreachableFor returns how long Agen has not answered. It is 0 while Agen answers.
func (g *throttle) unreachableFor() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.silent.IsZero() {
		return 0
	}
	return g.now().Sub(g.silent)
}
