package slackapp

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Pauses between attempts to reach Slack.
const (
	refusedPause  = time.Minute // while a token is refused: it takes a person to change that
	shortestPause = 250 * time.Millisecond
	longestPause  = 30 * time.Second
)

// Run hears what is said until ctx ends: it finds out who we are, keeps the sockets open, and hands what comes in to
// the inlet. It gives up for nothing else; Status tells how it stands. It returns nil when everything has stopped.
func (a *App) Run(ctx context.Context, inlet Inlet) error {
	me, ok := a.introduce(ctx)
	if !ok {
		return nil
	}
	a.log.Info("known to slack", slog.String("team", me.Team), slog.String("bot", me.User))
	in := &intake{app: a, inlet: inlet, reader: reader{self: me, gate: a.gate}}
	up := make(chan struct{})
	var once sync.Once
	var sockets sync.WaitGroup
	var all []*socket
	for i := range a.cfg.Connections {
		s := &socket{
			app: a, in: in, number: i + 1, replace: make(chan struct{}), greeted: make(chan struct{}, 1),
			up: func() { once.Do(func() { close(up) }) },
		}
		all = append(all, s)
		sockets.Go(func() {
			if i == 0 || stagger(ctx, up, i) {
				s.run(ctx)
			}
		})
	}
	sockets.Go(func() { a.renewals(ctx, all) })
	sockets.Wait()
	in.events.wait()
	in.clicks.wait()
	a.wire.client.CloseIdleConnections()
	return nil
}

// stagger waits with the later sockets until the first is up, and then some, so that Slack doesn't refresh them all
// at the same time. It returns false when ctx ended.
func stagger(ctx context.Context, up <-chan struct{}, i int) bool {
	wait := time.NewTimer(5 * time.Second)
	defer wait.Stop()
	select {
	case <-up:
	case <-wait.C:
	case <-ctx.Done():
		return false
	}
	return sleep(ctx, time.Duration(i)*time.Second+rand.N(time.Second)) //nolint:gosec // a jitter, not a secret
}

// introduce asks Slack who we are until it says so. It returns false when ctx ended before that.
func (a *App) introduce(ctx context.Context) (self, bool) {
	for attempt := 0; ; attempt++ {
		me, err := a.whoami(ctx)
		if err == nil {
			a.setSelf(me)
			return me, true
		}
		if ctx.Err() != nil {
			return self{}, false
		}
		pause := pauseAfter(err, attempt)
		a.log.Warn("slack does not say who we are", slog.Any("err", err), slog.Duration("again_in", pause))
		if !sleep(ctx, pause) {
			return self{}, false
		}
	}
}

// pauseAfter is how long to wait after a failure: as long as told, a minute where it takes a person to change
// anything, and otherwise at random up to a bound that doubles.
func pauseAfter(err error, attempt int) time.Duration {
	if f := faultOf(err); f != nil {
		switch f.Class {
		case bridge.ClassRateLimited:
			return max(f.Wait, time.Second)
		case bridge.ClassUnauthorized, bridge.ClassRejected:
			return refusedPause
		default:
		}
	}
	bound := longestPause
	if attempt < 7 {
		bound = min(bound, shortestPause<<attempt)
	}
	return shortestPause/2 + rand.N(bound) //nolint:gosec // a jitter, not a secret
}

// sleep returns false when ctx ended before d had passed.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
