package socketmode

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Limits of connecting, besides those of the request for an address and of the dialer.
const (
	// helloTimeout is how long Slack may take to say hello after the handshake.
	helloTimeout = 10 * time.Second
	// shortLife is how long a connection must live to count as one. After a shorter one the socket waits, or a Slack
	// that says hello and disconnect would be asked for connections without end.
	shortLife = 2 * time.Second
)

var (
	errShortLived = errors.New("slack closed the connection as soon as it was open")
	errNoHello    = errors.New("slack did not say hello in time")
)

// socketConfig is what all sockets share.
type socketConfig struct {
	dialer  *dialer
	backoff func(err error, attempt int) time.Duration
	tracker *tracker
	log     *slog.Logger
}

// socket keeps one connection to Slack open, by replacing it when it ends or Slack asks for another one.
type socket struct {
	socketConfig
	number int
	handle Handler
	// up is called with each hello.
	up func()
	// reconnect asks for another connection. connected has an element when Slack has said hello since it was drained.
	reconnect, connected chan struct{}

	mu   sync.Mutex
	open int // connections on which Slack said hello; guarded by mu
}

func newSocket(cfg socketConfig, number int, handle Handler) *socket {
	return &socket{
		socketConfig: cfg, number: number, handle: handle, up: func() {},
		reconnect: make(chan struct{}), connected: make(chan struct{}, 1),
	}
}

// run connects again and again until ctx ends. It returns when all its connections have ended.
func (s *socket) run(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	var last *connection
	for attempt := 0; ; attempt++ {
		c, err := s.connect(ctx, &running)
		if err == nil {
			if last != nil {
				running.Go(last.retire)
			}
			last = c
			err = c.untilReplaced(s.reconnect)
			if c.age() > shortLife {
				attempt = 0
			}
		}
		if ctx.Err() != nil || err != nil && !s.backOff(ctx, err, attempt) {
			return
		}
	}
}

// backOff waits before the next attempt. It returns false if ctx ended.
func (s *socket) backOff(ctx context.Context, err error, attempt int) bool {
	wait := s.backoff(err, attempt)
	s.tracker.waits(time.Now().Add(wait))
	s.log.Warn("socket to slack is down", slog.Int("socket", s.number), slog.Any("err", err),
		slog.Float64("retry_in_seconds", wait.Seconds()))
	return sleep(ctx, wait)
}

// connect opens a connection and returns it when Slack has said hello. Its goroutine is added to running.
func (s *socket) connect(ctx context.Context, running *sync.WaitGroup) (*connection, error) {
	c, err := s.start(ctx, running)
	if err == nil {
		err = c.awaitHello()
	}
	if err != nil {
		if ctx.Err() == nil {
			s.tracker.obs.SocketEvent(EventConnectFailed)
		}
		return nil, err
	}
	return c, nil
}

// start opens a connection, which lives until it fails or ctx ends.
func (s *socket) start(ctx context.Context, running *sync.WaitGroup) (*connection, error) {
	life, end := context.WithCancelCause(ctx)
	conn, err := s.dialer.dial(life)
	if err != nil {
		end(err)
		return nil, err
	}
	c := newConnection(s, conn, end)
	running.Go(func() { c.run(ctx, life) })
	return c, nil
}

// helloSaid is called when Slack has said hello on a connection.
func (s *socket) helloSaid() {
	s.openChanged(1)
	s.up()
	select {
	case s.connected <- struct{}{}:
	default:
	}
}

// openChanged counts the connections on which Slack said hello. The socket is up as long as there is one.
func (s *socket) openChanged(by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.open
	s.open += by
	if before == 0 || s.open == 0 {
		s.tracker.socketChanged(by)
	}
}

// sleep returns false if ctx ended before d had passed.
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
