package slackapp

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/slack-go/slack/slackevents"

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

func TestEventThatCouldNotBeStoredIsDeliveredAgain(t *testing.T) {
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
		if got := w.inlet.messagesSeen(); len(got) != 1 || !w.Acked(w.dev.ID, ts) {
			t.Errorf("the inlet got %d times after the disk had room again", len(got))
		}
		if w.watch.count("event failed") != 2 || !w.log.Has("not acknowledged") || w.log.Has("secret words") {
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
		if got := len(w.inlet.messagesSeen()); got != 1 || !w.Acked(w.dev.ID, ts) || len(w.Deliveries("message")) != 2 {
			t.Errorf("the inlet got %d, delivered %d", got, len(w.Deliveries("message")))
		}
		if w.watch.count("event known_already") != 1 {
			t.Errorf("counted %v", w.watch.counts)
		}
	})
}

func TestBurstWithASlowDiskIsReceivedCompletely(t *testing.T) {
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
		if got := len(w.inlet.messagesSeen()); got != 1000 {
			t.Errorf("the inlet got %d of 1000", got)
		}
		if most.Load() < 16 {
			t.Errorf("%d at most were stored side by side: they can't share a commit", most.Load())
		}
		if s := w.AllSockets(); len(s) != 1 {
			t.Errorf("%d sockets: the burst cost a connection", len(s))
		}
	})
}

func TestMessagesOfOneThreadKeepTheirOrder(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		root := w.Say(w.ann.ID, w.dev.ID, "root")
		w.inlet.setBefore(func(string) error { time.Sleep(time.Millisecond); return nil })
		for range 100 {
			w.Say(w.ann.ID, w.dev.ID, "reply", slacktest.InThread(root))
		}
		time.Sleep(10 * time.Second)
		last := ""
		for _, m := range w.inlet.messagesSeen() {
			if last != "" && !bridge.TSBefore(last, m.TS) {
				t.Fatalf("%s after %s", m.TS, last)
			}
			last = m.TS
		}
	})
}

func TestEventsThatSlackGoRejectsAreReceived(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		w.InjectEvent(slacktest.EventFault{Kind: slacktest.Malformed, Count: -1})
		ts := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> fix it")
		synctest.Wait()
		if got := w.inlet.messagesSeen(); len(got) != 1 || got[0].TS != ts || got[0].Kind != bridge.KindMention || !w.Acked(w.dev.ID, ts) {
			t.Errorf("the inlet got %+v", got)
		}
		payload := w.Deliveries("app_mention")[0].Payload
		if _, err := slackevents.ParseEvent(payload, slackevents.OptionNoVerifyToken()); err == nil {
			t.Error("slack-go can read it, so the test shows nothing")
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

func TestPanicCostsOneEvent(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		w.inlet.setBefore(func(string) error { panic("the text of somebody's message") })
		ts := w.reply("one")
		synctest.Wait()
		w.inlet.setBefore(nil)
		if w.Acked(w.dev.ID, ts) || w.watch.count("event panicked") != 1 || w.log.Has("somebody's") {
			t.Errorf("acked %v, counted %v\n%s", w.Acked(w.dev.ID, ts), w.watch.counts, w.log)
		}
		w.reply("two")
		synctest.Wait()
		if len(w.inlet.messagesSeen()) != 1 {
			t.Error("the next event didn't reach the inlet")
		}
	})
}

func TestClicksPassTheGate(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		gus := w.AddUser(slacktest.User{Name: "gus", IsRestricted: true})
		ts := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> fix it")
		thread := location{w.dev.ID, ts}.key("T0ACME")
		post, err := w.app.Post(t.Context(), thread, bridge.Post{Key: "k", Text: "x", Buttons: []bridge.Button{{Action: bridge.ActionDismiss, Label: "Leave it"}}})
		if err != nil {
			t.Fatal(err)
		}
		w.Click(gus.ID, w.dev.ID, post, bridge.ActionDismiss)
		time.Sleep(time.Second)
		if got := w.inlet.clicksSeen(); len(got) != 1 || got[0].Refused != bridge.RefusedGuest || clickAcks(w) != 1 || w.watch.count("click guest") != 1 {
			t.Errorf("a guest's click: pressed %v, counted %v", got, w.watch.counts)
		}
		hang := w.Inject(slacktest.Fault{Kind: slacktest.Hang, Method: "users.info"})
		bea := w.AddUser(slacktest.User{Name: "bea"})
		w.Click(bea.ID, w.dev.ID, post, bridge.ActionDismiss)
		w.reply("meanwhile")
		synctest.Wait()
		if got := len(w.inlet.messagesSeen()); got != 2 {
			t.Errorf("the inlet got %d: a click that waits holds up the messages", got)
		}
		time.Sleep(5 * time.Second)
		if len(w.inlet.clicksSeen()) != 1 || clickAcks(w) != 1 || w.watch.count("click undecided") != 1 {
			t.Errorf("undecided click: pressed %v, counted %v", w.inlet.clicksSeen(), w.watch.counts)
		}
		hang.Release()
		w.Click(bea.ID, w.dev.ID, post, bridge.ActionDismiss)
		time.Sleep(time.Second)
		want := []bridge.Click{{Thread: thread, Post: "k", Action: bridge.ActionDismiss, By: bea.ID}}
		if diff := cmp.Diff(want, w.inlet.clicksSeen()[1:], cmpopts.IgnoreFields(bridge.Click{}, "TS", "Body", "ResponseURL")); diff != "" {
			t.Error(diff)
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

func TestEditsAndDeletionsAreReceived(t *testing.T) {
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
		for _, m := range w.inlet.messagesSeen() {
			if m.TS == ts {
				got = append(got, fmt.Sprint(m.Kind, " edited=", m.Edited != ""))
			}
		}
		if want := "[mention edited=false mention edited=true]"; fmt.Sprint(got) != want {
			t.Errorf("the mention arrived as %v, want %s", got, want)
		}
		key := location{w.dev.ID, ts}.key("T0ACME")
		want := []bridge.Deletion{{Thread: key, TS: reply}, {Thread: key, TS: ts}}
		if got := w.inlet.deletionsSeen(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("forgotten %v, want %v", got, want)
		}
	})
}

func TestConversationsOfEveryKindAreReceived(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		priv := w.AddChannel(slacktest.Channel{Name: "private", Kind: slacktest.Private})
		group := w.AddChannel(slacktest.Channel{Name: "group", Kind: slacktest.MPIM})
		dm, err := w.DM(w.ann.ID)
		if err != nil {
			t.Fatal(err)
		}
		for channel, want := range map[string]bridge.Kind{w.dev.ID: bridge.KindMention, priv.ID: bridge.KindMention, group.ID: bridge.KindMention, dm: bridge.KindDirect} {
			before := len(w.inlet.messagesSeen())
			text := "<@U0AGEN> fix it"
			if channel == dm {
				text = "fix it"
			}
			ts := w.Say(w.ann.ID, channel, text)
			time.Sleep(time.Second)
			got := w.inlet.messagesSeen()[before:]
			if len(got) != 1 || got[0].Kind != want || got[0].TS != ts {
				t.Errorf("%s: the inlet got %+v, want one %s", channel, got, want)
				continue
			}
			if r, err := w.app.Authorize(t.Context(), got[0]); err != nil || r != bridge.Allowed {
				t.Errorf("%s: Authorize = %q, %v", channel, r, err)
			}
			if p, err := w.app.Compose(t.Context(), got[0], bridge.PromptContext{NewSession: true}); err != nil || !strings.HasSuffix(p.Text, "\n\nfix it") {
				t.Errorf("%s: composed %q, %v", channel, p.Text, err)
			}
		}
	})
}
