package slackapp

import (
	"log/slog"

	"github.com/agenbridge/agenbridge/bridge"
)

// recoverEvent runs f and recovers from a panic, so that a bug costs one event, which is not acknowledged. It returns false
// if f panicked. A panic in the backfill does not cause another one: the same message would panic again.
func (a *App) recoverEvent(what Counter, f func()) (ok bool) {
	defer func() {
		if p := recover(); p != nil {
			ok = false
			if what != CounterBackfill {
				a.backlog.Load().dropped()
			}
			a.reportPanic(what, bridge.PanicFault(p))
		}
	}()
	f()
	return true
}

// reportPanic counts and logs a panic.
func (a *App) reportPanic(what Counter, err error, attrs ...slog.Attr) {
	a.obs.Count(what, OutcomePanicked)
	args := []any{slog.String("kind", string(what)), slog.Any("err", err)}
	for _, at := range attrs {
		args = append(args, at)
	}
	a.log.Error("an event from slack hit a bug and was skipped", args...)
}
