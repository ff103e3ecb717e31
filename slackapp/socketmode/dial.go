package socketmode

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"github.com/agenbridge/agenbridge/agen/neterror"
)

// maxFrame limits a frame, in bytes. A longer one costs the connection and is counted.
const maxFrame = 8 << 20

// dialer opens connections.
type dialer struct {
	address   func(ctx context.Context) (string, error)
	websocket *websocket.Dialer
}

func newDialer(
	address func(ctx context.Context) (string, error), dial func(ctx context.Context, network, addr string) (net.Conn, error),
) *dialer {
	d := &websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, NetDialContext: dial, HandshakeTimeout: 10 * time.Second,
		// Acknowledgements are short. Events may be longer than the buffer, which does not grow.
		ReadBufferSize: 4 << 10, WriteBufferSize: 4 << 10,
	}
	if dial != nil {
		d.Proxy = nil
	}
	return &dialer{address: address, websocket: d}
}

// probe is Client.Probe.
func (d *dialer) probe(ctx context.Context) (connections int, err error) {
	conn, err := d.dial(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close() //nolint:errcheck // nothing was written
	_, raw, err := conn.ReadMessage()
	if err != nil {
		return 0, fmt.Errorf("wait for hello: %w", errors.Join(describe(err), context.Cause(ctx)))
	}
	f, err := readFrame(raw)
	if err != nil || f.Type != "hello" {
		return 0, errNotHello
	}
	return f.Connections, nil
}

var errNotHello = errors.New("wait for hello: slack said something else")

// describe says in words of our own why a connection failed. What Slack or a proxy wrote may repeat a ticket or a token.
func describe(err error) error {
	var closed *websocket.CloseError
	switch {
	case errors.As(err, &closed):
		return fmt.Errorf("slack closed the connection with code %d", closed.Code)
	case errors.Is(err, websocket.ErrReadLimit):
		return errFrameTooLarge
	}
	return neterror.Of(err)
}

var errFrameTooLarge = errors.New("slack sent a frame that is too large")

// dial asks Slack for an address and connects. ctx limits the whole life of the connection: when it ends, the
// connection is closed.
func (d *dialer) dial(ctx context.Context) (*websocket.Conn, error) {
	address, err := d.address(ctx)
	if err != nil {
		return nil, fmt.Errorf("open a socket: %w", err)
	}
	conn, resp, err := d.closingAt(ctx).DialContext(ctx, address, nil)
	if resp != nil && resp.Body != nil {
		defer resp.Body.Close()
	}
	if resp != nil && errors.Is(err, websocket.ErrBadHandshake) {
		return nil, fmt.Errorf("open a socket: http status %d", resp.StatusCode)
	}
	if err != nil {
		return nil, fmt.Errorf("open a socket: %w", describe(err))
	}
	conn.SetReadLimit(maxFrame)
	return conn, nil
}

// closingAt returns a dialer whose connections are closed when life ends. Neither the handshake, after the network
// connection is open, nor reading looks at a context.
func (d *dialer) closingAt(life context.Context) *websocket.Dialer {
	dialer := *d.websocket
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
