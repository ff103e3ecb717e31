package slackapp

import (
	"context"
	"log/slog"
	"time"
)

// errDeaf ends a connection that brings nothing though it stands.
const errDeaf = errText("the connection brought nothing of what was said")

// renewTime is how long replacing one socket may hold up the next.
const renewTime = 30 * time.Second

// renewals replaces the sockets, one after the other so that there is always one, whenever a message was missed.
func (a *App) renewals(ctx context.Context, sockets []*socket) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.deaf:
		}
		a.setDeaf(time.Now())
		for _, s := range sockets {
			a.obs.Tally(TallySocket, "replaced")
			a.log.Warn("a socket that may be deaf is replaced", slog.Int("socket", s.number))
			s.renew(ctx)
		}
		a.setDeaf(time.Time{})
	}
}

// missed has the sockets replaced, now or once more.
func (a *App) missed() {
	select {
	case a.deaf <- struct{}{}:
	default:
	}
}

func (a *App) setDeaf(since time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status.DeafSince = since
}

// renew has the socket connect again, and returns when it has.
func (s *socket) renew(ctx context.Context) {
	select {
	case <-s.greeted:
	default:
	}
	wait := time.NewTimer(renewTime)
	defer wait.Stop()
	select {
	case s.replace <- struct{}{}:
	case <-s.greeted: // it was not connected
		return
	case <-wait.C:
		return
	case <-ctx.Done():
		return
	}
	select {
	case <-s.greeted:
	case <-wait.C:
	case <-ctx.Done():
	}
}
