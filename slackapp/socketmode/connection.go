package socketmode

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Limits of a connection.
const (
	// maxAcks limits the acknowledgements that wait to be written.
	maxAcks = 256
	// writeTimeout limits the writing of one: after that Slack counts it as missing.
	writeTimeout = 2 * time.Second
	// silenceTimeout is how long a connection may bring nothing, not even an answer to our pings, before it counts as
	// dead. Slack pings as well, but doesn't say how often.
	silenceTimeout = 45 * time.Second
	pingInterval   = 15 * time.Second
	// retireTimeout is how long a connection is still read when it was replaced: Slack closes it some ten seconds after
	// its warning. closeTimeout is how long Slack may take to answer our close frame after that.
	retireTimeout = 15 * time.Second
	closeTimeout  = 2 * time.Second
)

var (
	errSilent  = errors.New("the connection brought nothing, and no answer to a ping")
	errRetired = errors.New("slack did not close the connection that it wanted replaced")
	// errMissedEvents ends a connection that is open but did not bring an event.
	errMissedEvents = errors.New("the connection did not bring every event")
)

// connection is one WebSocket to Slack. One goroutine reads and hands on the envelopes, and another one writes. If the
// reader wrote, it and a peer that does the same could wait for each other.
type connection struct {
	socket *socket
	conn   *websocket.Conn
	end    context.CancelCauseFunc
	acks   chan string
	// pong has the payload of the latest ping of Slack's.
	pong chan string
	// helloSaid is closed when Slack has said hello, at since. over is closed when nothing is read or written any more.
	helloSaid, over chan struct{}
	since           time.Time
	// why has the first reason to replace the connection: a disconnectReason, or the error that ended it, which is there
	// before over is closed.
	why chan error
}

func newConnection(s *socket, conn *websocket.Conn, end context.CancelCauseFunc) *connection {
	return &connection{
		socket: s, conn: conn, end: end, acks: make(chan string, maxAcks), pong: make(chan string, 1),
		helloSaid: make(chan struct{}), over: make(chan struct{}), why: make(chan error, 1),
	}
}

// run reads and writes until the connection fails or life ends. Envelopes are handed on with ctx, which outlives the
// connection.
func (c *connection) run(ctx, life context.Context) {
	defer close(c.over)
	c.socket.tracker.connectionChanged(1)
	var writer sync.WaitGroup
	writer.Go(func() { c.write(life) })
	c.end(c.read(ctx))
	writer.Wait()
	c.socket.tracker.connectionChanged(-1)
	if !c.since.IsZero() {
		c.count(EventClosed)
		c.socket.openChanged(-1)
	}
	c.askForNext(context.Cause(life))
}

// awaitHello returns nil when Slack has said hello. If it has not within helloTimeout, the connection is ended.
func (c *connection) awaitHello() error {
	wait := time.NewTimer(helloTimeout)
	defer wait.Stop()
	select {
	case <-c.helloSaid:
		return nil
	case <-c.over:
	case <-wait.C:
		c.end(errNoHello)
	}
	<-c.over
	return fmt.Errorf("wait for hello: %w", <-c.why)
}

// untilReplaced waits until there has to be another connection and returns what is wrong with this one: nil if Slack
// asked for another one. In that case this one is still open.
func (c *connection) untilReplaced(reconnect <-chan struct{}) error {
	select {
	case err := <-c.why:
		var asked disconnectReason
		switch {
		case !errors.As(err, &asked):
			return err
		case c.age() < shortLife:
			return errShortLived
		default:
			return nil
		}
	case <-reconnect:
		c.end(errMissedEvents)
		<-c.over
		return errMissedEvents
	}
}

// askForNext says why there has to be another connection. The first reason counts.
func (c *connection) askForNext(why error) {
	select {
	case c.why <- why:
	default:
	}
}

// retire ends the connection after it was replaced. What Slack sends over it until Slack closes it, or until
// retireTimeout has passed, is handled and acknowledged as usual.
func (c *connection) retire() {
	if c.endsWithin(retireTimeout) {
		return
	}
	closeFrame := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	err := c.conn.WriteControl(websocket.CloseMessage, closeFrame, time.Now().Add(closeTimeout))
	if err != nil || !c.endsWithin(closeTimeout) {
		c.end(errRetired)
	}
}

func (c *connection) endsWithin(d time.Duration) bool {
	wait := time.NewTimer(d)
	defer wait.Stop()
	select {
	case <-c.over:
		return true
	case <-wait.C:
		return false
	}
}

// age is how long ago Slack said hello.
func (c *connection) age() time.Duration { return time.Since(c.since) }

// read reads frames until the connection fails.
func (c *connection) read(ctx context.Context) error {
	c.conn.SetPingHandler(c.answerPing)
	c.conn.SetPongHandler(func(string) error { return c.extendDeadline() })
	for {
		if err := c.extendDeadline(); err != nil {
			return err
		}
		_, raw, err := c.conn.ReadMessage()
		switch {
		case err == nil:
			c.receive(ctx, raw)
		case errors.Is(err, websocket.ErrReadLimit):
			c.count(EventTooLarge)
			return describe(err)
		case isTimeout(err):
			return errSilent
		default:
			return describe(err)
		}
	}
}

// extendDeadline puts off the time at which the connection counts as dead.
func (c *connection) extendDeadline() error {
	return c.conn.SetReadDeadline(time.Now().Add(silenceTimeout))
}

// answerPing has a ping answered. If another ping comes before that, one answer is enough
// (https://www.rfc-editor.org/rfc/rfc6455#section-5.5.3).
func (c *connection) answerPing(data string) error {
	select {
	case c.pong <- data:
	default:
	}
	return c.extendDeadline()
}

// receive handles a frame.
func (c *connection) receive(ctx context.Context, raw []byte) {
	f, err := readFrame(raw)
	switch {
	case err == nil && f.Type == "hello":
		c.hello(f.Connections)
	case err == nil && f.Type == "disconnect":
		c.askForNext(f.Reason)
	case err == nil && f.ID != "":
		c.socket.handle(ctx, Envelope{Type: f.Type, Payload: f.Payload, Ack: func() { c.ack(f.ID) }})
	default:
		c.count(EventUnreadable)
	}
}

func (c *connection) hello(connections int) {
	if c.since.IsZero() {
		c.since = time.Now()
		c.count(EventOpened)
		c.socket.helloSaid()
		close(c.helloSaid)
		c.socket.log.Info("socket to slack is up", slog.Int("socket", c.socket.number), slog.Int("connections", connections))
	}
	c.socket.tracker.noteHello(connections)
}

// ack has an envelope acknowledged on the connection that brought it. It never waits. If that fails, Slack delivers the
// envelope again, and the store recognizes it.
func (c *connection) ack(id string) {
	select {
	case <-c.over:
		c.ackFailed(AckWrite)
		return
	default:
	}
	select {
	case c.acks <- id:
	default:
		c.ackFailed(AckFull)
	}
}

// write writes acknowledgements, pings and pongs until life ends. A connection that can't be written to is ended.
func (c *connection) write(life context.Context) {
	// Not a Ticker: one that is due while nobody waits for it crashes the race detector in a synctest bubble
	// (Go 1.26.8).
	pings := make(chan struct{}, 1)
	ping := time.AfterFunc(pingInterval, func() { pings <- struct{}{} })
	defer ping.Stop()
	for {
		var err error
		select {
		case id := <-c.acks:
			err = c.writeAck(id)
		case data := <-c.pong:
			err = c.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(writeTimeout))
		case <-pings:
			err = c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout))
			ping.Reset(pingInterval)
		case <-life.Done():
			for range len(c.acks) {
				c.ackFailed(AckWrite)
			}
			return
		}
		if err != nil && !errors.Is(err, websocket.ErrCloseSent) { // a connection that retires is still read
			c.end(fmt.Errorf("write to the socket: %w", describe(err)))
		}
	}
}

func (c *connection) writeAck(id string) error {
	frame, err := ackFrame(id)
	if err == nil {
		err = c.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	}
	if err == nil {
		err = c.conn.WriteMessage(websocket.TextMessage, frame)
	}
	switch {
	case isTimeout(err):
		c.ackFailed(AckTimeout)
	case err != nil:
		c.ackFailed(AckWrite)
	}
	return err
}

func (c *connection) count(event string) { c.socket.tracker.obs.SocketEvent(event) }

func (c *connection) ackFailed(cause string) { c.socket.tracker.obs.AckFailed(cause) }

// isTimeout reports whether a deadline passed.
func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}
