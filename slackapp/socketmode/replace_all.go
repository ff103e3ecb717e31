package socketmode

import (
	"context"
	"log/slog"
	"time"
)

// replaceTimeout is how long replacing one socket may hold up the next one.
const replaceTimeout = 30 * time.Second

// replacer replaces all sockets when it is asked to.
type replacer struct {
	// asked has an element when the sockets are to be replaced.
	asked   chan struct{}
	tracker *tracker
	log     *slog.Logger
}

func newReplacer(t *tracker, log *slog.Logger) *replacer {
	return &replacer{asked: make(chan struct{}, 1), tracker: t, log: log}
}

// ask is Client.ReplaceAll.
func (r *replacer) ask() {
	select {
	case r.asked <- struct{}{}:
	default:
	}
}

// run replaces the sockets whenever it was asked to, until ctx ends.
func (r *replacer) run(ctx context.Context, sockets []*socket) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.asked:
		}
		r.tracker.setReplacing(time.Now())
		for _, s := range sockets {
			r.tracker.obs.SocketEvent(EventReplaced)
			r.log.Warn("a socket that may miss events is replaced", slog.Int("socket", s.number))
			s.replace(ctx)
		}
		r.tracker.setReplacing(time.Time{})
	}
}

// replace has the socket connect again and returns when it has, or when replaceTimeout has passed.
func (s *socket) replace(ctx context.Context) {
	select {
	case <-s.connected:
	default:
	}
	wait := time.NewTimer(replaceTimeout)
	defer wait.Stop()
	select {
	case s.reconnect <- struct{}{}:
	case <-s.connected: // it was down, and has connected meanwhile
		return
	case <-wait.C:
		return
	case <-ctx.Done():
		return
	}
	select {
	case <-s.connected:
	case <-wait.C:
	case <-ctx.Done():
	}
}
