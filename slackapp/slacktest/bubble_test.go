package slacktest_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// client is a bare Socket Mode client: it shows every frame and acknowledges only when told to.
type client struct {
	t      *testing.T
	conn   *websocket.Conn
	frames chan frame
	ended  chan struct{}
}

type frame struct {
	Type         string          `json:"type"`
	EnvelopeID   string          `json:"envelope_id"`
	Reason       string          `json:"reason"`
	RetryAttempt int             `json:"retry_attempt"`
	RetryReason  string          `json:"retry_reason"`
	Payload      json.RawMessage `json:"payload"`
	Connections  int             `json:"num_connections"`
}

func (f frame) eventID() string {
	var p struct {
		EventID string `json:"event_id"`
	}
	if json.Unmarshal(f.Payload, &p) != nil {
		return ""
	}
	return p.EventID
}

func post(t *testing.T, st *slacktest.Started, method, token string, form url.Values) (map[string]any, *http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, st.APIURL+method, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := st.Client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	var body map[string]any
	return body, resp, json.NewDecoder(resp.Body).Decode(&body)
}

// call is post that must be answered with ok.
func call(t *testing.T, st *slacktest.Started, method string, kv ...string) map[string]any {
	t.Helper()
	body, _, err := post(t, st, method, st.Config().BotToken, form(kv...))
	if err != nil || body["ok"] != true {
		t.Fatalf("%s: got %v, %v; want ok", method, body, err)
	}
	return body
}

// refused is post that must be answered with an error, which it returns.
func refused(t *testing.T, st *slacktest.Started, method string, kv ...string) string {
	t.Helper()
	body, _, err := post(t, st, method, st.Config().BotToken, form(kv...))
	if err != nil || body["ok"] != false {
		t.Fatalf("%s: got %v, %v; want a refusal", method, body, err)
	}
	code, _ := body["error"].(string)
	return code
}

func form(kv ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(kv); i += 2 {
		v.Set(kv[i], kv[i+1])
	}
	return v
}

func dial(t *testing.T, st *slacktest.Started) *client {
	t.Helper()
	body, _, err := post(t, st, "apps.connections.open", st.Config().AppToken, nil)
	if err != nil || body["ok"] != true {
		t.Fatalf("open: got %v, %v", body, err)
	}
	link, _ := body["url"].(string)
	conn, resp, err := websocket.Dial(t.Context(), link, &websocket.DialOptions{HTTPClient: st.Client})
	if err != nil {
		t.Fatalf("dial %s: %v", link, err)
	}
	if resp.Body != nil {
		defer resp.Body.Close()
	}
	conn.SetReadLimit(-1)
	c := &client{t: t, conn: conn, frames: make(chan frame, 1000), ended: make(chan struct{})}
	go func() {
		defer close(c.ended)
		for {
			_, raw, err := conn.Read(t.Context())
			if err != nil {
				return
			}
			var f frame
			if err := json.Unmarshal(raw, &f); err != nil {
				f.Type = "not json"
			}
			c.frames <- f
		}
	}()
	t.Cleanup(func() {
		_ = conn.CloseNow() // it may be closed already
		<-c.ended
	})
	if f := c.next(); f.Type != "hello" && f.Reason != "too_many_websockets" {
		t.Fatalf("got frame %+v first, want hello", f)
	}
	return c
}

func (c *client) next() frame {
	c.t.Helper()
	select {
	case f := <-c.frames:
		return f
	case <-time.After(time.Hour):
		c.t.Fatal("no frame for an hour")
		return frame{}
	}
}

func (c *client) ack(f frame) {
	c.t.Helper()
	raw, err := json.Marshal(map[string]string{"envelope_id": f.EnvelopeID})
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.conn.Write(c.t.Context(), websocket.MessageText, raw); err != nil {
		c.t.Fatalf("acknowledge: %v", err)
	}
}

func bubble(t *testing.T, cfg slacktest.Config, f func(t *testing.T, st *slacktest.Started, ann, dev string)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		st := slacktest.NewInMemory(t, cfg)
		st.Patience = 24 * time.Hour
		ann := st.AddUser(slacktest.User{Name: "ann"})
		st.AddUser(slacktest.User{Name: "bob"})
		dev := st.AddChannel(slacktest.Channel{Name: "dev"})
		f(t, st, ann.ID, dev.ID)
	})
}

func TestUnacknowledgedEventsComeAgain(t *testing.T) {
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

func TestAcknowledgementsAreJudged(t *testing.T) {
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
		body, _, err := post(t, st, "apps.connections.open", st.Config().AppToken, nil)
		if err != nil || body["ok"] != false {
			t.Errorf("got %v, %v; want a refusal while the link is disabled", body, err)
		}
		st.EnableLink()
		dial(t, st)
	})
}

func TestSpoiltSockets(t *testing.T) {
	patient := slacktest.Config{RetryDelays: make([]time.Duration, 30)}
	bubble(t, patient, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		deaf, good := dial(t, st), dial(t, st)
		st.Deafen(1)
		for range 20 {
			st.Say(ann, dev, "hello")
		}
		for range 20 {
			good.ack(good.next()) // some only after a retry
		}
		if len(deaf.frames) != 0 {
			t.Errorf("got %d frames on a deaf socket, want none", len(deaf.frames))
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
		<-deaf.ended
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
		body, _, err := post(t, st, "apps.connections.open", st.Config().AppToken, nil)
		if err != nil {
			t.Fatal(err)
		}
		link, _ := body["url"].(string)
		time.Sleep(time.Minute)
		_, resp, err := websocket.Dial(t.Context(), link, &websocket.DialOptions{HTTPClient: st.Client})
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

func TestWaitEnds(t *testing.T) {
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
