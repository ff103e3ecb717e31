package slackapp

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Bounds of opening a connection, besides openTimeout and the dialer's.
const (
	// helloTime is how long Slack may take to say hello once the connection stands.
	helloTime = 10 * time.Second
	// shortLife is how long a connection must have lived to count as one: after a shorter one we wait, or a Slack
	// that says hello and goodbye would be asked without end.
	shortLife = 2 * time.Second
)

const (
	errShortLived = errText("slack closed the connection as soon as it was open")
	errNoHello    = errText("slack did not say it in time")
)

// socket keeps one connection to Slack open. When Slack asks for another it opens that first, and lets the old one go
// only when Slack has said hello on it, so that there is always one to which Slack can send.
type socket struct {
	app    *App
	in     *intake
	number int
	up     func()
	// replace is for those who want another connection, greeted has something in it when there is one.
	replace, greeted chan struct{}

	mu       sync.Mutex
	standing int // connections on which Slack said hello; guarded by mu
}

// run connects again and again until ctx ends. It returns when all its connections have ended.
func (s *socket) run(ctx context.Context) {
	var parts sync.WaitGroup
	defer parts.Wait()
	var last *connection
	for attempt := 0; ; attempt++ {
		c, err := s.connect(ctx, &parts)
		if err == nil {
			if last != nil {
				parts.Go(last.retire)
			}
			last = c
			err = c.stay()
			if c.lived() > shortLife {
				attempt = 0
			}
		}
		if ctx.Err() != nil || err != nil && !s.rest(ctx, err, attempt) {
			return
		}
	}
}

// rest waits before the next attempt. It returns false when ctx ended.
func (s *socket) rest(ctx context.Context, err error, attempt int) bool {
	pause := pauseAfter(err, attempt)
	s.app.log.Warn("socket to slack is down", slog.Int("socket", s.number), slog.Any("err", err),
		slog.Duration("again_in", pause))
	return sleep(ctx, pause)
}

// connect opens a connection and returns it when Slack has said hello. Its goroutine is among parts.
func (s *socket) connect(ctx context.Context, parts *sync.WaitGroup) (*connection, error) {
	c, err := s.open(ctx, parts)
	if err == nil {
		err = c.awaitHello()
	}
	if err != nil {
		if ctx.Err() == nil {
			s.app.obs.Tally(TallySocket, "connect_failed")
		}
		return nil, err
	}
	return c, nil
}

// open opens a connection, which lives until it fails or ctx ends.
func (s *socket) open(ctx context.Context, parts *sync.WaitGroup) (*connection, error) {
	life, end := context.WithCancelCause(ctx)
	conn, err := s.app.openSocket(life)
	if err != nil {
		end(err)
		return nil, err
	}
	c := newConnection(s, conn, end)
	parts.Go(func() { c.live(ctx, life) })
	return c, nil
}

// stands counts the connections on which Slack said hello: while there is one the socket is up.
func (s *socket) stands(by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.standing
	s.standing += by
	if before == 0 || s.standing == 0 {
		s.app.socketChanged(by)
	}
}

// goodbye is the reason for which Slack asks for another connection: "warning" some ten seconds before it closes one,
// "refresh_requested", "link_disabled" (https://docs.slack.dev/apis/events-api/using-socket-mode#disconnect).
type goodbye string

func (g goodbye) Error() string { return "slack asks for another connection: " + string(g) }
