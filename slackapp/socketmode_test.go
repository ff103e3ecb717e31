package slackapp

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

func TestSocketReconnectsAfterEveryFailure(t *testing.T) {
	ways := map[string]func(w *world){
		"warning":       func(w *world) { w.Disconnect(slacktest.Every, slacktest.Warning) },
		"refresh":       func(w *world) { w.Disconnect(slacktest.Every, slacktest.RefreshRequested) },
		"too many":      func(w *world) { w.Disconnect(slacktest.Every, slacktest.TooManyWebSockets) },
		"cut":           func(w *world) { w.Cut(slacktest.Every) },
		"hung up":       func(w *world) { w.Hangup(slacktest.Every) },
		"gone silent":   func(w *world) { w.HalfOpen(slacktest.Every) },
		"sends rubbish": func(w *world) { w.SendFrame(slacktest.Every, strings.Repeat("{", 100)) },
		"open answers 500": func(w *world) {
			w.Inject(slacktest.Fault{Kind: slacktest.ServerError, Method: webapi.MethodOpen, Count: 3})
			w.Cut(slacktest.Every)
		},
		"open is cut": func(w *world) {
			w.Inject(slacktest.Fault{Kind: slacktest.CutBody, Method: webapi.MethodOpen, Count: 3})
			w.Cut(slacktest.Every)
		},
		"open has to rest": func(w *world) {
			w.Inject(slacktest.Fault{Kind: slacktest.RateLimited, Method: webapi.MethodOpen})
			w.Cut(slacktest.Every)
		},
		"open hangs": func(w *world) {
			w.Inject(slacktest.Fault{Kind: slacktest.Hang, Method: webapi.MethodOpen})
			w.Cut(slacktest.Every)
		},
		"handshake refused": func(w *world) {
			w.Inject(slacktest.Fault{Kind: slacktest.ServerError, Method: "socket", Count: 2})
			w.Cut(slacktest.Every)
		},
		"token refused a while": func(w *world) {
			w.Inject(slacktest.Fault{Kind: slacktest.ErrorAnswer, Method: webapi.MethodOpen, Error: "invalid_auth"})
			w.Cut(slacktest.Every)
		},
		"link disabled a while": func(w *world) {
			w.Disconnect(slacktest.Every, slacktest.LinkDisabled)
			time.Sleep(time.Second)
			w.EnableLink()
		},
	}
	for name, how := range ways {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
				w.run(t)
				time.Sleep(time.Hour)
				how(w)
				time.Sleep(3 * time.Minute)
				if s := w.app.Status(); s.Up != 1 || len(w.Sockets()) != 1 {
					t.Fatalf("status %+v, %d sockets open\n%s", s, len(w.Sockets()), w.log)
				}
				w.reply("still there?")
				synctest.Wait()
				if len(w.inlet.messagesSeen()) != 1 {
					t.Error("it receives nothing after it reconnected")
				}
				opens := len(w.Requests(webapi.MethodOpen))
				time.Sleep(time.Hour)
				if more := len(w.Requests(webapi.MethodOpen)) - opens; more != 0 || opens > 8 {
					t.Errorf("%d sockets opened, and %d more in a quiet hour\n%s", opens, more, w.log)
				}
			})
		})
	}
}

func TestDisconnectAfterEachHelloIsRetriedWithBackoff(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		stop := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				select {
				case <-time.After(50 * time.Millisecond):
					w.Disconnect(slacktest.Every, slacktest.RefreshRequested)
				case <-stop:
					return
				}
			}
		})
		time.Sleep(10 * time.Minute)
		close(stop)
		wg.Wait()
		if got := len(w.Requests(webapi.MethodOpen)); got > 200 {
			t.Errorf("opened %d sockets in 10 minutes", got)
		}
	})
}

func TestOutageWithAFullQueueDoesNotDeadlock(t *testing.T) {
	// SLACK.md D1: a consumer that acknowledges inline blocks forever when the connection is lost with more than 20
	// acknowledgements pending and attempts to connect fill the rest of the queue.
	// Nothing is delivered again: that many timers of a bubble, due at once, are more than the race detector's own
	// runtime survives (it ends with SIGSEGV, go1.26.8).
	patient := slacktest.Config{AckTimeout: 24 * time.Hour, RetryDelays: []time.Duration{}}
	inBubble(t, patient, nil, func(t *testing.T, w *world) {
		w.run(t)
		release := make(chan struct{})
		w.inlet.setBefore(func(string) error { <-release; return nil })
		const messages = 300 // more than both queues hold
		for i := range messages {
			w.reply(fmt.Sprintf("message %d", i))
		}
		synctest.Wait()
		outage := w.Inject(slacktest.Fault{Kind: slacktest.ServerError, Method: webapi.MethodOpen, Count: -1})
		w.Cut(slacktest.Every)
		close(release)
		time.Sleep(30 * time.Minute)
		if s := w.app.Status(); s.Up != 0 {
			t.Errorf("status %+v during the outage", s)
		}
		outage.Remove()
		time.Sleep(10 * time.Minute)
		if s := w.app.Status(); s.Up != 1 {
			t.Fatalf("status %+v after it", s)
		}
		w.reply("still there?")
		synctest.Wait()
		if got := len(w.inlet.messagesSeen()); got != messages+1 {
			t.Errorf("received %d of %d", got, messages+1)
		}
	})
}

func TestTwoSocketsDoNotStartTogether(t *testing.T) {
	inBubble(t, slacktest.Config{}, func(c *Config) { c.Connections = 2 }, func(t *testing.T, w *world) {
		began := time.Now()
		w.run(t)
		s := w.Sockets()
		if len(s) != 2 || s[0].Opened.Sub(began) > 300*time.Millisecond || s[1].Opened.Sub(s[0].Opened) < time.Second {
			t.Errorf("sockets opened at %+v, the program began at %s", s, began)
		}
		if st := w.app.Status(); st.Other != 0 {
			t.Errorf("status %+v: both connections are ours", st)
		}
	})
}

func TestOtherSocketsOfTheAppAreCounted(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		other := newWorld(t, w.Started, nil)
		other.run(t)
		if st := other.app.Status(); st.Other != 1 || other.watch.otherConnections() != 1 || st.OtherSince.IsZero() {
			t.Errorf("status %+v, want one connection of another process", st)
		}
	})
}

func TestRefusedTokensAreReportedAndRetriedEachMinute(t *testing.T) {
	var token atomic.Value
	token.Store("xoxb-wrong")
	inBubble(t, slacktest.Config{}, func(c *Config) {
		c.AppToken = FixedToken("xapp-wrong")
		c.BotToken = func() string { return token.Load().(string) } //nolint:forcetypeassert // stored above
	}, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- w.app.Run(ctx, w.inlet) }()
		time.Sleep(10*time.Minute + time.Second)
		if s := w.app.Status(); s.BotTokenError != "invalid_auth" || s.Bot != "" || s.Up != 0 {
			t.Errorf("status %+v", s)
		}
		if got := len(w.Requests("auth.test")); got != 11 {
			t.Errorf("tried %d times in 10 minutes, want 11", got)
		}
		token.Store(w.Config().BotToken) // read from its file again
		time.Sleep(10 * time.Minute)
		if s := w.app.Status(); s.BotTokenError != "" || s.Bot != "U0AGEN" || s.AppTokenError != "invalid_auth" {
			t.Errorf("status %+v", s)
		}
		if got := strings.Count(w.log.String(), "slack refuses the token"); got != 2 {
			t.Errorf("logged %d times, want once for each token\n%s", got, w.log)
		}
		for _, secret := range []string{"xoxb-wrong", "xapp-wrong", w.Config().BotToken} {
			if w.log.Has(secret) {
				t.Errorf("%s is in the log", secret)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run returned %v", err)
		}
	})
}

func TestRunReturnsDuringEveryFault(t *testing.T) {
	for name, fault := range map[string]slacktest.Fault{
		"fine": {Kind: slacktest.Hang, Method: "none"}, "auth.test hangs": {Kind: slacktest.Hang, Method: "auth.test"},
		"open hangs": {Kind: slacktest.Hang, Method: webapi.MethodOpen}, "handshake hangs": {Kind: slacktest.Hang, Method: "socket"},
		"refused": {Kind: slacktest.ErrorAnswer, Method: "auth.test", Error: "invalid_auth", Count: -1},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slacktest.Config{}, func(c *Config) { c.Connections = 2 }, func(t *testing.T, w *world) {
				rule := w.Inject(fault)
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error)
				go func() { done <- w.app.Run(ctx, w.inlet) }()
				time.Sleep(5 * time.Second)
				cancel()
				began := time.Now()
				if err := <-done; err != nil || time.Since(began) > time.Second {
					t.Errorf("Run returned %v after %s", err, time.Since(began))
				}
				rule.Release()
			})
		})
	}
}
