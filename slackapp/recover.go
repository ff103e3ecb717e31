package slackapp

import (
	"log/slog"

	"github.com/agenbridge/agenbridge/bridge"
)

// recoverEvent runs f and survives its bugs: an event that hits one costs that event, and is not acknowledged. It returns
// false when it did. What a sweep found is left out then: it would hit the bug again.
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

// reportPanic counts and logs a bug that something from Slack hit.
func (a *App) reportPanic(what Counter, err error, attrs ...slog.Attr) {
	a.obs.Count(what, OutcomePanicked)
	args := []any{slog.String("kind", string(what)), slog.Any("err", err)}
	for _, at := range attrs {
		args = append(args, at)
	}
	a.log.Error("something from slack hit a bug and is left", args...)
}
