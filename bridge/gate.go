package bridge

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/agenbridge/agenbridge/agen"
)

// maxReads is how many timelines may be being read at once.
const maxReads = 8

// gate is what all lanes to Agen share: limits belong to the remote, not to
// the lane. A key that is to be spared, or that is refused, is not called.
type gate struct {
	now   func() time.Time
	reads *rate.Limiter

	mu      sync.Mutex
	until   time.Time
	why     Class
	since   time.Time // when the key was first refused; zero while it works
	silent  time.Time // when Agen first did not answer; zero while it does
	toldOf  bool      // the operator knows of that
	reading int
}

func newGate(now func() time.Time, perSecond float64) *gate {
	if perSecond <= 0 {
		perSecond = 5
	}
	return &gate{now: now, reads: rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))}
}

// shut returns a fault when the key is to be spared.
func (g *gate) shut() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if wait := g.until.Sub(g.now()); wait > 0 {
		return &Fault{Class: g.why, Wait: wait, Err: errSpared}
	}
	return nil
}

var errSpared = errors.New("agen is to be left alone for now")

// enter asks to read a timeline; leave must follow when it may. Who has to
// wait gets a slot of their own and passes when they come back then, or all
// would come back together, for one of them to pass. Sends and look-ups are
// not asked: they are never held back.
func (g *gate) enter(slot time.Time) (wait time.Duration, ok bool) {
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

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.reading--
}

// turn is something that the operator wants to know about Agen.
type turn string

const (
	turnRefused  turn = "refused"   // the key, from now on
	turnAccepted turn = "accepted"  // the key, again
	turnSilent   turn = "silent"    // it has not answered for a while
	turnAnswers  turn = "answering" // again
)

// silentAfter is how long Agen must not have answered to be out of reach.
const silentAfter = 10 * time.Second

// note learns from an answer, or from there being none, and returns what
// turned.
func (g *gate) note(err error) []turn {
	g.mu.Lock()
	defer g.mu.Unlock()
	class := classOf(err)
	if err != nil && (class == Temporary || class == Unsure) {
		return g.missed()
	}
	var turns []turn
	if g.toldOf {
		turns = append(turns, turnAnswers)
	}
	g.silent, g.toldOf = time.Time{}, false
	switch {
	case class == Unauthorized && g.since.IsZero():
		g.since = g.now()
		turns = append(turns, turnRefused)
	case err == nil && !g.since.IsZero():
		g.since = time.Time{}
		turns = append(turns, turnAccepted)
	}
	if class == RateLimited || class == Unauthorized {
		g.until, g.why = g.now().Add(pause(err)), class
	}
	return turns
}

// missed notes that there was no answer.
func (g *gate) missed() []turn {
	switch now := g.now(); {
	case g.silent.IsZero():
		g.silent = now
	case !g.toldOf && now.Sub(g.silent) >= silentAfter:
		g.toldOf = true
		return []turn{turnSilent}
	}
	return nil
}

// Unauthorized tells since when Agen refuses the key; zero when it doesn't.
func (r *Relay) Unauthorized() time.Time {
	r.gate.mu.Lock()
	defer r.gate.mu.Unlock()
	return r.gate.since
}

// Silent tells for how long Agen has not answered; 0 while it does.
func (r *Relay) Silent() time.Duration {
	r.gate.mu.Lock()
	defer r.gate.mu.Unlock()
	if r.gate.silent.IsZero() {
		return 0
	}
	return r.gate.now().Sub(r.gate.silent)
}

// heard classifies the answer of a call to Agen and learns from it.
func (r *Relay) heard(ctx context.Context, err error) error {
	f := agenFault(err)
	if errors.Is(f, Forbidden) {
		f = r.whoIsForbidden(ctx, f)
	}
	if cause := context.Cause(ctx); errors.Is(cause, errSomethingCame) || errors.Is(cause, errStopped) {
		return f // we did not wait for the answer
	}
	for _, t := range r.gate.note(f) {
		r.report(ctx, t, err)
	}
	return f
}

// report tells the operator of a turn.
func (r *Relay) report(ctx context.Context, t turn, err error) {
	switch t {
	case turnRefused:
		r.log.LogAttrs(ctx, slog.LevelError, "Agen refuses the key: nothing is sent until AGEN_API_KEY is right", slog.Any("err", err))
	case turnAccepted:
		r.log.LogAttrs(ctx, slog.LevelInfo, "Agen takes the key again")
	case turnSilent:
		r.log.LogAttrs(ctx, slog.LevelWarn, "Agen can't be reached: messages wait and go out by themselves", slog.Any("err", err))
	case turnAnswers:
		r.log.LogAttrs(ctx, slog.LevelInfo, "Agen answers again")
	}
}

// whoIsForbidden tells a session that may not be used from a key that may do
// nothing: the list of sessions refuses as well then.
func (r *Relay) whoIsForbidden(ctx context.Context, f error) error {
	_, err := r.cfg.Agen.ListSessions(ctx, agen.ListOptions{})
	if errors.Is(err, agen.Forbidden) || errors.Is(err, agen.Unauthorized) {
		return &Fault{Class: Unauthorized, Reason: reasonOf(f), Err: f}
	}
	return f
}

// agenFault says what an error of the client means to the bridge.
func agenFault(err error) error {
	if err == nil {
		return nil
	}
	var e *agen.Error
	if !errors.As(err, &e) {
		return &Fault{Class: Temporary, Err: err}
	}
	class := Temporary
	switch e.Class {
	case agen.RateLimited:
		class = RateLimited
	case agen.Unsure:
		class = Unsure
	case agen.Conflict:
		class = Conflict
	case agen.NotFound:
		class = Missing
	case agen.Unauthorized:
		class = Unauthorized
	case agen.Forbidden:
		class = Forbidden
	case agen.Refused:
		class = Rejected
	case agen.Retry:
	}
	return &Fault{Class: class, Wait: e.RetryAfter, Reason: e.Message, Err: err}
}
