package socketmode

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/gorilla/websocket"
)

// maxFrame limits a frame, in bytes. A longer one costs the connection and is counted.
const maxFrame = 8 << 20

// Probe opens a connection, waits for the hello, and returns how many connections our app has then. It closes the
// connection again: an event that Slack sends over it meanwhile is not acknowledged, so Slack delivers it again.
func (c *Client) Probe(ctx context.Context) (connections int, err error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close() //nolint:errcheck // nothing was written
	_, raw, err := conn.ReadMessage()
	if err != nil {
		return 0, fmt.Errorf("wait for hello: %w", errors.Join(err, context.Cause(ctx)))
	}
	f, err := readFrame(raw)
	if err != nil || f.Type != "hello" {
		return 0, errNotHello
	}
	return f.Connections, nil
}

var errNotHello = errors.New("wait for hello: slack said something else")

// dial asks Slack for an address and connects. ctx limits the whole life of the connection: when it ends, the
// connection is closed.
func (c *Client) dial(ctx context.Context) (*websocket.Conn, error) {
	address, err := c.cfg.Address(ctx)
	if err != nil {
		return nil, fmt.Errorf("open a socket: %w", withoutURL(err))
	}
	conn, resp, err := c.dialerFor(ctx).DialContext(ctx, address, nil)
	if resp != nil && resp.Body != nil {
		defer resp.Body.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("open a socket: %w", withoutURL(err))
	}
	conn.SetReadLimit(maxFrame)
	return conn, nil
}

// dialerFor returns a dialer whose connections are closed when life ends. Neither the handshake, after the network
// connection is open, nor reading looks at a context.
func (c *Client) dialerFor(life context.Context) *websocket.Dialer {
	dialer := *c.dialer
	dial := dialer.NetDialContext
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	dialer.NetDialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err == nil {
			context.AfterFunc(life, func() { _ = conn.Close() })
		}
		return conn, err
	}
	return &dialer
}

// withoutURL removes the URL from an error: the address of a connection holds a ticket.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return fmt.Errorf("%s: %w", strings.ToLower(u.Op), u.Err)
	}
	return err
}
