package relay

import (
	"context"
	"errors"
	"log/slog"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
)

// Route is an Agen workspace. A thread belongs to one route for good.
type Route struct {
	// Agen is the client with the workspace's key.
	Agen bridge.Agen
	// Session is how sessions are opened in it.
	Session bridge.SessionOptions
}

// route is the state of an Agen workspace that all its threads share.
type route struct {
	Route
	name     string
	throttle *throttle
	breaker  *breaker
	log      *slog.Logger
}

func newRoute(name string, to Route, cfg *Config, log *slog.Logger) *route {
	if name != "" {
		log = log.With(slog.String("route", name))
	}
	return &route{Route: to, name: name, throttle: newThrottle(cfg.Now, cfg.Reads), breaker: newBreaker(cfg.Now, callsPerRoute(cfg)), log: log}
}

// callsPerRoute is how many calls may be under way to a route at once: with several
// routes, each has its share of the workers.
func callsPerRoute(cfg *Config) int {
	if len(cfg.Routes) == 0 {
		return 0 // nobody else needs the workers
	}
	return max(1, cfg.Workers/(1+len(cfg.Routes)))
}

// unavailable returns a fault if no call to the workspace may be made now, or ever: a
// nil route is one that is not configured any more.
func (to *route) unavailable() error {
	if to == nil {
		return &bridge.Fault{Class: bridge.ClassNoRoute, Err: errUnrouted}
	}
	return to.throttle.err()
}

var errUnrouted = errors.New("the thread's route is not set up any more")

// errNewActivity ends a poll because something came in for the thread.
var errNewActivity = errors.New("something came in for the thread")

// observe classifies the result of a call to Agen and passes it to the throttle and the breaker.
func (to *route) observe(ctx context.Context, thread bridge.ThreadKey, err error) error {
	f := agenFault(err)
	if errors.Is(f, bridge.ClassForbidden) {
		f = to.whoIsForbidden(ctx, f)
	}
	if cause := context.Cause(ctx); errors.Is(cause, errNewActivity) || errors.Is(cause, bridge.ErrStopped) {
		return f // the call was canceled before Agen answered
	}
	to.breaker.record(thread, f)
	for _, t := range to.throttle.record(f) {
		to.logChange(ctx, t, err)
	}
	return f
}

// logChange logs that the route has become unavailable or available.
func (to *route) logChange(ctx context.Context, t throttleChange, err error) {
	switch t {
	case keyRefused:
		to.log.LogAttrs(ctx, slog.LevelError, "Agen refuses the key: nothing is sent with it until it is right", slog.Any("err", err))
	case keyAccepted:
		to.log.LogAttrs(ctx, slog.LevelInfo, "Agen accepts the key again")
	case agenSilent:
		to.log.LogAttrs(ctx, slog.LevelWarn, "Agen can't be reached: messages wait and go out by themselves", slog.Any("err", err))
	case agenAnswers:
		to.log.LogAttrs(ctx, slog.LevelInfo, "Agen answers again")
	}
}

// whoIsForbidden distinguishes a session that may not be used from a key that may do
// nothing: with such a key the list of sessions is forbidden as well.
func (to *route) whoIsForbidden(ctx context.Context, f error) error {
	_, err := to.Agen.ListSessions(ctx)
	if errors.Is(err, agen.ClassForbidden) || errors.Is(err, agen.ClassUnauthorized) {
		return &bridge.Fault{Class: bridge.ClassUnauthorized, Remote: bridge.ToAgen, Reason: bridge.ReasonOf(f), Err: f}
	}
	return f
}
