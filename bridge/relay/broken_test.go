package relay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/bridge/relay"
	"github.com/agenbridge/agenbridge/slackapp/notes"
	"github.com/agenbridge/agenbridge/store"
)

// secret is message text that only the agent may see.
const secret = "XSECRETX"

// fragile implements both remotes. Its calls panic for the messages in breaks, with the
// message text.
type fragile struct {
	mu     sync.Mutex
	breaks map[string]string // by ts: the call that panics
	sent   []string
	posts  []string
}

func (f *fragile) ask(call, ts string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.breaks[ts] == call {
		panic("somebody said " + secret)
	}
	if call == "send" {
		f.sent = append(f.sent, ts)
	}
}

// Authorize implements bridge.Composer; the other methods implement the rest of
// bridge.Slack and bridge.Agen.
func (f *fragile) Authorize(_ context.Context, m bridge.Message) (bridge.Refusal, error) {
	f.ask("vet", m.TS)
	return bridge.Allowed, nil
}

func (f *fragile) ComposeCached(_ context.Context, m bridge.Message) (bridge.Prompt, bool) {
	f.ask("vet", m.TS)
	f.ask("compose", m.TS)
	return bridge.Prompt{Text: "text"}, true
}

func (f *fragile) Compose(_ context.Context, m bridge.Message, _ bridge.PromptContext) (bridge.Prompt, error) {
	f.ask("compose", m.TS)
	return bridge.Prompt{Text: "text"}, nil
}

func (f *fragile) Reread(_ context.Context, _ bridge.ThreadKey, ts string) (bridge.Message, error) {
	return bridge.Message{}, bridge.ClassNotFound
}

func (f *fragile) Post(_ context.Context, _ bridge.ThreadKey, p bridge.Post) (string, error) {
	f.ask("post", strings.Split(p.Key, ":")[0])
	f.mu.Lock()
	defer f.mu.Unlock()
	f.posts = append(f.posts, p.Key+" "+notes.Renderer{}.Render(p).Text)
	return "1.000001", nil
}

func (f *fragile) Update(context.Context, bridge.ThreadKey, string, bridge.Post) error { return nil }

func (f *fragile) Delete(context.Context, bridge.ThreadKey, string) error { return nil }

func (f *fragile) FindPost(context.Context, bridge.ThreadKey, string) (string, error) { return "", nil }

func (*fragile) OwnReactions(context.Context, bridge.ThreadKey, string) ([]string, error) {
	return nil, nil
}

func (*fragile) Link(context.Context, bridge.ThreadKey) string { return "" }

func (f *fragile) OwnPosts(context.Context, bridge.ThreadKey) ([]bridge.OwnPost, error) {
	return nil, nil
}

func (f *fragile) RemoveReaction(context.Context, bridge.ThreadKey, string, string) error { return nil }

func (f *fragile) AddReaction(_ context.Context, _ bridge.ThreadKey, ts, _ string) error {
	f.ask("react", ts)
	return nil
}

func (f *fragile) SendMessage(_ context.Context, _, _, client string) (agen.Event, error) {
	f.ask("send", client)
	f.ask("answer", client)
	return agen.Event{ID: "e" + client, ClientID: client, Status: agen.StatusCompleted}, nil
}

func (f *fragile) Timeline(context.Context, string, string, func(*agen.RawEvent) error) (string, error) {
	f.ask("timeline", "")
	return "", nil
}

func (f *fragile) CreateSession(context.Context, agen.SessionOptions) (agen.Session, error) {
	return agen.Session{ID: "s1"}, nil
}

func (f *fragile) ListSessions(context.Context) ([]agen.Session, error) {
	return nil, nil
}

// broke counts panics.
type broke struct {
	mu sync.Mutex
	n  map[string]int
}

func (b *broke) StepDone(bridge.Remote, bridge.StepKind, bridge.FaultClass, time.Duration) {}

func (b *broke) Audited(bridge.AuditEvent) {}

func (b *broke) Received(string) {}

func (b *broke) PanicCaught(where string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n[where]++
}

// TestAPanicCostsWhatItWasAboutAndNothingElse makes each call panic for the second of
// three messages, with the message text.
func TestAPanicCostsWhatItWasAboutAndNothingElse(t *testing.T) {
	for call, want := range map[string]struct {
		state bridge.DeliveryState
		sent  string
		notes int
	}{
		"vet":     {bridge.StateDead, "1.000001 3.000001", 1},
		"compose": {bridge.StateDead, "1.000001 3.000001", 1},
		"send":    {bridge.StateDead, "1.000001 3.000001", 1}, // after a look-up
		"react":   {bridge.StateDone, "1.000001 2.000001 3.000001", 0},
	} {
		t.Run(call, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := panics(t, call)
				second := w.rows.Messages["2.000001"]
				if second.State != want.state || (second.Fault == bridge.ClassPanic) != (want.state == bridge.StateDead) || second.Body != nil {
					t.Errorf("the message is %s with fault %q and %d bytes of text, want %s", second.State, second.Fault, len(second.Body), want.state)
				}
				if got := strings.Join(w.remotes.sent, " "); got != want.sent {
					t.Errorf("sent: got %s, want %s", got, want.sent)
				}
				told := strings.Count(strings.Join(w.remotes.posts, "\n"), "bug in this app")
				if told != want.notes {
					t.Errorf("notes: got %d, want %d: %q", told, want.notes, w.remotes.posts)
				}
				lines := strings.Count(w.log.String(), "a step hit a bug")
				if w.broke["step"] != 1 || lines != 1 || !strings.Contains(w.log.String(), "fragile") {
					t.Errorf("got %v counted and %d lines, want one of each that names the place:\n%s", w.broke, lines, w.log)
				}
				if strings.Contains(w.log.String(), secret) {
					t.Errorf("the words of a message are in the log:\n%s", w.log)
				}
			})
		})
	}
}

// panicked is the state after a panic.
type panicked struct {
	remotes *fragile
	rows    *bridge.ThreadState
	log     *bytes.Buffer
	broke   map[string]int
}

// panics relays three messages, one of which makes a call panic.
func panics(t *testing.T, call string) *panicked {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(t.TempDir(), "x.db"), Due: schedule.Due, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w := &panicked{remotes: &fragile{breaks: map[string]string{"2.000001": call}}, log: new(bytes.Buffer)}
	counts := &broke{n: map[string]int{}}
	r := relay.New(relay.Config{
		Intake: s, Lanes: s, Agen: w.remotes, Slack: w.remotes, Observer: counts,
		Log: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error)
	go func() { ran <- r.Run(ctx) }()
	for i, ts := range []string{"1.000001", "2.000001", "3.000001"} {
		m := bridge.Message{
			Thread: "T1/C1/1.000001", TS: ts, Author: "U1", Kind: bridge.KindReply, Digest: uint64(i), Root: i == 0,
			Body: json.RawMessage(`{"text":"` + secret + `"}`),
		}
		if i == 0 {
			m.Kind = bridge.KindMention
		}
		if _, err := r.AcceptMessage(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(3 * time.Minute)
	cancel()
	if err := <-ran; err != nil {
		t.Errorf("run: %v", err)
	}
	if w.rows, err = s.Rows(t.Context(), "T1/C1/1.000001"); err != nil {
		t.Fatal(err)
	}
	w.broke = counts.n
	return w
}
