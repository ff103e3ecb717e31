package socketmode

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// errMissedEvents ends a connection that is open but did not bring an event.
var errMissedEvents = errors.New("the connection did not bring every event")

// replaceTimeout is how long replacing one socket may hold up the next one.
const replaceTimeout = 30 * time.Second

// ReplaceAll has each socket connect again, one after the other, so that there is always one that Slack can send to. It
// does not wait for that. While the sockets are being replaced, another call has them replaced once more.
func (c *Client) ReplaceAll() {
	select {
	case c.replace <- struct{}{}:
	default:
	}
}

// replaceWhenAsked replaces the sockets whenever ReplaceAll was called, until ctx ends.
func (c *Client) replaceWhenAsked(ctx context.Context, sockets []*socket) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.replace:
		}
		c.setReplacing(time.Now())
		for _, s := range sockets {
			c.obs.SocketEvent(EventReplaced)
			c.log.Warn("a socket that may miss events is replaced", slog.Int("socket", s.number))
			s.replace(ctx)
		}
		c.setReplacing(time.Time{})
	}
}

func (c *Client) setReplacing(since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status.ReplacingSince = since
}

// replace has the socket connect again and returns when it has, or when replaceTimeout has passed.
func (s *socket) replace(ctx context.Context) {
	select {
	case <-s.connected:
	default:
	}
	wait := time.NewTimer(replaceTimeout)
	defer wait.Stop()
	select {
	case s.reconnect <- struct{}{}:
	case <-s.connected: // it was down, and has connected meanwhile
		return
	case <-wait.C:
		return
	case <-ctx.Done():
		return
	}
	select {
	case <-s.connected:
	case <-wait.C:
	case <-ctx.Done():
	}
}
