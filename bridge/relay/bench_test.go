package relay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/bridgetest"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/bridge/relay"
)

// gateway is Agen behind the real client, without a network. It has one timeline for all
// sessions, and counts how often the timeline is read.
type gateway struct {
	timeline []byte
	sessions int
	reads    int
}

func (g *gateway) RoundTrip(req *http.Request) (*http.Response, error) {
	body := g.timeline
	switch {
	case req.Method == http.MethodGet:
		g.reads++
	case req.URL.Path == "/api/v1/sessions":
		g.sessions++
		body = fmt.Appendf(nil, `{"id":"s%d","title":"","workspace_id":"w","user_id":"u","branch_name":null,"auto_commit":false,`+
			`"status":"open","origin":"api","created_at":"2026-11-02T10:00:00Z","updated_at":"2026-11-02T10:00:00Z"}`, g.sessions)
	default:
		body = eventOf("sent", agen.EventUserMessage, "completed", 0)
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(body)), Request: req,
	}, nil
}

func eventOf(id string, kind agen.EventType, status string, n int) []byte {
	return fmt.Appendf(nil, `{"id":%q,"session_id":"s1","type":%q,"payload":{"type":%q,"message":"step %d is done","path":"store/file_%d.go"},`+
		`"status":%q,"client_id":null,"session_goal_id":null,"session_task_id":null,"created_at":"2026-11-02T10:00:00Z","updated_at":"2026-11-02T10:00:00.%06dZ"}`,
		id, kind, kind, n, n, status, n)
}

// grow adds events to a timeline, from the given number on: an answer after nine events
// of work.
func grow(timeline []byte, from, events int) []byte {
	timeline = bytes.TrimSuffix(timeline, []byte("]"))
	for i := from; i < from+events; i++ {
		if i > 0 {
			timeline = append(timeline, ',')
		}
		kind := agen.EventAgentFileEdit
		if i%10 == 9 {
			kind = agen.EventAgentMessage
		}
		timeline = append(timeline, eventOf(fmt.Sprintf("ev_%06d", i), kind, "completed", i)...)
	}
	return append(timeline, ']')
}

// silent is a Slack in which every call succeeds and nobody writes.
type silent struct{ posts int }

func (s *silent) Authorize(context.Context, bridge.Message) (bridge.Refusal, error) {
	return bridge.Allowed, nil
}

func (s *silent) ComposeCached(context.Context, bridge.Message) (bridge.Prompt, bool) {
	return bridge.Prompt{}, false
}

func (s *silent) Compose(context.Context, bridge.Message, bridge.PromptContext) (bridge.Prompt, error) {
	return bridge.Prompt{Text: "do it"}, nil
}

func (s *silent) Reread(_ context.Context, thread bridge.ThreadKey, ts string) (bridge.Message, error) {
	return bridge.Message{Thread: thread, TS: ts, Author: "U1", Kind: bridge.KindMention, Body: json.RawMessage("{}")}, nil
}

func (s *silent) Post(context.Context, bridge.ThreadKey, bridge.Post) (string, error) {
	s.posts++
	return fmt.Sprintf("1800000000.%06d", s.posts), nil
}

func (s *silent) Update(context.Context, bridge.ThreadKey, string, bridge.Post) error { return nil }

func (s *silent) Delete(context.Context, bridge.ThreadKey, string) error { return nil }

func (*silent) OwnPosts(context.Context, bridge.ThreadKey) ([]bridge.OwnPost, error) {
	return nil, nil
}

func (*silent) OwnReactions(context.Context, bridge.ThreadKey, string) ([]string, error) {
	return nil, nil
}

func (*silent) Link(context.Context, bridge.ThreadKey) string { return "" }

func (s *silent) FindPost(context.Context, bridge.ThreadKey, string) (string, error) { return "", nil }

func (s *silent) AddReaction(context.Context, bridge.ThreadKey, string, string) error { return nil }

func (s *silent) RemoveReaction(context.Context, bridge.ThreadKey, string, string) error { return nil }

// quietTown is a relay whose clock advances only when the relay has nothing to do.
type quietTown struct {
	b     *testing.B
	now   time.Time
	agen  *gateway
	slack *silent
	store *bridgetest.Store
	relay *relay.Relay
}

func newQuietTown(b *testing.B) *quietTown {
	b.Helper()
	t := &quietTown{b: b, now: time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC), agen: &gateway{timeline: []byte("[]")}, slack: &silent{}}
	client, err := agen.New(agen.Config{Key: "agen-key", HTTPClient: &http.Client{Transport: t.agen}})
	if err != nil {
		b.Fatal(err)
	}
	now := func() time.Time { return t.now }
	t.store = bridgetest.NewStore(bridgetest.Config{Now: now, Due: schedule.Due, Retention: time.Minute})
	t.relay = relay.New(relay.Config{Intake: t.store, Lanes: t.store, Agen: client, Slack: t.slack, Now: now})
	return t
}

// mention starts a thread.
func (t *quietTown) mention(n int) {
	t.b.Helper()
	ts := fmt.Sprintf("1700000000.%06d", n)
	_, err := t.relay.AcceptMessage(t.b.Context(), bridge.Message{
		Thread: bridge.ThreadKey("T1/C1/" + ts), TS: ts, Author: "U1", Kind: bridge.KindMention, Root: true, Body: json.RawMessage("{}"),
	})
	if err != nil {
		t.b.Fatal(err)
	}
}

// settle takes all steps that are due now.
func (t *quietTown) settle() {
	t.b.Helper()
	for {
		busy := false
		for _, remote := range []bridge.Remote{bridge.ToAgen, bridge.ToSlack} {
			did, err := t.relay.Step(t.b.Context(), remote)
			if err != nil {
				t.b.Fatal(err)
			}
			busy = busy || did
		}
		if !busy {
			return
		}
	}
}

// pass advances the time, from one due step to the next.
func (t *quietTown) pass(d time.Duration) {
	t.b.Helper()
	for end := t.now.Add(d); t.now.Before(end); {
		t.settle()
		agenWait, _ := t.store.Due(bridge.ToAgen)
		slackWait, _ := t.store.Due(bridge.ToSlack)
		t.now = t.now.Add(max(time.Millisecond, min(agenWait, slackWait, end.Sub(t.now))))
	}
}

// poll advances to the next read of the timeline.
func (t *quietTown) poll() {
	t.b.Helper()
	for reads := t.agen.reads; t.agen.reads == reads; {
		if wait, _ := t.store.Due(bridge.ToAgen); wait > 0 {
			t.now = t.now.Add(wait)
		}
		if _, err := t.relay.Step(t.b.Context(), bridge.ToAgen); err != nil {
			t.b.Fatal(err)
		}
	}
}

// forget deletes the records that have been at rest for a while. The reference store
// scans all records at each step, which the production store doesn't do.
func (t *quietTown) forget() {
	t.b.Helper()
	if err := t.store.Prune(t.b.Context()); err != nil {
		t.b.Fatal(err)
	}
}

// BenchmarkPoll reads a timeline with ten new events, one of them a message of the agent,
// and makes the decision that follows. The bytes come from memory, so it measures the
// time of the client and the bridge. Each round drops the ten events of the previous one,
// so that the timeline doesn't grow.
func BenchmarkPoll(b *testing.B) {
	for _, events := range []int{1_000, 10_000, 50_000} {
		b.Run(fmt.Sprint(events), func(b *testing.B) {
			t := newQuietTown(b)
			t.mention(1)
			t.settle()
			seen := slices.Grow(grow([]byte("["), 0, events-10), 16<<10) // and room for ten more
			t.agen.timeline = seen
			for before := -1; t.slack.posts != before; { // until a read finds no news
				before = t.slack.posts
				t.poll()
				t.settle()
			}
			posts := t.slack.posts
			b.ReportAllocs()
			for next := events - 10; b.Loop(); next += 10 {
				b.StopTimer()
				t.agen.timeline = grow(seen[:len(seen)-1], next, 10)
				b.StartTimer()
				t.poll()
				b.StopTimer()
				t.settle()
				t.forget()
				if posts++; t.slack.posts != posts {
					b.Fatalf("posts: got %d, want %d", t.slack.posts, posts)
				}
				b.StartTimer()
			}
		})
	}
}

// BenchmarkSilence counts how often 1,000 idle sessions are read per hour: after two
// hours of silence, and after two days.
func BenchmarkSilence(b *testing.B) {
	for b.Loop() {
		t := newQuietTown(b)
		for n := range 1_000 {
			t.mention(n)
		}
		t.settle()
		b.ReportMetric(float64(t.readsInAnHour(2*time.Hour)), "reads/h")
		b.ReportMetric(float64(t.readsInAnHour(48*time.Hour)), "reads/h-later")
	}
}

// readsInAnHour counts the reads of one hour in the future. The time until then is
// skipped, except for the last hour, in which the polling intervals settle.
func (t *quietTown) readsInAnHour(after time.Duration) int {
	t.now = t.now.Add(after)
	t.pass(time.Hour)
	before := t.agen.reads
	t.pass(time.Hour)
	return t.agen.reads - before
}
