package slackapp

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// whole fails the test unless each message was received by its first delivery and acknowledged on the connection that
// brought it.
func (w *world) whole(t *testing.T, messages int) {
	t.Helper()
	if got := len(w.inlet.messagesSeen()); got != messages {
		t.Errorf("received %d messages of %d", got, messages)
	}
	for _, d := range w.Deliveries() {
		if d.Attempt != 0 || d.Socket == 0 || d.AckedAt.IsZero() {
			t.Fatalf("socket %d brought attempt %d at %s, acknowledged at %s\n%s", d.Socket, d.Attempt, d.At, d.AckedAt, w.log)
		}
	}
}

// unbroken fails the test if at any time no connection was open. It returns how many connections there were.
func (w *world) unbroken(t *testing.T) int {
	t.Helper()
	all := w.AllSockets()
	for i, next := range all[1:] {
		if last := all[i]; !last.Closed.IsZero() && !next.Opened.Before(last.Closed) {
			t.Errorf("no socket was open from %s to %s", last.Closed, next.Opened)
		}
	}
	return len(all)
}

func TestRefreshLosesNoEventAndLeavesNoGap(t *testing.T) {
	const life, messages = time.Minute, 1200
	inBubble(t, slacktest.Config{SocketLife: life, StrictAcks: true}, nil, func(t *testing.T, w *world) {
		w.run(t)
		for i := range messages {
			w.reply(fmt.Sprintf("message %d", i))
			time.Sleep(500 * time.Millisecond)
			if s := w.app.Status(); s.Up != 1 || s.Other != 0 {
				t.Fatalf("status %+v", s)
			}
		}
		w.whole(t, messages)
		if got := w.unbroken(t); got < 10 {
			t.Errorf("%d sockets: they were not refreshed", got)
		}
		if w.log.Has("level=WARN") {
			t.Errorf("a refresh must not log a warning\n%s", w.log)
		}
	})
}

func TestEventsAfterADisconnectFrameAreReceived(t *testing.T) {
	for _, reason := range []string{"warning", "refresh_requested", "link_disabled", "something_new"} {
		t.Run(reason, func(t *testing.T) {
			inBubble(t, slacktest.Config{StrictAcks: true}, nil, func(t *testing.T, w *world) {
				w.run(t)
				time.Sleep(time.Hour)
				// The disk is slow, so that acknowledgements are due when the next connection is open already, and Slack
				// never closes the old one.
				w.inlet.setBefore(func(string) error { time.Sleep(100 * time.Millisecond); return nil })
				// The next connection takes long enough that every message goes over the first one.
				w.Inject(slacktest.Fault{Kind: slacktest.Slow, Method: webapi.MethodOpen, Delay: 10 * time.Millisecond})
				w.SendFrame(slacktest.Every, `{"type":"disconnect","reason":"`+reason+`"}`)
				const messages = 200
				for i := range messages {
					w.Say(w.ann.ID, w.dev.ID, fmt.Sprintf("<@U0AGEN> message %d", i))
				}
				began := time.Now()
				for len(w.AllSockets()) < 2 || len(w.Sockets()) > 1 {
					if time.Sleep(time.Second); time.Since(began) > 17*time.Second {
						t.Fatalf("sockets %+v after %s", w.AllSockets(), time.Since(began))
					}
				}
				w.whole(t, messages)
				w.unbroken(t)
				if w.Deliveries()[0].Socket != 1 {
					t.Error("no event came after the disconnect frame")
				}
			})
		})
	}
}

func TestDeadConnectionIsReplacedWithinAMinute(t *testing.T) {
	for _, later := range []time.Duration{0, 7 * time.Second, 14999 * time.Millisecond} {
		for name, ping := range map[string]time.Duration{"pings": 10 * time.Second, "never pings": -1} {
			t.Run(name+" "+later.String(), func(t *testing.T) {
				inBubble(t, slacktest.Config{PingInterval: ping}, nil, func(t *testing.T, w *world) {
					w.run(t)
					time.Sleep(time.Hour + later)
					if got := len(w.AllSockets()); got != 1 {
						t.Fatalf("%d sockets though the first was fine\n%s", got, w.log)
					}
					died := time.Now()
					w.HalfOpen(slacktest.Every)
					time.Sleep(time.Minute)
					all := w.AllSockets()
					if len(all) != 2 || w.app.Status().Up != 1 || !w.log.Has("brought nothing") {
						t.Fatalf("sockets %+v, died %s\n%s", all, died, w.log)
					}
					w.reply("still there?")
					time.Sleep(time.Minute)
					if len(w.inlet.messagesSeen()) != 1 {
						t.Error("it receives nothing after it reconnected")
					}
				})
			})
		}
	}
}

func TestSocketsThatMissEventsAreReplacedOneByOne(t *testing.T) {
	inBubble(t, slacktest.Config{}, func(c *Config) { c.Connections = 2 }, func(t *testing.T, w *world) {
		w.run(t)
		w.StopEvents(slacktest.Every)
		w.app.sockets.ReplaceAll()
		time.Sleep(time.Minute)
		all := w.AllSockets()
		if len(all) != 4 || len(w.Sockets()) != 2 || w.watch.count("socket replaced") != 2 || !w.app.Status().ReplacingSince.IsZero() {
			t.Fatalf("sockets %+v, status %+v, counted %v", all, w.app.Status(), w.watch.counts)
		}
		if all[1].Closed.Before(all[2].Opened) {
			t.Errorf("both were closed at the same time: %+v", all)
		}
		w.reply("can you hear me?")
		synctest.Wait()
		if len(w.inlet.messagesSeen()) != 1 {
			t.Error("it still receives nothing")
		}
	})
}

func TestConnectionWithoutHelloIsGivenUp(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		silent := w.Inject(slacktest.Fault{Kind: slacktest.NoHello, Method: "socket", Count: 3})
		w.Disconnect(slacktest.Every, slacktest.Warning)
		time.Sleep(2 * time.Minute)
		if silent.Hits() != 3 || w.app.Status().Up != 1 || len(w.Sockets()) != 1 || w.watch.count("socket connect_failed") != 3 {
			t.Errorf("%d connections without hello, sockets %+v, counted %v\n%s", silent.Hits(), w.Sockets(), w.watch.counts, w.log)
		}
	})
}

func TestTooManySocketsAreRetriedWithBackoff(t *testing.T) {
	inBubble(t, slacktest.Config{MaxSockets: 1}, func(c *Config) { c.Connections = 1 }, func(t *testing.T, w *world) {
		w.run(t)
		other := newWorld(t, w.Started, nil)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- other.app.Run(ctx, other.inlet) }()
		time.Sleep(10 * time.Minute)
		if n := len(w.Requests(webapi.MethodOpen)); n > 100 || other.app.Status().Up != 0 || !other.log.Has("too_many_websockets") {
			t.Errorf("asked %d times, status %+v", n, other.app.Status())
		}
		w.stop()
		time.Sleep(time.Minute)
		if s := other.app.Status(); s.Up != 1 || s.Other != 0 {
			t.Errorf("status %+v when there was room", s)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestHangingDialIsGivenUp(t *testing.T) {
	var hangs atomic.Bool
	inBubble(t, slacktest.Config{}, func(c *Config) {
		dial := c.Dial
		c.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if hangs.Load() {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return dial(ctx, network, addr)
		}
	}, func(t *testing.T, w *world) {
		w.run(t)
		hangs.Store(true)
		w.Cut(slacktest.Every)
		time.Sleep(5 * time.Minute)
		if s := w.app.Status(); s.Up != 0 || w.watch.count("socket connect_failed") < 8 {
			t.Errorf("status %+v, counted %v", s, w.watch.counts)
		}
		hangs.Store(false)
		time.Sleep(time.Minute)
		if s := w.app.Status(); s.Up != 1 {
			t.Errorf("status %+v\n%s", s, w.log)
		}
	})
}

// stuckConn is a connection whose writes block while isStuck is set, as with a full send buffer.
type stuckConn struct {
	net.Conn
	drain   net.Conn
	isStuck *atomic.Bool
}

func (c stuckConn) Write(p []byte) (int, error) {
	if c.isStuck.Load() {
		return c.drain.Write(p)
	}
	return c.Conn.Write(p)
}

func (c stuckConn) SetWriteDeadline(t time.Time) error {
	if err := c.drain.SetWriteDeadline(t); err != nil {
		return err
	}
	return c.Conn.SetWriteDeadline(t)
}

func TestConnectionThatCantBeWrittenToIsReplaced(t *testing.T) {
	var stuck atomic.Bool
	inBubble(t, slacktest.Config{}, func(c *Config) {
		dial := c.Dial
		c.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dial(ctx, network, addr)
			drain, _ := net.Pipe()
			return stuckConn{conn, drain, &stuck}, err
		}
	}, func(t *testing.T, w *world) {
		w.run(t)
		stuck.Store(true)
		ts := w.reply("read, and the acknowledgement is stuck")
		time.Sleep(2 * time.Second)
		stuck.Store(false)
		time.Sleep(5 * time.Minute)
		if w.watch.count("ack_failed timeout") != 1 || len(w.AllSockets()) != 2 {
			t.Errorf("counted %v, sockets %+v", w.watch.counts, w.AllSockets())
		}
		if len(w.inlet.messagesSeen()) != 1 || !w.Acked(w.dev.ID, ts) {
			t.Error("its redelivery was not acknowledged")
		}
	})
}

func TestAcknowledgementsOfALostConnectionAreNotSentOnAnother(t *testing.T) {
	inBubble(t, slacktest.Config{StrictAcks: true}, nil, func(t *testing.T, w *world) {
		w.run(t)
		w.inlet.setBefore(func(string) error { time.Sleep(2 * time.Second); return nil })
		ts := w.reply("reply")
		time.Sleep(time.Second)
		w.Cut(slacktest.Every)
		time.Sleep(time.Minute)
		fates := []slacktest.AckFate{}
		for _, a := range w.Acks() {
			fates = append(fates, a.Fate)
		}
		if !slices.Equal(fates, []slacktest.AckFate{slacktest.AckCounted}) || !w.Acked(w.dev.ID, ts) || w.watch.count("ack_failed write") != 1 {
			t.Errorf("acknowledgements %v, counted %v", fates, w.watch.counts)
		}
	})
}

func TestMalformedAndOversizedFrames(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		for _, f := range []string{"", "{", "7", "null", "[]", `{"type":"events_api"}`, `{"envelope_id":7}`} {
			w.SendFrame(slacktest.Every, f)
		}
		synctest.Wait()
		if got := w.watch.count("socket unreadable"); got != 7 || len(w.AllSockets()) != 1 {
			t.Errorf("%d of 7 counted, sockets %+v", got, w.AllSockets())
		}
		w.SendFrame(slacktest.Every, `"`+strings.Repeat("x", 8<<20)+`"`)
		time.Sleep(time.Minute)
		if w.watch.count("socket too_large") != 1 || w.app.Status().Up != 1 || len(w.AllSockets()) != 2 {
			t.Errorf("counted %v, sockets %+v", w.watch.counts, w.AllSockets())
		}
	})
}
