package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge/relay"
)

const (
	// checkInterval is how often credentials are checked.
	checkInterval = time.Minute
	// askTimeout bounds one call to Slack or Agen in a check.
	askTimeout = 20 * time.Second
)

// workspace is an Agen workspace that threads go to: its client, and whether
// Agen accepts its key.
type workspace struct {
	route    string // empty for the default workspace
	variable string // the environment variable of its key
	client   *agen.Client
	cfg      Config
	log      *slog.Logger
	now      func() time.Time
	relay    *atomic.Pointer[relay.Relay] // the daemon's; nil until the store is open

	mu       sync.Mutex
	refused  bool      // whether Agen refused the key in the last check
	accepted time.Time // when Agen last accepted the key in a check

	// Only check uses these.
	key     agen.Secret
	checked bool // whether Agen has accepted or refused the key yet
}

// newWorkspaces returns the default workspace, and then one for each route.
func newWorkspaces(cfg Config, opts Options, log *slog.Logger, relay *atomic.Pointer[relay.Relay]) ([]*workspace, error) {
	all := []*workspace{{variable: "AGEN_API_KEY", key: cfg.AgenKey}}
	for _, name := range cfg.routeNames() {
		all = append(all, &workspace{route: name, variable: routePrefix + name + "_AGEN_API_KEY", key: cfg.Routes[name].AgenKey})
	}
	for _, w := range all {
		w.cfg, w.log, w.now, w.relay = cfg, log, opts.Now, relay
		var err error
		w.client, err = agen.New(agen.Config{
			BaseURL: string(cfg.AgenAPIURL), Key: w.key, DialContext: opts.AgenDial, UserAgentVersion: opts.Version,
		})
		if err != nil {
			return nil, fmt.Errorf("set up Agen with %s: %w", w.variable, err)
		}
	}
	return all, nil
}

// forAll calls do for all workspaces concurrently, so that one that hangs
// doesn't delay the others.
func forAll(all []*workspace, do func(*workspace)) {
	var running sync.WaitGroup
	for _, w := range all {
		running.Go(func() { do(w) })
	}
	running.Wait()
}

// check finds out whether Agen accepts the key if the relay doesn't, and reads
// the key again from its file while Agen refuses it.
func (w *workspace) check(ctx context.Context) {
	refused := w.keyRefused()
	if refused {
		w.reload(ctx)
	}
	if !w.checked || refused && !w.relayChecks() {
		w.ask(ctx)
	}
}

// relayChecks reports whether the relay itself tries the refused key again once
// a minute. It does so while it has something to send to the workspace.
func (w *workspace) relayChecks() bool {
	relay := w.relay.Load()
	if relay == nil {
		return false
	}
	_, last := relay.KeyRefused(w.route)
	return !last.IsZero() && w.now().Sub(last) < 2*checkInterval
}

func (w *workspace) reload(ctx context.Context) {
	key, ok := w.cfg.fileSecret(w.variable)
	if !ok || key == w.key {
		return
	}
	w.key = key
	w.client.SetKey(string(key))
	logReloaded(ctx, w.log, w.variable)
}

func logReloaded(ctx context.Context, log *slog.Logger, variable string) {
	log.LogAttrs(ctx, slog.LevelInfo, "credential was read again from its file", slog.String("variable", variable))
}

// ask finds out whether Agen accepts the key. It ignores all other faults.
func (w *workspace) ask(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	_, err := w.client.ListSessions(ctx)
	refused := errors.Is(err, agen.ClassUnauthorized) || errors.Is(err, agen.ClassForbidden)
	name := slog.String("variable", w.variable)
	if err != nil && !refused {
		w.log.LogAttrs(ctx, slog.LevelDebug, "Agen does not tell whether it accepts the key", name, slog.Any("err", err))
		return
	}
	w.checked = true
	w.mu.Lock()
	before := w.refused
	w.refused = refused
	if !refused {
		w.accepted = w.now() // the relay's clock, because it is compared with the relay's times
	}
	w.mu.Unlock()
	switch {
	case refused && !before:
		w.log.LogAttrs(ctx, slog.LevelError, "Agen refuses the key", name, slog.Any("err", err))
	case !refused && before:
		w.log.LogAttrs(ctx, slog.LevelInfo, "Agen accepts the key again", name)
	}
}

// keyRefused reports whether Agen refused the key in its latest answer to the
// relay or to a check.
func (w *workspace) keyRefused() bool {
	var since time.Time
	if relay := w.relay.Load(); relay != nil {
		since, _ = relay.KeyRefused(w.route)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	// The relay calls Agen only when it has something to send, so a check that
	// succeeded later overrules what the relay knows.
	return w.refused || !since.IsZero() && w.accepted.Before(since)
}
