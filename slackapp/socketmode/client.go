package socketmode

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
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

// Observer is told what happens to the connections. Its methods may be called from any goroutine and must not block.
type Observer interface {
	// SocketsUp tells how many sockets are connected, whenever that changes.
	SocketsUp(up int)
	// OtherConnections tells with each hello how many connections of our app other processes have open.
	OtherConnections(count int)
	// SocketEvent tells of one of the Event constants.
	SocketEvent(event string)
	// AckFailed tells of an acknowledgement that did not reach Slack, by one of the Ack constants.
	AckFailed(cause string)
}

// Events in the life of a connection.
const (
	EventOpened        = "opened"         // Slack said hello
	EventClosed        = "closed"         // a connection on which Slack had said hello ended
	EventConnectFailed = "connect_failed" // an attempt to connect ended without a hello
	EventReplaced      = "replaced"       // a socket's connection was replaced because it may miss events
	EventUnreadable    = "unreadable"     // a frame was not an envelope
	EventTooLarge      = "too_large"      // a frame exceeded the limit and cost its connection
)

// Causes of a failed acknowledgement.
const (
	AckFull    = "full"    // too many acknowledgements waited to be written
	AckTimeout = "timeout" // it could not be written in time
	AckWrite   = "write"   // the connection ended first
)

// Envelope is what Slack sent in one frame.
type Envelope struct {
	// Type is "events_api", "interactive" or "slash_commands".
	Type    string
	Payload []byte
	// Ack acknowledges the envelope, so that Slack does not deliver it again. It never blocks.
	Ack func()
}

// Handler takes an envelope. It must not block, and it must not panic. Its context ends when Client.Run is to return.
type Handler func(ctx context.Context, e Envelope)

// Status is the state of the connections.
type Status struct {
	// Up of Wanted sockets are connected.
	Up, Wanted int
	// ReplacingSince is when ReplaceAll began to replace the sockets; zero when they are not being replaced.
	ReplacingSince time.Time
	// Other is how many connections of our app other processes had open, as of the latest hello. OtherSince is when
	// there was none for the last time.
	Other      int
	OtherSince time.Time
}

// Client keeps the connections open while Run runs. Its other methods may be called from any goroutine, at any time.
type Client struct {
	cfg    Config
	log    *slog.Logger
	obs    Observer
	dialer *websocket.Dialer
	// replace has an element when the sockets are to be replaced.
	replace chan struct{}

	mu     sync.Mutex
	status Status // guarded by mu
	open   int    // our open connections, two for a socket that is changing from one to the next; guarded by mu
}

// New returns a Client. It connects when it runs.
func New(cfg Config) *Client {
	c := &Client{
		cfg: cfg, log: cfg.Log, obs: cfg.Observer, dialer: newDialer(cfg.Dial), replace: make(chan struct{}, 1),
	}
	c.status.Wanted = cfg.Connections
	return c
}

// Run keeps the connections open until ctx ends and hands each envelope to handle, from one goroutine per connection.
// When it returns, all its goroutines have ended. It may run once at a time.
func (c *Client) Run(ctx context.Context, handle Handler) {
	up := make(chan struct{})
	var once sync.Once
	var running sync.WaitGroup
	sockets := make([]*socket, c.cfg.Connections)
	for i := range sockets {
		s := newSocket(c, i+1, handle)
		s.up = func() { once.Do(func() { close(up) }) }
		sockets[i] = s
		running.Go(func() {
			if i == 0 || stagger(ctx, up, i) {
				s.run(ctx)
			}
		})
	}
	running.Go(func() { c.replaceWhenAsked(ctx, sockets) })
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

// Status returns the state of the connections.
func (c *Client) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

// socketChanged counts a socket that connected (1) or lost its connection (-1).
func (c *Client) socketChanged(by int) {
	c.mu.Lock()
	c.status.Up += by
	up := c.status.Up
	c.mu.Unlock()
	c.obs.SocketsUp(up)
}

// connectionChanged counts an open connection.
func (c *Client) connectionChanged(by int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open += by
}

// noteHello takes Slack's count of our app's connections.
func (c *Client) noteHello(connections int) {
	c.mu.Lock()
	other := max(0, connections-c.open)
	if other > 0 && c.status.Other == 0 {
		c.status.OtherSince = time.Now()
	}
	c.status.Other = other
	c.mu.Unlock()
	c.obs.OtherConnections(other)
}

func newDialer(dial func(ctx context.Context, network, addr string) (net.Conn, error)) *websocket.Dialer {
	d := &websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, NetDialContext: dial, HandshakeTimeout: 10 * time.Second,
		// Acknowledgements are short. Events may be longer than the buffer, which does not grow.
		ReadBufferSize: 4 << 10, WriteBufferSize: 4 << 10,
	}
	if dial != nil {
		d.Proxy = nil
	}
	return d
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

// isTimeout reports whether a deadline passed.
func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}
