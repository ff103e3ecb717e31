package slackapp

import (
	"context"
	"log/slog"

	"github.com/agenbridge/agenbridge/slackapp/socketmode"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// Run receives events until ctx ends: it asks Slack who we are, keeps the sockets open, and hands what they bring to
// the inlet. It does not end for any other reason; Status has the state. It returns nil when everything has stopped.
func (a *App) Run(ctx context.Context, inlet Inlet) error {
	me, ok := a.authenticate(ctx)
	if !ok {
		return nil
	}
	a.log.Info("authenticated with slack", slog.String("team", me.Team), slog.String("bot", me.User))
	in := &intake{app: a, inlet: inlet, parser: eventParser{identity: me, gate: a.gate}}
	a.sockets.Run(ctx, func(ctx context.Context, e socketmode.Envelope) {
		a.recoverEvent(CounterEvent, func() { in.handle(ctx, e) })
	})
	in.events.wait()
	in.clicks.wait()
	a.api.CloseIdleConnections()
	return nil
}

// authenticate asks Slack who we are until it answers. It returns false if ctx ended before that.
func (a *App) authenticate(ctx context.Context) (botIdentity, bool) {
	for attempt := 0; ; attempt++ {
		me, err := a.auth.identity(ctx)
		if err == nil {
			a.health.setIdentity(me)
			return me, true
		}
		if ctx.Err() != nil {
			return botIdentity{}, false
		}
		wait := webapi.Backoff(err, attempt)
		a.log.Warn("slack does not say who we are", slog.Any("err", err), slog.Float64("retry_in_seconds", wait.Seconds()))
		if !sleep(ctx, wait) {
			return botIdentity{}, false
		}
	}
}
