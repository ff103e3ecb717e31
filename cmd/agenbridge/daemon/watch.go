package daemon

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// Intervals of the watch.
const (
	watchEvery = time.Minute
	// foreignAfter is for how long sockets that aren't ours are put up with.
	foreignAfter = 5 * time.Minute
	askTime      = 20 * time.Second
)

// watch looks after what the other loops only meet when they have something to
// do: whether Agen takes the keys, credentials that were exchanged in their
// files, sockets of others.
type watch struct {
	d      *daemon
	turned atomic.Int64 // when it last turned

	warned bool // of foreign sockets; only its own goroutine uses it
}

func newWatch(d *daemon) *watch { return &watch{d: d} }

// run turns once a minute until ctx ends.
func (w *watch) run(ctx context.Context) error {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		w.turned.Store(time.Now().UnixNano())
		w.turn(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (w *watch) turn(ctx context.Context) {
	status := w.d.slack.Status()
	if status.BotTokenError != "" {
		w.swap(ctx, "SLACK_BOT_TOKEN", &w.d.tokens.bot)
	}
	if status.AppTokenError != "" {
		w.swap(ctx, "SLACK_APP_TOKEN", &w.d.tokens.app)
	}
	if len(status.MissingScopes) > 0 {
		w.askSlack(ctx)
	}
	w.foreign(ctx, status.Other, status.OtherSince)
	together(w.d.workspaces, func(one *workspace) { one.turn(ctx) })
}

// swap takes a token from its file if there is a new one in it.
func (w *watch) swap(ctx context.Context, name string, into *atomic.Pointer[agen.Secret]) {
	if token, ok := w.d.cfg.token(name); ok && token != *into.Load() {
		into.Store(&token)
		w.d.log.LogAttrs(ctx, slog.LevelInfo, "credential was read again from its file", slog.String("name", name))
	}
}

// askSlack finds out whether the app has its scopes by now; slackapp tells the
// log.
func (w *watch) askSlack(ctx context.Context) {
	asking, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	if err := w.d.slack.RefreshIdentity(asking); err != nil {
		w.d.log.LogAttrs(ctx, slog.LevelDebug, "Slack does not say which scopes the app has", slog.Any("err", err))
	}
}

// foreign warns once of sockets on our app that somebody else has open.
func (w *watch) foreign(ctx context.Context, sockets int, since time.Time) {
	if sockets == 0 {
		w.warned = false
		return
	}
	if !w.warned && time.Since(since) >= foreignAfter {
		w.warned = true
		w.d.log.LogAttrs(ctx, slog.LevelWarn,
			"somebody else uses SLACK_APP_TOKEN and gets a share of the events: run one process for each app",
			slog.Int("sockets", sockets))
	}
}
