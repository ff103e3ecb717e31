package daemon

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/slackapp"
)

// foreignAfter is how long Socket Mode connections of other processes are tolerated
// before a warning. A rolling update causes them for a while as well.
const foreignAfter = 5 * time.Minute

// credentialWatch checks once a minute what the relay only notices when it has
// something to send: whether Agen accepts the keys, whether a refused credential
// was replaced in its file, and whether other processes use our app token.
type credentialWatch struct {
	cfg        Config
	log        *slog.Logger
	slack      *slackapp.App
	workspaces []*workspace

	// bot and app are the Slack tokens in use; the Agen keys are in their
	// clients.
	bot, app atomic.Pointer[agen.Secret]
	// checkingSince is when the check that is running began; nil between checks.
	checkingSince atomic.Pointer[time.Time]

	warnedForeign bool // used by run only
}

// newCredentialWatch returns a watch for the tokens in cfg. The caller sets slack
// and workspaces before it calls run: they are built with the watch's tokens, so
// they can't exist before the watch does.
func newCredentialWatch(cfg Config, log *slog.Logger) *credentialWatch {
	w := &credentialWatch{cfg: cfg, log: log}
	w.bot.Store(&cfg.SlackBotToken)
	w.app.Store(&cfg.SlackAppToken)
	return w
}

func (w *credentialWatch) botToken() string { return string(*w.bot.Load()) }
func (w *credentialWatch) appToken() string { return string(*w.app.Load()) }

// run checks once a minute until ctx ends.
func (w *credentialWatch) run(ctx context.Context) error {
	// This is not a Ticker: with the race detector, a Ticker that fires while
	// nobody receives from it crashes Go 1.26.8 in a testing/synctest bubble.
	for {
		now := time.Now()
		w.checkingSince.Store(&now)
		w.check(ctx)
		w.checkingSince.Store(nil)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(checkInterval):
		}
	}
}

func (w *credentialWatch) check(ctx context.Context) {
	status := w.slack.Status()
	if status.BotTokenError != "" {
		w.reload(ctx, "SLACK_BOT_TOKEN", &w.bot)
	}
	if status.AppTokenError != "" {
		w.reload(ctx, "SLACK_APP_TOKEN", &w.app)
	}
	if len(status.MissingScopes) > 0 {
		w.checkScopes(ctx)
	}
	w.warnOfForeign(ctx, status.Other, status.OtherSince)
	forAll(w.workspaces, func(one *workspace) { one.check(ctx) })
}

// reload uses the token from its file if the file holds a new one.
func (w *credentialWatch) reload(ctx context.Context, name string, inUse *atomic.Pointer[agen.Secret]) {
	if token, ok := w.cfg.fileSecret(name); ok && token != *inUse.Load() {
		inUse.Store(&token)
		logReloaded(ctx, w.log, name)
	}
}

// checkScopes asks Slack whether the app has been granted its scopes; slackapp
// logs the change.
func (w *credentialWatch) checkScopes(ctx context.Context) {
	asking, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if err := w.slack.RefreshIdentity(asking); err != nil {
		w.log.LogAttrs(ctx, slog.LevelDebug, "Slack does not tell the app's scopes", slog.Any("err", err))
	}
}

// warnOfForeign warns once while other processes have Socket Mode connections
// with our app token.
func (w *credentialWatch) warnOfForeign(ctx context.Context, sockets int, since time.Time) {
	if sockets == 0 {
		w.warnedForeign = false
		return
	}
	if !w.warnedForeign && time.Since(since) >= foreignAfter {
		w.warnedForeign = true
		w.log.LogAttrs(ctx, slog.LevelWarn,
			"somebody else uses SLACK_APP_TOKEN and gets a share of the events: run one process for each app",
			slog.Int("sockets", sockets))
	}
}
