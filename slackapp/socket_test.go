package slackapp

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

func TestNothingIsAcknowledgedBeforeItIsStored(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		release := make(chan struct{})
		w.inlet.setBefore(func(string) error { <-release; return nil })
		ts := w.reply("reply")
		time.Sleep(time.Second)
		if w.Acked(w.dev.ID, ts) {
			t.Error("acknowledged while the disk was still busy")
		}
		close(release)
		synctest.Wait()
		if !w.Acked(w.dev.ID, ts) {
			t.Error("stored and not acknowledged")
		}
	})
}

func TestWhatCouldNotBeStoredComesAgain(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		w.inlet.setBefore(func(string) error { return errDisk })
		ts := w.reply("reply, secret words")
		time.Sleep(30 * time.Second)
		if len(w.Acks()) != 0 {
			t.Error("acknowledged though the disk is full")
		}
		w.inlet.setBefore(nil)
		time.Sleep(2 * time.Minute)
		if got := w.inlet.heard(); len(got) != 1 || !w.Acked(w.dev.ID, ts) {
			t.Errorf("heard %d times after the disk had room again", len(got))
		}
		if w.watch.count("event failed") != 2 || !w.log.has("not acknowledged") || w.log.has("secret words") {
			t.Errorf("counted %v, logged %s", w.watch.counts, w.log)
		}
	})
}

func TestLostAcknowledgementIsRedelivered(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		w.InjectEvent(slacktest.EventFault{Kind: slacktest.DropAcks, Type: "message"})
		ts := w.reply("reply")
		time.Sleep(10 * time.Second)
		if got := len(w.inlet.heard()); got != 1 || !w.Acked(w.dev.ID, ts) || len(w.Deliveries("message")) != 2 {
			t.Errorf("heard %d, delivered %d", got, len(w.Deliveries("message")))
		}
		if w.watch.count("event known_already") != 1 {
			t.Errorf("counted %v", w.watch.counts)
		}
	})
}

func TestSocketComesBack(t *testing.T) {
	ways := map[string]func(w *world){
		"warning":       func(w *world) { w.Disconnect(slacktest.Every, slacktest.Warning) },
		"refresh":       func(w *world) { w.Disconnect(slacktest.Every, slacktest.RefreshRequested) },
		"too many":      func(w *world) { w.Disconnect(slacktest.Every, slacktest.TooManyWebSockets) },
		"cut":           func(w *world) { w.Cut(slacktest.Every) },
		"hung up":       func(w *world) { w.Hangup(slacktest.Every) },
		"gone silent":   func(w *world) { w.HalfOpen(slacktest.Every) },
		"sends rubbish": func(w *world) { w.SendFrame(slacktest.Every, strings.Repeat("{", 100)) },
		"open answers 500": func(w *world) {
			w.Inject(slacktest.Fault{Kind: slacktest.ServerError, Method: methodOpen, Count: 3})
			w.Cut(slacktest.Every)
		},
		"open is cut": func(w *world) {
			w.Inject(slacktest.Fault{Kind: slacktest.CutBody, Method: methodOpen, Count: 3})
			w.Cut(slacktest.Every)
		},
		"open has to rest": func(w *world) {
			w.Inject(slacktest.Fault{Kind: slacktest.RateLimited, Method: methodOpen})
			w.Cut(slacktest.Every)
		},
		"open hangs": func(w *world) {
			w.Inject(slacktest.Fault{Kind: slacktest.Hang, Method: methodOpen})
			w.Cut(slacktest.Every)
		},
		"handshake refused": func(w *world) {
			w.Inject(slacktest.Fault{Kind: slacktest.ServerError, Method: "socket", Count: 2})
			w.Cut(slacktest.Every)
		},
		"token refused a while": func(w *world) {
			w.Inject(slacktest.Fault{Kind: slacktest.ErrorAnswer, Method: methodOpen, Error: "invalid_auth"})
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
				if len(w.inlet.heard()) != 1 {
					t.Error("deaf after it came back")
				}
				opens := len(w.Requests(methodOpen))
				time.Sleep(time.Hour)
				if more := len(w.Requests(methodOpen)) - opens; more != 0 || opens > 8 {
					t.Errorf("%d sockets opened, and %d more in a quiet hour", opens, more)
				}
			})
		})
	}
}

func TestGoodbyeAfterEachHelloIsNotAskedWithoutEnd(t *testing.T) {
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
		if got := len(w.Requests(methodOpen)); got > 200 {
			t.Errorf("opened %d sockets in 10 minutes", got)
		}
	})
}

func TestOutageWithAFullQueueDoesNotLockUp(t *testing.T) {
	// SLACK.md D1: a consumer that acknowledges inline blocks for ever when the connection is lost with more than 20
	// acknowledgements pending and attempts to connect fill the rest of the queue.
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		release := make(chan struct{})
		w.inlet.setBefore(func(string) error { <-release; return nil })
		for i := range 300 {
			w.reply(fmt.Sprintf("message %d", i))
		}
		synctest.Wait()
		outage := w.Inject(slacktest.Fault{Kind: slacktest.ServerError, Method: methodOpen, Count: -1})
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
		if got := len(w.inlet.heard()); got != 301 {
			t.Errorf("heard %d of 301", got)
		}
	})
}

func TestBurstOverASlowDiskIsHeardWhole(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		var side, most atomic.Int32
		w.inlet.setBefore(func(string) error {
			n := side.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			time.Sleep(10 * time.Millisecond)
			side.Add(-1)
			return nil
		})
		for i := range 1000 {
			w.Say(w.ann.ID, w.dev.ID, fmt.Sprintf("<@U0AGEN> message %d", i))
		}
		time.Sleep(10 * time.Second)
		if got := len(w.inlet.heard()); got != 1000 {
			t.Errorf("heard %d of 1000", got)
		}
		if most.Load() < 16 {
			t.Errorf("%d at most were stored side by side: they can't share a commit", most.Load())
		}
		if s := w.AllSockets(); len(s) != 1 {
			t.Errorf("%d sockets: the burst cost a connection", len(s))
		}
	})
}

func TestOneThreadKeepsItsOrder(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		root := w.Say(w.ann.ID, w.dev.ID, "root")
		w.inlet.setBefore(func(string) error { time.Sleep(time.Millisecond); return nil })
		for range 100 {
			w.Say(w.ann.ID, w.dev.ID, "reply", slacktest.InThread(root))
		}
		time.Sleep(10 * time.Second)
		last := ""
		for _, m := range w.inlet.heard() {
			if last != "" && !tsAfter(m.TS, last) {
				t.Fatalf("%s after %s", m.TS, last)
			}
			last = m.TS
		}
	})
}

func TestEventsThatSlackGoRejectsAreHeard(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		w.InjectEvent(slacktest.EventFault{Kind: slacktest.Malformed, Count: -1})
		ts := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> fix it")
		synctest.Wait()
		if got := w.inlet.heard(); len(got) != 1 || got[0].TS != ts || got[0].Kind != bridge.Mention || !w.Acked(w.dev.ID, ts) {
			t.Errorf("heard %+v", got)
		}
		if w.watch.count("fallback events_api") == 0 {
			t.Errorf("counted %v: slack-go could read it, so the test shows nothing", w.watch.counts)
		}
	})
}

func TestUnknownEnvelopesAreAcknowledgedOnce(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		w.SendEnvelope("carrier_pigeon", json.RawMessage(`{"x":1}`))
		w.SendEnvelope("slash_commands", json.RawMessage(`{"command":"/agen"}`))
		w.SendEnvelope("events_api", json.RawMessage(`{"event":{"type":"brand_new","team":7}}`))
		w.SendEnvelope("events_api", json.RawMessage(`"?"`))
		w.SendEnvelope("interactive", json.RawMessage(`[]`))
		synctest.Wait()
		if got := len(w.Acks()); got != 5 {
			t.Errorf("%d of 5 acknowledged: %+v", got, w.watch.counts)
		}
	})
}

func TestABugInOneEventCostsThatEvent(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		w.inlet.setBefore(func(string) error { panic("the text of somebody's message") })
		ts := w.reply("one")
		synctest.Wait()
		w.inlet.setBefore(nil)
		if w.Acked(w.dev.ID, ts) || w.watch.count("event panicked") != 1 || w.log.has("somebody's") {
			t.Errorf("acked %v, counted %v\n%s", w.Acked(w.dev.ID, ts), w.watch.counts, w.log)
		}
		w.reply("two")
		synctest.Wait()
		if len(w.inlet.heard()) != 1 {
			t.Error("the next event isn't heard")
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
		if st := w.app.Status(); st.Foreign != 0 {
			t.Errorf("status %+v: both are ours", st)
		}
	})
}

func TestForeignSocketsAreSeen(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		other := newWorld(t, w.Started, nil)
		other.run(t)
		if st := other.app.Status(); st.Foreign != 1 || other.watch.others() != 1 || st.ForeignSince.IsZero() {
			t.Errorf("status %+v, want one foreign socket", st)
		}
	})
}

func TestRefusedTokensAreNamedAndTriedEachMinute(t *testing.T) {
	inBubble(t, slacktest.Config{}, func(c *Config) { c.AppToken = FixedToken("xapp-wrong") }, func(t *testing.T, w *world) {
		var token atomic.Value
		token.Store("xoxb-wrong")
		w.app.cfg.BotToken = func() string { return token.Load().(string) } //nolint:forcetypeassert // stored above
		w.app.wire.token = w.app.cfg.BotToken
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- w.app.Run(ctx, w.inlet) }()
		time.Sleep(10*time.Minute + time.Second)
		if s := w.app.Status(); s.BotTrouble != "invalid_auth" || s.Bot != "" || s.Up != 0 {
			t.Errorf("status %+v", s)
		}
		if got := len(w.Requests("auth.test")); got != 11 {
			t.Errorf("tried %d times in 10 minutes, want 11", got)
		}
		token.Store(w.Config().BotToken) // read from its file again
		time.Sleep(10 * time.Minute)
		if s := w.app.Status(); s.BotTrouble != "" || s.Bot != "U0AGEN" || s.AppTrouble != "invalid_auth" {
			t.Errorf("status %+v", s)
		}
		if got := strings.Count(w.log.String(), "slack refuses the token"); got != 2 {
			t.Errorf("told the log %d times, want once for each token\n%s", got, w.log)
		}
		for _, secret := range []string{"xoxb-wrong", "xapp-wrong", w.Config().BotToken} {
			if w.log.has(secret) {
				t.Errorf("%s is in the log", secret)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run returned %v", err)
		}
	})
}

func TestClicksPassTheGate(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		gus := w.AddUser(slacktest.User{Name: "gus", IsRestricted: true})
		ts := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> fix it")
		thread := place{w.dev.ID, ts}.key("T0ACME")
		post, err := w.app.Post(t.Context(), thread, bridge.Post{Key: "k", Text: "x", Buttons: []bridge.Button{{Action: bridge.Leave, Label: "Leave it"}}})
		if err != nil {
			t.Fatal(err)
		}
		w.Click(gus.ID, w.dev.ID, post, bridge.Leave)
		time.Sleep(time.Second)
		if len(w.inlet.pressed()) != 0 || clickAcks(w) != 1 || w.watch.count("click guest") != 1 {
			t.Errorf("a guest's click: pressed %v, counted %v", w.inlet.pressed(), w.watch.counts)
		}
		hang := w.Inject(slacktest.Fault{Kind: slacktest.Hang, Method: "users.info"})
		bea := w.AddUser(slacktest.User{Name: "bea"})
		w.Click(bea.ID, w.dev.ID, post, bridge.Leave)
		w.reply("meanwhile")
		synctest.Wait()
		if got := len(w.inlet.heard()); got != 2 {
			t.Errorf("heard %d: a click that waits holds up the messages", got)
		}
		time.Sleep(5 * time.Second)
		if len(w.inlet.pressed()) != 0 || clickAcks(w) != 1 || w.watch.count("click undecided") != 1 {
			t.Errorf("undecided click: pressed %v, counted %v", w.inlet.pressed(), w.watch.counts)
		}
		hang.Release()
		w.Click(bea.ID, w.dev.ID, post, bridge.Leave)
		time.Sleep(time.Second)
		if got := w.inlet.pressed(); len(got) != 1 || got[0] != (bridge.Click{Thread: thread, Post: "k", Action: bridge.Leave, By: bea.ID}) {
			t.Errorf("pressed %+v", got)
		}
	})
}

func clickAcks(w *world) int {
	n := 0
	for _, a := range w.Acks() {
		if a.Type == "block_actions" {
			n++
		}
	}
	return n
}

func TestEditsAndDeletionsAreHeard(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		ts := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> fix it")
		reply := w.Say(w.ann.ID, w.dev.ID, "and that", slacktest.InThread(ts))
		time.Sleep(time.Minute)
		w.Edit(w.ann.ID, w.dev.ID, ts, "<@U0AGEN> fix this")
		time.Sleep(time.Minute)
		if err := w.Unfurl(w.dev.ID, ts, "https://example.com"); err != nil {
			t.Fatal(err)
		}
		w.Delete(w.ann.ID, w.dev.ID, reply)
		w.Say(w.ann.ID, w.dev.ID, "one more", slacktest.InThread(ts))
		w.Delete(w.ann.ID, w.dev.ID, ts) // a tombstone, for it has a reply
		time.Sleep(time.Minute)
		var got []string
		for _, m := range w.inlet.heard() {
			if m.TS == ts {
				got = append(got, fmt.Sprint(m.Kind, " edited=", m.Edited != ""))
			}
		}
		if want := "[mention edited=false mention edited=true]"; fmt.Sprint(got) != want {
			t.Errorf("the mention was heard as %v, want %s", got, want)
		}
		key := place{w.dev.ID, ts}.key("T0ACME")
		want := []bridge.Deletion{{Thread: key, TS: reply}, {Thread: key, TS: ts}}
		if got := w.inlet.forgotten(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("forgotten %v, want %v", got, want)
		}
	})
}

func TestConversationsOfEveryKind(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		priv := w.AddChannel(slacktest.Channel{Name: "private", Kind: slacktest.Private})
		group := w.AddChannel(slacktest.Channel{Name: "group", Kind: slacktest.MPIM})
		dm, err := w.DM(w.ann.ID)
		if err != nil {
			t.Fatal(err)
		}
		for channel, want := range map[string]bridge.Kind{w.dev.ID: bridge.Mention, priv.ID: bridge.Mention, group.ID: bridge.Mention, dm: bridge.Direct} {
			before := len(w.inlet.heard())
			text := "<@U0AGEN> fix it"
			if channel == dm {
				text = "fix it"
			}
			ts := w.Say(w.ann.ID, channel, text)
			time.Sleep(time.Second)
			got := w.inlet.heard()[before:]
			if len(got) != 1 || got[0].Kind != want || got[0].TS != ts {
				t.Errorf("%s: heard %+v, want one %s", channel, got, want)
				continue
			}
			if r, err := w.app.Vet(t.Context(), got[0]); err != nil || r != bridge.Allowed {
				t.Errorf("%s: Vet = %q, %v", channel, r, err)
			}
			if p, err := w.app.Compose(t.Context(), got[0], bridge.Framing{First: true}); err != nil || !strings.HasSuffix(p.Text, "\n\nfix it") {
				t.Errorf("%s: composed %q, %v", channel, p.Text, err)
			}
		}
	})
}

func TestRunEndsInAnyWeather(t *testing.T) {
	for name, fault := range map[string]slacktest.Fault{
		"fine": {Kind: slacktest.Hang, Method: "none"}, "auth.test hangs": {Kind: slacktest.Hang, Method: "auth.test"},
		"open hangs": {Kind: slacktest.Hang, Method: methodOpen}, "handshake hangs": {Kind: slacktest.Hang, Method: "socket"},
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
