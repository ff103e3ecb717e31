package slackapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Bounds of a connection.
const (
	// maxFrame bounds an envelope, in bytes. One that is longer costs the connection; it is counted.
	maxFrame = 8 << 20
	// maxAcks bounds the acknowledgements that wait to go out.
	maxAcks = 256
	// ackTime bounds the writing of one: later than that Slack has counted it as missing anyway.
	ackTime = 2 * time.Second
	// silence is how long a connection may bring nothing, not even an answer to our pings, before it is taken for
	// dead. Slack pings as well, but doesn't say how often.
	silence   = 45 * time.Second
	pingEvery = 15 * time.Second
	// retireTime is how long a connection is read on when there is another: Slack closes it some ten seconds after
	// its warning. closeTime is how long Slack may take to answer our close frame after that.
	retireTime = 15 * time.Second
	closeTime  = 2 * time.Second
)

const (
	errSilent  = errText("the connection brought nothing, and no answer to a ping")
	errRetired = errText("slack did not close the connection that it wanted replaced")
)

// connection is one WebSocket to Slack and its life. One goroutine reads, hands on what comes, and waits for nothing
// else; another one writes. If the reader wrote, it and a peer that does the same could wait for each other.
type connection struct {
	*socket
	conn *websocket.Conn
	end  context.CancelCauseFunc
	acks chan string
	// pong has what the latest ping of Slack's wants to have back.
	pong chan string
	// met is closed when Slack has said hello, at since; over when nothing is read or written any more.
	met, over chan struct{}
	since     time.Time
	// why has the first reason in it for which there has to be another connection: a goodbye, or how it ended, which is
	// there before over is closed.
	why chan error
}

func newConnection(s *socket, conn *websocket.Conn, end context.CancelCauseFunc) *connection {
	return &connection{
		socket: s, conn: conn, end: end, acks: make(chan string, maxAcks), pong: make(chan string, 1),
		met: make(chan struct{}), over: make(chan struct{}), why: make(chan error, 1),
	}
}

// live reads and writes until the connection fails or life ends. What it brought is handed on with ctx, which outlives
// it.
func (c *connection) live(ctx, life context.Context) {
	defer close(c.over)
	c.app.connectionChanged(1)
	var writer sync.WaitGroup
	writer.Go(func() { c.write(life) })
	c.end(c.read(ctx))
	writer.Wait()
	c.app.connectionChanged(-1)
	if !c.since.IsZero() {
		c.app.obs.Tally(TallySocket, "closed")
		c.stands(-1)
	}
	c.leave(context.Cause(life))
}

// awaitHello returns nil when Slack has said hello. When it has not in helloTime the connection is ended.
func (c *connection) awaitHello() error {
	wait := time.NewTimer(helloTime)
	defer wait.Stop()
	select {
	case <-c.met:
		return nil
	case <-c.over:
	case <-wait.C:
		c.end(errNoHello)
	}
	<-c.over
	return fmt.Errorf("wait for hello: %w", <-c.why)
}

// stay waits until there has to be another connection, and returns what is wrong with this one: nil when Slack asked for
// another. In that case this one still lives.
func (c *connection) stay() error {
	select {
	case err := <-c.why:
		var asked goodbye
		switch {
		case !errors.As(err, &asked):
			return err
		case c.lived() < shortLife:
			return errShortLived
		default:
			return nil
		}
	case <-c.replace:
		c.end(errDeaf)
		<-c.over
		return errDeaf
	}
}

// leave tells why there has to be another connection.
func (c *connection) leave(why error) {
	select {
	case c.why <- why:
	default:
	}
}

// retire lets the connection go, now that there is another one. What Slack sends over it until Slack closes it, or until
// retireTime has passed, is taken and acknowledged like anything.
func (c *connection) retire() {
	if c.endsWithin(retireTime) {
		return
	}
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	err := c.conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(closeTime))
	if err != nil || !c.endsWithin(closeTime) {
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

// lived is how long ago Slack said hello.
func (c *connection) lived() time.Duration { return time.Since(c.since) }

// read takes frames one after the other until the connection fails.
func (c *connection) read(ctx context.Context) error {
	c.conn.SetPingHandler(c.pinged)
	c.conn.SetPongHandler(func(string) error { return c.heard() })
	for {
		if err := c.heard(); err != nil {
			return err
		}
		_, frame, err := c.conn.ReadMessage()
		switch {
		case err == nil:
			c.app.contain(TallyEvent, func() { c.take(ctx, frame) })
		case errors.Is(err, websocket.ErrReadLimit):
			c.app.obs.Tally(TallySocket, "too_large")
			return err
		case isTimeout(err):
			return errSilent
		default:
			return err
		}
	}
}

// heard puts off the time at which the connection is taken for dead.
func (c *connection) heard() error { return c.conn.SetReadDeadline(time.Now().Add(silence)) }

// pinged has a ping answered. One that comes before the last is answered needs no answer of its own
// (https://www.rfc-editor.org/rfc/rfc6455#section-5.5.3).
func (c *connection) pinged(data string) error {
	select {
	case c.pong <- data:
	default:
	}
	return c.heard()
}

// take takes a frame. A field of another shape than Slack documents costs no more than what it would have said.
func (c *connection) take(ctx context.Context, frame []byte) {
	var env envelope
	err := decode(frame, &env)
	switch {
	case err == nil && env.Type == "hello":
		c.hello(env.Connections)
	case err == nil && env.Type == "disconnect":
		c.leave(goodbye(code(env.Reason)))
	case err == nil && env.ID != "":
		c.in.take(ctx, parcel{kind: env.Type, payload: env.Payload, ack: func() { c.ack(env.ID) }})
	default:
		c.app.obs.Tally(TallySocket, "unreadable")
	}
}

func (c *connection) hello(connections int) {
	if c.since.IsZero() {
		c.since = time.Now()
		c.app.obs.Tally(TallySocket, "opened")
		c.stands(1)
		c.up()
		select {
		case c.greeted <- struct{}{}:
		default:
		}
		close(c.met)
		c.app.log.Info("socket to slack is up", slog.Int("socket", c.number), slog.Int("connections", connections))
	}
	c.app.noteHello(connections)
}

// ack has an envelope acknowledged on the connection that brought it, and never waits. If it can't be, Slack delivers
// it again, and it is known.
func (c *connection) ack(id string) {
	select {
	case <-c.over:
		c.app.obs.Tally(TallyAck, "write")
		return
	default:
	}
	select {
	case c.acks <- id:
	default:
		c.app.obs.Tally(TallyAck, "full")
	}
}

// write sends acknowledgements, pings and pongs until life ends. A connection that can't be written is not worth reading.
func (c *connection) write(life context.Context) {
	// Not a Ticker: one that is due while nobody waits for it crashes the race detector in a bubble of synctest
	// (Go 1.26.8).
	pings := make(chan struct{}, 1)
	ping := time.AfterFunc(pingEvery, func() { pings <- struct{}{} })
	defer ping.Stop()
	for {
		var err error
		select {
		case id := <-c.acks:
			err = c.sendAck(id)
		case data := <-c.pong:
			err = c.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(ackTime))
		case <-pings:
			err = c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(ackTime))
			ping.Reset(pingEvery)
		case <-life.Done():
			for range len(c.acks) {
				c.app.obs.Tally(TallyAck, "write")
			}
			return
		}
		if err != nil && !errors.Is(err, websocket.ErrCloseSent) { // a connection that retires is still read
			c.end(fmt.Errorf("write to the socket: %w", err))
		}
	}
}

// sendAck is https://docs.slack.dev/apis/events-api/using-socket-mode#acknowledge.
func (c *connection) sendAck(id string) error {
	frame, err := json.Marshal(acknowledgement{ID: id})
	if err == nil {
		err = c.conn.SetWriteDeadline(time.Now().Add(ackTime))
	}
	if err == nil {
		err = c.conn.WriteMessage(websocket.TextMessage, frame)
	}
	switch {
	case isTimeout(err):
		c.app.obs.Tally(TallyAck, "timeout")
	case err != nil:
		c.app.obs.Tally(TallyAck, "write")
	}
	return err
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}
