package slackapp

import (
	"log/slog"

	"github.com/agenbridge/agenbridge/bridge"
)

// contain runs f and survives its bugs: an event that hits one costs that event, and is not acknowledged. It returns
// false when it did. What a sweep found is left out then: it would hit the bug again.
func (a *App) contain(what Tally, f func()) (ok bool) {
	defer func() {
		if p := recover(); p != nil {
			ok = false
			if what != TallySweep {
				a.sweeps.Load().dropped()
			}
			a.buggy(what, bridge.PanicFault(p))
		}
	}()
	f()
	return true
}

// buggy counts and logs a bug that something from Slack hit.
func (a *App) buggy(what Tally, err error, attrs ...slog.Attr) {
	a.obs.Tally(what, OutcomePanicked)
	args := []any{slog.String("kind", string(what)), slog.Any("err", err)}
	for _, at := range attrs {
		args = append(args, at)
	}
	a.log.Error("something from slack hit a bug and is left", args...)
}
