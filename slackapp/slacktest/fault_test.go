package slacktest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

func texts(msgs []slacktest.Message) []string {
	var out []string
	for _, m := range msgs {
		out = append(out, m.Text)
	}
	return out
}

// TestRequestFaults checks for each fault what the client sees and whether the post was made.
func TestRequestFaults(t *testing.T) {
	for _, c := range []struct {
		fault  slacktest.Fault
		status int    // 0: the request itself fails
		err    string // of Slack; "broken" for an answer that is no JSON
		posts  int
	}{
		{slacktest.Fault{Kind: slacktest.RateLimited, RetryAfter: 1500 * time.Millisecond}, 429, "ratelimited", 0},
		{slacktest.Fault{Kind: slacktest.RateLimitedSilent}, 429, "ratelimited", 0},
		{slacktest.Fault{Kind: slacktest.ServerError}, 500, "broken", 0},
		{slacktest.Fault{Kind: slacktest.ErrorAnswer, Error: "fatal_error"}, 200, "fatal_error", 0},
		{slacktest.Fault{Kind: slacktest.ErrorAnswer}, 200, "", 0},
		{slacktest.Fault{Kind: slacktest.CutConnection}, 0, "", 0},
		{slacktest.Fault{Kind: slacktest.ApplyLate, Delay: time.Minute}, 0, "", 1},
		{slacktest.Fault{Kind: slacktest.Slow, Delay: time.Minute}, 200, "", 1},
		{slacktest.Fault{Kind: slacktest.Duplicate}, 200, "", 2},
		{slacktest.Fault{Kind: slacktest.LoseAnswer}, 0, "", 1},
		{slacktest.Fault{Kind: slacktest.CutHeaders}, 200, "broken", 1},
		{slacktest.Fault{Kind: slacktest.CutBody}, 200, "broken", 1},
		{slacktest.Fault{Kind: slacktest.GarbageAnswer}, 200, "broken", 1},
	} {
		t.Run(string(c.fault.Kind)+c.fault.Error, func(t *testing.T) {
			bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, _, dev string) {
				c.fault.Method, c.fault.Channel = "chat.postMessage", dev
				rule := st.Inject(c.fault)
				status, code, after := raw(t, st, form("channel", dev, "text", "hi"))
				time.Sleep(time.Hour)
				posts := len(st.Messages(dev))
				if status != c.status || code != c.err || posts != c.posts || rule.Hits() != 1 {
					t.Errorf("got status %d, error %q, %d posts, %d hits; want %d, %q, %d, 1",
						status, code, posts, rule.Hits(), c.status, c.err, c.posts)
				}
				if want := map[bool]string{true: "2"}[c.fault.Kind == slacktest.RateLimited]; after != want {
					t.Errorf("got Retry-After %q, want %q", after, want)
				}
				if status, code, _ = raw(t, st, form("channel", dev, "text", "again")); status != 200 || code != "" {
					t.Errorf("got %d, %q for the next request, want it untouched", status, code)
				}
			})
		})
	}
}

// raw posts a message and reports the status, Slack's error and Retry-After.
func raw(t *testing.T, st *slacktest.Started, args map[string][]string) (int, string, string) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"channel": args["channel"][0], "text": args["text"][0]})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, st.APIURL+"chat.postMessage", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.GetBody = nil // or net/http repeats the request on its own
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Authorization", "Bearer "+st.Config().BotToken)
	resp, err := st.Client.Do(req)
	if err != nil {
		return 0, "", ""
	}
	defer resp.Body.Close()
	var answer struct {
		Error string `json:"error"`
	}
	if json.NewDecoder(resp.Body).Decode(&answer) != nil {
		answer.Error = "broken"
	}
	return resp.StatusCode, answer.Error, resp.Header.Get("Retry-After")
}

func TestSocketWithoutHello(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		st.Inject(slacktest.Fault{Kind: slacktest.NoHello, Method: "socket"})
		r, err := post(t, st, "apps.connections.open", st.Config().AppToken, nil)
		if err != nil {
			t.Fatal(err)
		}
		link, _ := r.body["url"].(string)
		conn, resp, err := websocket.Dial(t.Context(), link, &websocket.DialOptions{HTTPClient: st.Client})
		if err != nil {
			t.Fatal(err)
		}
		if resp.Body != nil {
			defer resp.Body.Close()
		}
		st.Say(ann, dev, "anybody there?")
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if _, frame, err := conn.Read(ctx); err == nil || ctx.Err() == nil {
			t.Errorf("got %s, %v; want an hour of nothing but pings", frame, err)
		}
	})
}

func TestHangEndsWithReleaseOrDisconnect(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, _, dev string) {
		rule := st.Inject(slacktest.Fault{Kind: slacktest.Hang, Method: "chat.postMessage", Count: 2})
		done := make(chan int, 1)
		go func() {
			status, _, _ := raw(t, st, form("channel", dev, "text", "patient"))
			done <- status
		}()
		synctest.Wait()
		if got := len(st.Messages(dev)); got != 0 {
			t.Errorf("got %d posts while the request hangs, want 0", got)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, st.APIURL+"chat.postMessage?text=gone&channel="+dev, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+st.Config().BotToken)
		if resp, err := st.Client.Do(req); err == nil {
			resp.Body.Close()
			t.Errorf("got an answer, want a timeout")
		}
		synctest.Wait()
		rule.Release()
		if status := <-done; status != http.StatusOK {
			t.Errorf("got status %d after the release, want 200", status)
		}
		if got, want := texts(st.Messages(dev)), []string{"patient"}; !slices.Equal(got, want) {
			t.Errorf("got posts %q, want %q", got, want)
		}
	})
}

func TestEventFaults(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		c := dial(t, st)
		for _, kind := range []slacktest.EventFaultKind{
			slacktest.Doubled, slacktest.Lost, slacktest.Reordered, slacktest.Malformed,
		} {
			st.InjectEvent(slacktest.EventFault{Kind: kind, Type: "message", Channel: dev})
		}
		for _, text := range []string{"doubled", "lost", "late", "broken", "plain"} {
			st.Say(ann, dev, text)
		}
		var got []string
		broken := false
		for range 5 {
			f := c.next()
			c.ack(f)
			var p struct {
				Event struct {
					Text   string `json:"text"`
					Blocks []struct {
						Text json.RawMessage `json:"text"`
					} `json:"blocks"`
				} `json:"event"`
			}
			if err := json.Unmarshal(f.Payload, &p); err != nil {
				t.Fatal(err)
			}
			got = append(got, p.Event.Text)
			broken = broken || len(p.Event.Blocks) > 0 && string(p.Event.Blocks[0].Text) == `"not an object"`
		}
		if want := []string{"doubled", "doubled", "broken", "late", "plain"}; !slices.Equal(got, want) || !broken {
			t.Errorf("got events %q, broken %t; want %q and one broken", got, broken, want)
		}
	})
}

func TestRateLimits(t *testing.T) {
	bubble(t, slacktest.Config{Limits: slacktest.SlackLimits()}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		ts := st.Say(ann, dev, "hello")
		call(t, st, "reactions.add", "channel", dev, "timestamp", ts, "name", "eyes")
		limited := 0
		for range 30 {
			r, err := post(t, st, "reactions.remove", st.Config().BotToken,
				form("channel", dev, "timestamp", ts, "name", "x"))
			if err != nil {
				t.Fatal(err)
			}
			if r.body["error"] == "ratelimited" {
				limited++
				if r.status != http.StatusTooManyRequests || r.retryAfter != "3" {
					t.Errorf("got status %d, Retry-After %q; want 429, 3", r.status, r.retryAfter)
				}
			}
		}
		if limited != 10 {
			t.Errorf("got %d of 30 calls limited, want 10", limited)
		}
		time.Sleep(3 * time.Second)
		if got := refused(t, st, "reactions.remove", "channel", dev, "timestamp", ts, "name", "x"); got != "no_reaction" {
			t.Errorf("got %s after the wait, want no_reaction", got)
		}
	})
}

// TestHooks visits the points at which a kill test can kill the app.
func TestHooks(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, _, dev string) {
		var seen []string
		note := func(point string) func(slacktest.Request) {
			return func(r slacktest.Request) {
				at := point
				if len(st.Messages(dev)) > 0 {
					at += ", there"
				}
				if r.Status == http.StatusOK {
					at += ", answered"
				}
				seen = append(seen, at)
			}
		}
		st.OnRequest(note("request"))
		st.OnApplied(note("applied"))
		st.OnAnswered(note("answer"))
		call(t, st, "chat.postMessage", "channel", dev, "text", "hi")
		synctest.Wait()
		want := []string{"request", "applied, there", "answer, there, answered"}
		if !slices.Equal(seen, want) {
			t.Errorf("got %q, want %q", seen, want)
		}
	})
}

func TestUnthreadedAndHoldAnswer(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		root := st.Say(ann, dev, "root")
		st.Inject(slacktest.Fault{Kind: slacktest.Unthreaded, Method: "chat.postMessage"})
		call(t, st, "chat.postMessage", "channel", dev, "thread_ts", root, "text", "astray")
		if got := len(st.Thread(dev, root)); got != 1 || len(st.Messages(dev)) != 2 {
			t.Errorf("got %d messages in the thread, want the post outside of it", got)
		}
		rule := st.Inject(slacktest.Fault{Kind: slacktest.HangAnswer, Method: "chat.postMessage"})
		done := make(chan int, 1)
		go func() {
			status, _, _ := raw(t, st, form("channel", dev, "text", "there"))
			done <- status
		}()
		synctest.Wait()
		if got := texts(st.Messages(dev)); !slices.Contains(got, "there") || len(done) > 0 {
			t.Errorf("got posts %q and %d answers, want the post and no answer yet", got, len(done))
		}
		rule.Release()
		if status := <-done; status != http.StatusOK {
			t.Errorf("got status %d after the release, want 200", status)
		}
	})
}

// TestSameSeedRepeatsTheRun checks that the same seed makes the same choices, and that probabilities are kept.
func TestSameSeedRepeatsTheRun(t *testing.T) {
	run := func(seed uint64) (hits []bool) {
		bubble(t, slacktest.Config{Seed: seed}, func(t *testing.T, st *slacktest.Started, _, dev string) {
			st.Inject(slacktest.Fault{Kind: slacktest.ServerError, Count: -1, Probability: 0.5})
			for range 40 {
				status, _, _ := raw(t, st, form("channel", dev, "text", "hi"))
				hits = append(hits, status == http.StatusInternalServerError)
			}
		})
		return hits
	}
	first := run(1)
	if !slices.Equal(first, run(1)) || slices.Equal(first, run(2)) {
		t.Error("got choices that don't follow the seed")
	}
	n := 0
	for _, hit := range first {
		if hit {
			n++
		}
	}
	if n < 10 || n > 30 {
		t.Errorf("got %d hits of 40 with a probability of one half", n)
	}
}
