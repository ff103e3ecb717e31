package slacktest_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

func TestUnacknowledgedEventsAreDeliveredAgain(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		c := dial(t, st)
		start := time.Now()
		st.Say(ann, dev, "hello")
		ids, envelopes := map[string]bool{}, map[string]bool{}
		for attempt, at := range []time.Duration{0, 3 * time.Second, 66 * time.Second, 369 * time.Second} {
			f := c.next()
			ids[f.eventID()], envelopes[f.EnvelopeID] = true, true
			if f.RetryAttempt != attempt || time.Since(start) != at {
				t.Errorf("got attempt %d after %v, want %d after %v", f.RetryAttempt, time.Since(start), attempt, at)
			}
			if want := map[bool]string{true: "timeout"}[attempt > 0]; f.RetryReason != want {
				t.Errorf("got reason %q, want %q", f.RetryReason, want)
			}
		}
		if len(ids) != 1 || len(envelopes) != 4 {
			t.Errorf("got %d event ids in %d envelopes, want 1 in 4", len(ids), len(envelopes))
		}
		synctest.Wait()
		time.Sleep(time.Hour)
		if len(c.frames) != 0 {
			t.Errorf("got one more delivery, want none after the third retry")
		}
	})
}

func TestAckFates(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		c := dial(t, st)
		var hooked []slacktest.AckFate
		st.OnAck(func(a slacktest.Ack) { hooked = append(hooked, a.Fate) })
		ts := st.Say(ann, dev, "late")
		first := c.next()
		second := c.next() // after 3 s
		c.ack(first)
		c.ack(second)
		c.ack(second)
		c.ack(frame{EnvelopeID: "made-up"})
		st.WaitFor("the acknowledgement", func() bool { return st.Acked(dev, ts) && len(st.Acks()) == 4 })
		st.InjectEvent(slacktest.EventFault{Kind: slacktest.DropAcks})
		st.Say(ann, dev, "dropped")
		c.ack(c.next())
		again := c.next()
		c.ack(again)
		st.WaitFor("all acknowledgements", func() bool { return len(st.Acks()) == 6 })
		synctest.Wait()
		want := []slacktest.AckFate{
			slacktest.AckLate, slacktest.AckCounted, slacktest.AckRepeated, slacktest.AckUnknown,
			slacktest.AckDropped, slacktest.AckCounted,
		}
		if !slices.Equal(hooked, want) {
			t.Errorf("got fates %v, want %v", hooked, want)
		}
		if again.RetryAttempt != 1 {
			t.Errorf("got attempt %d, want the first retry", again.RetryAttempt)
		}
	})
}

func TestDisconnectReasons(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		for _, reason := range []slacktest.DisconnectReason{
			slacktest.Warning, slacktest.RefreshRequested, slacktest.LinkDisabled,
		} {
			c := dial(t, st)
			at := time.Now()
			st.Disconnect(slacktest.Every, reason)
			if f := c.next(); f.Type != "disconnect" || f.Reason != string(reason) {
				t.Fatalf("got %+v, want disconnect %s", f, reason)
			}
			st.Say(ann, dev, string(reason))
			<-c.ended
			life, got := time.Since(at), len(c.frames)
			if want := reason == slacktest.Warning; (got > 0) != want || (life >= 10*time.Second) != want {
				t.Errorf("%s: got %d more frames and %v to live; only after a warning there is more", reason, got, life)
			}
			synctest.Wait()
		}
		r, err := post(t, st, "apps.connections.open", st.Config().AppToken, nil)
		if err != nil || r.body["ok"] != false {
			t.Errorf("got %v, %v; want a refusal while the link is disabled", r.body, err)
		}
		st.EnableLink()
		dial(t, st)
	})
}

func TestSocketFaults(t *testing.T) {
	patient := slacktest.Config{RetryDelays: make([]time.Duration, 30)}
	bubble(t, patient, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		stopped, good := dial(t, st), dial(t, st)
		st.StopEvents(1)
		for range 20 {
			st.Say(ann, dev, "hello")
		}
		for range 20 {
			good.ack(good.next()) // some only after a retry
		}
		if len(stopped.frames) != 0 {
			t.Errorf("got %d frames on a socket with stopped events, want none", len(stopped.frames))
		}
		st.WaitFor("everything", func() bool {
			return !slices.ContainsFunc(st.Messages(dev), func(m slacktest.Message) bool { return !st.Acked(dev, m.TS) })
		})
		st.HalfOpen(2)
		time.Sleep(10 * time.Minute)
		if got := len(st.Sockets()); got != 2 {
			t.Errorf("got %d open sockets, want a half-open one to stay", got)
		}
		st.Cut(slacktest.Every)
		<-stopped.ended
		<-good.ended
		synctest.Wait()
		if got := len(st.Sockets()); got != 0 {
			t.Errorf("got %d open sockets after the cut, want 0", got)
		}
	})
}

func TestTicketsAndCounts(t *testing.T) {
	bubble(t, slacktest.Config{MaxSockets: 2}, func(t *testing.T, st *slacktest.Started, _, _ string) {
		dial(t, st)
		dial(t, st)
		third := dial(t, st)
		<-third.ended
		r, err := post(t, st, "apps.connections.open", st.Config().AppToken, nil)
		if err != nil {
			t.Fatal(err)
		}
		link, _ := r.body["url"].(string)
		time.Sleep(time.Minute)
		_, resp, err := websocket.Dial(t.Context(), link, &websocket.DialOptions{HTTPClient: st.Client})
		if resp != nil && resp.Body != nil {
			defer resp.Body.Close()
		}
		if err == nil || resp.StatusCode != http.StatusForbidden {
			t.Errorf("got %v, %v for an old ticket, want 403", resp, err)
		}
	})
}

func TestOfflinePolicies(t *testing.T) {
	for policy, want := range map[slacktest.OfflinePolicy]int{slacktest.OfflineRetry: 1, slacktest.OfflineDrop: 0} {
		bubble(t, slacktest.Config{Offline: policy}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
			st.Say(ann, dev, "anybody there?")
			time.Sleep(30 * time.Second)
			c := dial(t, st)
			time.Sleep(2 * time.Minute)
			if got := min(1, len(c.frames)); got != want {
				t.Errorf("policy %d: got %d deliveries, want %d", policy, got, want)
			}
		})
	}
}

func TestWaitEndsWithContextOrClose(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, _, _ string) {
		done := make(chan error, 1)
		go func() { done <- st.Wait(t.Context(), "a miracle", func() bool { return false }) }()
		synctest.Wait()
		st.Close()
		if err := <-done; !errors.Is(err, slacktest.ErrClosed) {
			t.Errorf("got %v, want ErrClosed", err)
		}
	})
}

func TestSocketLife(t *testing.T) {
	bubble(t, slacktest.Config{SocketLife: time.Minute}, func(t *testing.T, st *slacktest.Started, _, _ string) {
		start := time.Now()
		c := dial(t, st)
		for _, want := range []struct {
			reason slacktest.DisconnectReason
			at     time.Duration
		}{{slacktest.Warning, 50 * time.Second}, {slacktest.RefreshRequested, time.Minute}} {
			if f := c.next(); f.Reason != string(want.reason) || time.Since(start) != want.at {
				t.Errorf("got %q after %v, want %q after %v", f.Reason, time.Since(start), want.reason, want.at)
			}
		}
		<-c.ended
		if got, want := time.Since(start), 61*time.Second; got != want {
			t.Errorf("got the end after %v, want %v", got, want)
		}
	})
}

func TestStrictAcksOnOneSocket(t *testing.T) {
	bubble(t, slacktest.Config{StrictAcks: true}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		c := dial(t, st)
		st.Say(ann, dev, "hello")
		f := c.next()
		other := dial(t, st)
		other.ack(f)
		st.WaitFor("the first acknowledgement", func() bool { return len(st.Acks()) == 1 }) // the sockets race
		c.ack(f)
		st.WaitFor("both acknowledgements", func() bool { return len(st.Acks()) == 2 })
		fates := map[slacktest.AckFate]int{}
		for _, a := range st.Acks() {
			fates[a.Fate]++
		}
		if fates[slacktest.AckOtherSocket] != 1 || fates[slacktest.AckCounted] != 1 {
			t.Errorf("got fates %v, want one other_socket and one counted", fates)
		}
	})
}
