package relay

import (
	"errors"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/outcome"
	"golang.org/x/time/rate"
)

// maxReads is how many timelines may be being read at once.
const maxReads = 8

// throttle is what all lanes to one Agen workspace share: limits belong to the key,
// not to the lane. One that is to be spared, or that is refused, is not used.
type throttle struct {
	now   func() time.Time
	reads *rate.Limiter

	mu      sync.Mutex
	until   time.Time
	why     bridge.FaultClass
	since   time.Time // when the key was first refused; zero while it works
	last    time.Time // when it last was
	silent  time.Time // when Agen first did not answer; zero while it does
	toldOf  bool      // the operator knows of that
	reading int
}

func newThrottle(now func() time.Time, perSecond float64) *throttle {
	if perSecond <= 0 {
		perSecond = 5
	}
	return &throttle{now: now, reads: rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))}
}

// err returns a fault when the key is to be spared.
func (g *throttle) err() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if wait := g.until.Sub(g.now()); wait > 0 {
		return &bridge.Fault{Class: g.why, Remote: bridge.ToAgen, Wait: wait, Err: errSpared}
	}
	return nil
}

var errSpared = errors.New("agen is to be left alone for now")

// reserve asks to read a timeline; leave must follow when it may. Who has to
// wait gets a slot of their own and passes when they come back then, or all
// would come back together, for one of them to pass. Sends and look-ups are
// not asked: they are never held back.
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

// throttleChange is something that the operator wants to know about Agen.
type throttleChange string

const (
	turnRefused  throttleChange = "refused"   // the key, from now on
	turnAccepted throttleChange = "accepted"  // the key, again
	turnSilent   throttleChange = "silent"    // it has not answered for a while
	turnAnswers  throttleChange = "answering" // again
)

// silentAfter is how long Agen must not have answered to be out of reach.
const silentAfter = 10 * time.Second

// record learns from an answer, or from there being none, and returns what
// turned.
func (g *throttle) record(err error) []throttleChange {
	g.mu.Lock()
	defer g.mu.Unlock()
	class := bridge.ClassOf(err)
	if err != nil && (class == bridge.ClassTemporary || class == bridge.ClassUnsure) {
		return g.missed()
	}
	var turns []throttleChange
	if g.toldOf {
		turns = append(turns, turnAnswers)
	}
	g.silent, g.toldOf = time.Time{}, false
	switch {
	case class == bridge.ClassUnauthorized:
		g.last = g.now()
		if g.since.IsZero() {
			g.since = g.last
			turns = append(turns, turnRefused)
		}
	case err == nil && !g.since.IsZero():
		g.since, g.last = time.Time{}, time.Time{}
		turns = append(turns, turnAccepted)
	}
	if class == bridge.ClassRateLimited || class == bridge.ClassUnauthorized {
		g.until, g.why = g.now().Add(outcome.Pause(err)), class
	}
	return turns
}

// missed notes that there was no answer.
func (g *throttle) missed() []throttleChange {
	switch now := g.now(); {
	case g.silent.IsZero():
		g.silent = now
	case !g.toldOf && now.Sub(g.silent) >= silentAfter:
		g.toldOf = true
		return []throttleChange{turnSilent}
	}
	return nil
}

// unreachableFor is for how long Agen has not answered; 0 while it does.
func (g *throttle) unreachableFor() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.silent.IsZero() {
		return 0
	}
	return g.now().Sub(g.silent)
}
