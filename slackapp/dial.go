package slackapp

import (
	"context"
	"fmt"
	"net"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
)

// openSocket asks Slack for a socket and opens it (https://docs.slack.dev/reference/methods/apps.connections.open).
// ctx bounds the connection's whole life: when it ends, the connection is closed. What Slack says to the request is a
// Fault in the error.
func (a *App) openSocket(ctx context.Context) (*websocket.Conn, error) {
	// The token is asked for each time: it may have been exchanged.
	api := slack.New("", slack.OptionAppLevelToken(a.cfg.AppToken()), slack.OptionHTTPClient(a.wire),
		slack.OptionAPIURL(a.cfg.APIURL))
	_, address, err := api.StartSocketModeContext(withCall(ctx, call{method: methodOpen}))
	if err != nil {
		return nil, fmt.Errorf("open a socket: %w", withoutURL(err))
	}
	conn, resp, err := a.dialerFor(ctx).DialContext(ctx, address, nil)
	if resp != nil && resp.Body != nil {
		defer resp.Body.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("open a socket: %w", withoutURL(err))
	}
	conn.SetReadLimit(maxFrame)
	return conn, nil
}

// dialerFor makes a dialer whose connections are closed when ctx ends: neither the handshake, once the connection
// stands, nor reading looks at a context.
func (a *App) dialerFor(life context.Context) *websocket.Dialer {
	dialer := *a.dialer
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
