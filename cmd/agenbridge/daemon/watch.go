package daemon

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
)

// Intervals of the watch.
const (
	watchEvery = time.Minute
	// foreignAfter is for how long sockets that aren't ours are put up with.
	foreignAfter = 5 * time.Minute
	askTime      = 20 * time.Second
)

// watch looks after what the other loops only meet when they have something to
// do: whether Agen takes the key, credentials that were exchanged in their
// files, sockets of others.
type watch struct {
	d      *daemon
	turned atomic.Int64 // when it last turned

	mu      sync.Mutex
	refused bool      // Agen's last answer to the watch was a refusal
	taken   time.Time // when Agen last took the key from the watch

	// Only the watch's own goroutine uses these.
	known    bool // whether Agen takes the key was found out
	warned   bool // of foreign sockets
	patience int  // turns for which the asking was left to the relay
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
	if status.BotTrouble != "" {
		w.swap(ctx, "SLACK_BOT_TOKEN", &w.d.tokens.bot)
	}
	if status.AppTrouble != "" {
		w.swap(ctx, "SLACK_APP_TOKEN", &w.d.tokens.app)
	}
	if len(status.Lacks) > 0 {
		w.askSlack(ctx)
	}
	w.foreign(ctx, status.Foreign, status.ForeignSince)
	trouble := w.d.agenRefuses()
	if trouble {
		w.swapKey(ctx)
	}
	if !w.known || trouble && !w.relayAsks() {
		w.ask(ctx)
	}
}

// relayAsks reports whether the relay finds out by itself, once a minute,
// whether Agen takes the key again. It does as long as it owes Agen something;
// what it owes may be far off, so that now and then the watch asks all the same.
func (w *watch) relayAsks() bool {
	relay, s := w.d.relay.Load(), w.d.store.Load()
	if relay == nil || s == nil || relay.Unauthorized().IsZero() || s.Depth(bridge.ToAgen).Lanes == 0 {
		w.patience = 0
		return false
	}
	w.patience = (w.patience + 1) % 10
	return w.patience != 0
}

// swap takes a token from its file if there is a new one in it.
func (w *watch) swap(ctx context.Context, name string, into *atomic.Pointer[agen.Secret]) {
	if token, ok := w.d.cfg.token(name); ok && token != *into.Load() {
		into.Store(&token)
		w.d.log.LogAttrs(ctx, slog.LevelInfo, "credential was read again from its file", slog.String("name", name))
	}
}

func (w *watch) swapKey(ctx context.Context) {
	key, ok := w.d.cfg.token("AGEN_API_KEY")
	if !ok || key == w.d.cfg.AgenKey {
		return
	}
	w.d.cfg.AgenKey = key // only the watch uses it after the start
	w.d.agen.SetKey(string(key))
	w.d.log.LogAttrs(ctx, slog.LevelInfo, "credential was read again from its file", slog.String("name", "AGEN_API_KEY"))
}

// askSlack finds out whether the app has its scopes by now; slackapp tells the
// log.
func (w *watch) askSlack(ctx context.Context) {
	asking, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	if err := w.d.slack.Ask(asking); err != nil {
		w.d.log.LogAttrs(ctx, slog.LevelDebug, "Slack does not say which scopes the app has", slog.Any("err", err))
	}
}

// ask finds out whether Agen takes the key. What else may be wrong with Agen
// is not its business.
func (w *watch) ask(ctx context.Context) {
	asking, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	_, err := w.d.agen.ListSessions(asking, agen.ListOptions{})
	refused := errors.Is(err, agen.Unauthorized) || errors.Is(err, agen.Forbidden)
	if err != nil && !refused {
		w.d.log.LogAttrs(ctx, slog.LevelDebug, "Agen does not say whether it takes the key", slog.Any("err", err))
		return
	}
	w.known = true
	w.mu.Lock()
	before := w.refused
	w.refused = refused
	if !refused {
		w.taken = w.d.opts.Now() // as the relay's, with which it is compared
	}
	w.mu.Unlock()
	switch {
	case refused && !before:
		w.d.log.LogAttrs(ctx, slog.LevelError, "Agen refuses the key: check AGEN_API_KEY", slog.Any("err", err))
	case !refused && before:
		w.d.log.LogAttrs(ctx, slog.LevelInfo, "Agen takes the key again")
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

// agenRefuses reports whether Agen refuses the key, by what the relay and the
// watch heard last.
func (d *daemon) agenRefuses() bool {
	var since time.Time
	if relay := d.relay.Load(); relay != nil {
		since = relay.Unauthorized()
	}
	d.watch.mu.Lock()
	defer d.watch.mu.Unlock()
	// The relay asks again only when it owes something: what the watch heard
	// since then counts.
	return d.watch.refused || !since.IsZero() && d.watch.taken.Before(since)
}
