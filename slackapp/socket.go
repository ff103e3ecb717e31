package slackapp

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// Bounds of a socket.
const (
	// maxFrame bounds an envelope. One that is longer costs the connection; it is counted.
	maxFrame = 8 << 20
	// maxAcks bounds the acknowledgements that wait to go out.
	maxAcks = 256
	// ackTime bounds the wait of one: later than that Slack has counted it as missing anyway.
	ackTime = 2 * time.Second
	// shortLife is how long a connection must have lived to count as one: after a shorter one we wait, or a Slack
	// that says hello and goodbye would be asked without end.
	shortLife = 2 * time.Second
)

// socket keeps one connection to Slack open. The parts that must not wait for each other are goroutines of their own:
// slack-go's, which reads frames; the drain, which takes its events and does nothing that blocks; the acker. With
// fewer an outage can lock them against each other for ever.
type socket struct {
	app    *App
	in     *intake
	number int
	up     func()
	// replace is for those who want another connection, greeted has something in it when there is one.
	replace, greeted chan struct{}
}

// run connects again and again until ctx ends.
func (s *socket) run(ctx context.Context) {
	for attempt := 0; ; attempt++ {
		c := &connection{socket: s, acks: make(chan string, maxAcks)}
		lived, err := c.live(ctx)
		if ctx.Err() != nil {
			return
		}
		if lived > shortLife {
			attempt = 0
		}
		pause := pauseAfter(err, attempt)
		s.app.log.Warn("socket to slack is down", slog.Int("socket", s.number), slog.Any("err", err),
			slog.Duration("again_in", pause))
		if !sleep(ctx, pause) {
			return
		}
	}
}

// connection is one slack-go client and its life. All fields but acks belong to the drain.
type connection struct {
	*socket
	client *socketmode.Client
	end    context.CancelCauseFunc // ends slack-go's part
	acks   chan string
	// isUp: hello was said. since is when.
	isUp  bool
	since time.Time
}

var (
	errShortLived = errors.New("slack closed the connection as soon as it was open")
	errEnded      = errors.New("the connection ended")
)

// live runs the connection until it fails, and returns how long the last one was up, and why it ended.
func (c *connection) live(ctx context.Context) (time.Duration, error) {
	own, end := context.WithCancelCause(ctx)
	c.end = end
	c.client = c.newClient(own)
	var parts sync.WaitGroup
	ended := make(chan struct{})
	parts.Go(func() {
		defer close(ended)
		end(c.client.RunContext(own))
	})
	parts.Go(func() { c.sendAcks(own) })
	c.drain(ctx, ended)
	parts.Wait()
	var lived time.Duration
	if !c.since.IsZero() {
		lived = time.Since(c.since)
	}
	c.down()
	return lived, context.Cause(own)
}

// newClient makes the client of one connection, and of those that follow it as Slack refreshes them.
func (c *connection) newClient(own context.Context) *socketmode.Client {
	// The token is asked for each time: it may have been exchanged.
	api := slack.New("", slack.OptionAppLevelToken(c.app.cfg.AppToken()), slack.OptionHTTPClient(c.app.wire),
		slack.OptionAPIURL(c.app.cfg.APIURL))
	dialer := *c.app.dialer
	dial := dialer.NetDialContext
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	forget := func() bool { return true }
	dialer.NetDialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err == nil {
			// The handshake doesn't look at its context once the connection stands.
			forget()
			forget = context.AfterFunc(own, func() { _ = conn.Close() })
		}
		return conn, err
	}
	return socketmode.New(api, socketmode.OptionDialer(&dialer), socketmode.OptionReadLimit(maxFrame))
}

// drain takes slack-go's events as they come. What is left when it has ended still counts.
func (c *connection) drain(ctx context.Context, ended <-chan struct{}) {
	for {
		select {
		case e := <-c.client.Events:
			c.app.contain(TallyEvent, func() { c.take(ctx, e) })
		case <-c.replace:
			c.end(errDeaf)
		case <-ended:
			for {
				select {
				case e := <-c.client.Events:
					c.app.contain(TallyEvent, func() { c.take(ctx, e) })
				default:
					return
				}
			}
		}
	}
}

func (c *connection) take(ctx context.Context, e socketmode.Event) {
	switch e.Type {
	case socketmode.EventTypeEventsAPI, socketmode.EventTypeInteractive, socketmode.EventTypeSlashCommand:
		c.deliver(ctx, e.Request.Type, e.Request.EnvelopeID, e.Request.Payload)
	case socketmode.EventTypeErrorBadMessage:
		c.fallBack(ctx, e)
	case socketmode.EventTypeHello:
		c.hello(e.Request.NumConnections)
	case socketmode.EventTypeConnecting: // also the only sign that the last connection is gone
		if c.isUp && time.Since(c.since) < shortLife {
			c.end(errShortLived)
		}
		c.down()
	case socketmode.EventTypeConnectionError:
		// Waiting is up to us: slack-go does it without a jitter, and for up to five minutes.
		c.app.obs.Tally(TallySocket, "connect_failed")
		c.end(connectError(e.Data))
	case socketmode.EventTypeIncomingError:
		c.noteUnreadable(e.Data)
	case socketmode.EventTypeErrorWriteFailed:
		c.app.obs.Tally(TallyAck, "write")
	default: // connected, and what there may be in times to come
	}
}

func (c *connection) deliver(ctx context.Context, kind, id string, payload json.RawMessage) {
	c.in.take(ctx, parcel{kind: kind, payload: payload, ack: func() { c.ack(id) }})
}

// fallBack reads an envelope that slack-go could not: a field of the wrong shape somewhere, a kind of event that it
// doesn't know. Slack would deliver the same one again.
func (c *connection) fallBack(ctx context.Context, e socketmode.Event) {
	bad, ok := e.Data.(*socketmode.ErrorBadMessage)
	if !ok {
		return
	}
	var env envelope
	if err := json.Unmarshal(bad.Message, &env); err != nil || env.ID.V == "" {
		c.app.obs.Tally(TallySocket, "unreadable")
		return
	}
	kind := env.Type.V
	switch kind {
	case socketmode.RequestTypeEventsAPI, socketmode.RequestTypeInteractive, socketmode.RequestTypeSlashCommands:
	default:
		kind = "unknown"
	}
	c.app.obs.Tally(TallyFallback, kind)
	c.deliver(ctx, kind, env.ID.V, env.Payload)
}

func (c *connection) hello(connections int) {
	if !c.isUp {
		c.isUp, c.since = true, time.Now()
		c.app.socketChanged(1)
		c.up()
		select {
		case c.greeted <- struct{}{}:
		default:
		}
		c.app.log.Info("socket to slack is up", slog.Int("socket", c.number), slog.Int("connections", connections))
	}
	c.app.noteHello(connections)
}

func (c *connection) down() {
	if c.isUp {
		c.isUp = false
		c.app.socketChanged(-1)
	}
}

func (c *connection) noteUnreadable(data any) {
	label := "unreadable"
	if e, ok := data.(*slack.IncomingEventError); ok && errors.Is(e.ErrorObj, websocket.ErrReadLimit) {
		label = "too_large"
	}
	c.app.obs.Tally(TallySocket, label)
}

func connectError(data any) error {
	if e, ok := data.(*slack.ConnectionErrorEvent); ok && e.ErrorObj != nil {
		return withoutURL(e.ErrorObj)
	}
	return errEnded
}

// ack has an envelope acknowledged, and never waits. If it can't be, Slack delivers it again, and it is known.
func (c *connection) ack(id string) {
	select {
	case c.acks <- id:
	default:
		c.app.obs.Tally(TallyAck, "full")
	}
}

// sendAcks acknowledges through the client that received the envelope, until the connection ends.
func (c *connection) sendAcks(ctx context.Context) {
	for {
		select {
		case id := <-c.acks:
			soon, cancel := context.WithTimeout(ctx, ackTime)
			err := c.client.AckCtx(soon, id, nil)
			cancel()
			if err != nil {
				c.app.obs.Tally(TallyAck, "timeout")
			}
		case <-ctx.Done():
			return
		}
	}
}
