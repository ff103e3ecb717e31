package socketmode

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"
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
func (d *dialer) dial(ctx context.Context) (*websocket.Conn, error) {
	address, err := d.address(ctx)
	if err != nil {
		return nil, fmt.Errorf("open a socket: %w", withoutURL(err))
	}
	conn, resp, err := d.closingAt(ctx).DialContext(ctx, address, nil)
	if resp != nil && resp.Body != nil {
		defer resp.Body.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("open a socket: %w", withoutURL(err))
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

// withoutURL removes the URL from an error: the address of a connection holds a ticket.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return fmt.Errorf("%s: %w", strings.ToLower(u.Op), u.Err)
	}
	return err
}
