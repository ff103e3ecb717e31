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

// note learns from an answer what it says of the key.
func (g *gate) note(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch classOf(err) {
	case RateLimited, Unauthorized:
		g.until, g.why = g.now().Add(pause(err)), classOf(err)
		if g.why == Unauthorized && g.since.IsZero() {
			g.since = g.now()
		}
	default:
		if err == nil {
			g.since = time.Time{}
		}
	}
}

// Unauthorized tells since when Agen refuses the key; zero when it doesn't.
func (r *Relay) Unauthorized() time.Time {
	r.gate.mu.Lock()
	defer r.gate.mu.Unlock()
	return r.gate.since
}

// heard classifies the answer of a call to Agen and learns from it.
func (r *Relay) heard(ctx context.Context, err error) error {
	f := agenFault(err)
	if errors.Is(f, Forbidden) {
		f = r.whoIsForbidden(ctx, f)
	}
	before := r.Unauthorized()
	r.gate.note(f)
	switch after := r.Unauthorized(); {
	case before.IsZero() && !after.IsZero():
		r.log.LogAttrs(ctx, slog.LevelError, "Agen refuses the key: nothing is sent until AGEN_API_KEY is right", slog.Any("err", err))
	case !before.IsZero() && after.IsZero():
		r.log.LogAttrs(ctx, slog.LevelInfo, "Agen takes the key again")
	}
	return f
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
