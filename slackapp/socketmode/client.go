package socketmode

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// Config says how to connect. All fields but Dial are required.
type Config struct {
	// Connections is the number of connections kept open, 1 to 10.
	Connections int
	// Address asks Slack for the address of a new connection
	// (https://docs.slack.dev/reference/methods/apps.connections.open).
	Address func(ctx context.Context) (string, error)
	// Backoff returns how long to wait after an error before the next attempt. Attempts count from 0.
	Backoff func(err error, attempt int) time.Duration
	// Dial opens network connections. The default is the system's dialer, through the proxy that the environment names.
	Dial     func(ctx context.Context, network, addr string) (net.Conn, error)
	Log      *slog.Logger
	Observer Observer
}

// Client keeps the connections open while Run runs. Its other methods may be called from any goroutine, at any time.
type Client struct {
	connections int
	dialer      *dialer
	tracker     *tracker
	shared      socketConfig
	replacer    *replacer
}

// New returns a Client. It connects when it runs.
func New(cfg Config) *Client {
	t := &tracker{obs: cfg.Observer, status: Status{Wanted: cfg.Connections}}
	d := newDialer(cfg.Address, cfg.Dial)
	return &Client{
		connections: cfg.Connections, dialer: d, tracker: t, replacer: newReplacer(t, cfg.Log),
		shared: socketConfig{dialer: d, backoff: cfg.Backoff, tracker: t, log: cfg.Log},
	}
}

// Run keeps the connections open until ctx ends and hands each envelope to handle, from one goroutine per connection.
// When it returns, all its goroutines have ended. It may run once at a time.
func (c *Client) Run(ctx context.Context, handle Handler) {
	up := make(chan struct{})
	var once sync.Once
	var running sync.WaitGroup
	sockets := make([]*socket, c.connections)
	for i := range sockets {
		s := newSocket(c.shared, i+1, handle)
		s.up = func() { once.Do(func() { close(up) }) }
		sockets[i] = s
		running.Go(func() {
			if i == 0 || stagger(ctx, up, i) {
				s.run(ctx)
			}
		})
	}
	running.Go(func() { c.replacer.run(ctx, sockets) })
	running.Wait()
}

// stagger waits until the first socket is up, and some time longer, so that Slack doesn't ask all sockets to reconnect
// at the same time. It returns false if ctx ended.
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

// ReplaceAll has each socket connect again, one after the other, so that there is always one that Slack can send to. It
// does not wait for that. While the sockets are being replaced, another call has them replaced once more.
func (c *Client) ReplaceAll() { c.replacer.ask() }

// Probe opens a connection, waits for the hello, and returns how many connections our app has then. It closes the
// connection again: an event that Slack sends over it meanwhile is not acknowledged, so Slack delivers it again.
func (c *Client) Probe(ctx context.Context) (connections int, err error) { return c.dialer.probe(ctx) }

// Status returns the state of the connections.
func (c *Client) Status() Status { return c.tracker.get() }
