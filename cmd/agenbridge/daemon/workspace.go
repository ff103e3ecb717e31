package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// workspace is an Agen workspace that threads go to: its key, and whether Agen
// takes that.
type workspace struct {
	d        *daemon
	route    string // empty for the default one
	variable string // that its key comes from
	client   *agen.Client

	mu      sync.Mutex
	refused bool      // Agen's last answer to the watch was a refusal
	taken   time.Time // when Agen last took the key from the watch

	// Only the watch uses these.
	key   agen.Secret
	known bool // whether Agen takes the key was found out
}

// newWorkspaces makes a workspace of the default key, and one of each route's.
func newWorkspaces(d *daemon) ([]*workspace, error) {
	all := []*workspace{{d: d, variable: "AGEN_API_KEY", key: d.cfg.AgenKey}}
	for _, name := range d.cfg.routeNames() {
		all = append(all, &workspace{
			d: d, route: name, variable: routePrefix + name + "_AGEN_API_KEY", key: d.cfg.Routes[name].AgenKey,
		})
	}
	for _, w := range all {
		var err error
		w.client, err = agen.New(agen.Config{
			BaseURL: string(d.cfg.AgenAPIURL), Key: w.key, DialContext: d.opts.AgenDial, UserAgentVersion: d.opts.Version,
		})
		if err != nil {
			return nil, fmt.Errorf("set Agen up with %s: %w", w.variable, err)
		}
	}
	return all, nil
}

// together does something for all of them at once: one that hangs holds nobody
// up.
func together(all []*workspace, do func(*workspace)) {
	var running sync.WaitGroup
	for _, w := range all {
		running.Go(func() { do(w) })
	}
	running.Wait()
}

// closeIdle closes the connections that nothing is under way on.
func (d *daemon) closeIdle() {
	for _, w := range d.workspaces {
		w.client.CloseIdleConnections()
	}
}

// turn finds out whether Agen takes the key where nobody else does, and takes
// another from its file when it doesn't.
func (w *workspace) turn(ctx context.Context) {
	trouble := w.refuses()
	if trouble {
		w.swap(ctx)
	}
	if !w.known || trouble && !w.relayAsks() {
		w.ask(ctx)
	}
}

// relayAsks reports whether the relay finds out by itself, once a minute,
// whether Agen takes the key again. It does while it owes the workspace
// something.
func (w *workspace) relayAsks() bool {
	relay := w.d.relay.Load()
	if relay == nil {
		return false
	}
	_, last := relay.KeyRefused(w.route)
	return !last.IsZero() && w.d.opts.Now().Sub(last) < 2*watchEvery
}

func (w *workspace) swap(ctx context.Context) {
	key, ok := w.d.cfg.token(w.variable)
	if !ok || key == w.key {
		return
	}
	w.key = key
	w.client.SetKey(string(key))
	w.d.log.LogAttrs(ctx, slog.LevelInfo, "credential was read again from its file", slog.String("name", w.variable))
}

// ask finds out whether Agen takes the key. What else may be wrong with Agen
// is not its business.
func (w *workspace) ask(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	_, err := w.client.ListSessions(ctx)
	refused := errors.Is(err, agen.ClassUnauthorized) || errors.Is(err, agen.ClassForbidden)
	name := slog.String("name", w.variable)
	if err != nil && !refused {
		w.d.log.LogAttrs(ctx, slog.LevelDebug, "Agen does not say whether it takes the key", name, slog.Any("err", err))
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
		w.d.log.LogAttrs(ctx, slog.LevelError, "Agen refuses the key: set it right", name, slog.Any("err", err))
	case !refused && before:
		w.d.log.LogAttrs(ctx, slog.LevelInfo, "Agen takes the key again", name)
	}
}

// refuses reports whether Agen refuses the key, by what the relay and the watch
// heard last.
func (w *workspace) refuses() bool {
	var since time.Time
	if relay := w.d.relay.Load(); relay != nil {
		since, _ = relay.KeyRefused(w.route)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	// The relay asks again only when it owes something: what the watch heard
	// since then counts.
	return w.refused || !since.IsZero() && w.taken.Before(since)
}

// refusedKeys names the variables whose keys Agen refuses.
func (d *daemon) refusedKeys() []string {
	var names []string
	for _, w := range d.workspaces {
		if w.refuses() {
			names = append(names, w.variable)
		}
	}
	return names
}
