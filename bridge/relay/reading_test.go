package relay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/bridgetest"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/bridge/relay"
)

// reading is a relay and a Slack thread that the relay may have to read. The relay may
// not have received events for some of the messages in the thread.
type reading struct {
	bridge.Slack // all but Find
	t            *testing.T
	now          time.Time
	relay        *relay.Relay
	store        *bridgetest.Store
	thread       []bridge.Message
	session      int
	sent         []string // session/ts
	refuse       string   // ts
	ready        bool     // messages are composed when they arrive
}

func newReading(t *testing.T) *reading {
	t.Helper()
	w := &reading{t: t, now: time.Unix(1_700_000_000, 0)}
	w.store = bridgetest.NewStore(bridgetest.Config{Now: func() time.Time { return w.now }, Due: schedule.Due})
	w.relay = relay.New(relay.Config{
		Intake: w.store, Lanes: w.store, Agen: (*readingAgen)(w), Slack: w, Now: func() time.Time { return w.now },
	})
	return w
}

func readingTS(n int) string { return "1700000000.00000" + strconv.Itoa(n) }

// say writes a message without delivering an event for it.
func (w *reading) say(n int, kind bridge.Kind) bridge.Message {
	m := bridge.Message{Thread: simThread, TS: readingTS(n), Author: "U1", Kind: kind, Digest: uint64(n), Body: json.RawMessage(`{}`)}
	w.thread = append(w.thread, m)
	return m
}

func (w *reading) hear(m bridge.Message) {
	w.t.Helper()
	if _, err := w.relay.AcceptMessage(context.Background(), m); err != nil {
		w.t.Fatal(err)
	}
}

// work takes the steps that are due within a minute.
func (w *reading) work() {
	w.t.Helper()
	for range 60 {
		w.now = w.now.Add(time.Second)
		for _, remote := range []bridge.Remote{bridge.ToAgen, bridge.ToSlack} {
			for more := true; more; {
				var err error
				if more, err = w.relay.Step(context.Background(), remote); err != nil {
					w.t.Fatal(err)
				}
			}
		}
	}
}

// press clicks a button of the post whose key has the prefix.
func (w *reading) press(key, action string) {
	w.t.Helper()
	state, err := w.store.Rows(context.Background(), simThread)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range state.Posts {
		if strings.HasPrefix(p.Key, key) {
			v, err := w.relay.AcceptClick(context.Background(), bridge.Click{Thread: simThread, Post: p.Key, Action: action, By: "U2"})
			if err != nil || !v.New {
				w.t.Errorf("press %s: %+v, %v", action, v, err)
			}
			return
		}
	}
	w.t.Errorf("there is no note %s", key)
}

func (w *reading) want(want ...string) {
	w.t.Helper()
	if !slices.Equal(w.sent, want) {
		w.t.Errorf("sent %v, want %v", w.sent, want)
	}
}

func (w *reading) OwnReactions(context.Context, bridge.ThreadKey, string) ([]string, error) {
	return nil, nil
}

func (w *reading) OwnPosts(context.Context, bridge.ThreadKey) ([]bridge.OwnPost, error) {
	return nil, nil
}

func (w *reading) Authorize(context.Context, bridge.Message) (bridge.Refusal, error) {
	return bridge.Allowed, nil
}

func (w *reading) Reread(_ context.Context, _ bridge.ThreadKey, ts string) (bridge.Message, error) {
	i := slices.IndexFunc(w.thread, func(m bridge.Message) bool { return m.TS == ts })
	return w.thread[i], nil
}

func (w *reading) ComposeCached(context.Context, bridge.Message) (bridge.Prompt, bool) {
	return bridge.Prompt{}, w.ready
}

func (w *reading) Compose(_ context.Context, m bridge.Message, f bridge.PromptContext) (bridge.Prompt, error) {
	p := bridge.Prompt{Text: m.TS}
	for _, l := range w.thread {
		if f.NewSession && l.TS > m.TS {
			p.EarlyReplies = append(p.EarlyReplies, l)
		}
	}
	return p, nil
}

func (w *reading) Post(context.Context, bridge.ThreadKey, bridge.Post) (string, error) {
	return readingTS(9), nil
}

func (w *reading) Update(context.Context, bridge.ThreadKey, string, bridge.Post) error { return nil }

func (w *reading) AddReaction(context.Context, bridge.ThreadKey, string, string) error { return nil }

func (w *reading) RemoveReaction(context.Context, bridge.ThreadKey, string, string) error { return nil }

// readingAgen completes every message at once.
type readingAgen reading

func (a *readingAgen) CreateSession(context.Context, agen.SessionOptions) (agen.Session, error) {
	a.session++
	return agen.Session{ID: fmt.Sprintf("s%d", a.session)}, nil
}

func (a *readingAgen) SendMessage(_ context.Context, session, _, clientID string) (agen.Event, error) {
	switch {
	case session != fmt.Sprintf("s%d", a.session):
		return agen.Event{}, &agen.Error{Class: agen.ClassNotFound}
	case clientID == a.refuse:
		return agen.Event{}, &agen.Error{Class: agen.ClassRejected}
	}
	a.sent = append(a.sent, session+"/"+clientID)
	return agen.Event{ID: "e" + clientID, ClientID: clientID, Status: agen.StatusCompleted}, nil
}

func (a *readingAgen) Timeline(_ context.Context, session, _ string, _ func(*agen.RawEvent) error) (string, error) {
	if session != fmt.Sprintf("s%d", a.session) {
		return "", &agen.Error{Class: agen.ClassNotFound}
	}
	return "", nil
}

func (a *readingAgen) ListSessions(context.Context) ([]agen.Session, error) {
	return nil, nil
}

// The messages of the previous session are at rest, and reading the thread finds them.
func TestANewSessionIsNotSentWhatTheOldOneHad(t *testing.T) {
	w := newReading(t)
	w.hear(w.say(1, bridge.KindMention))
	w.work()
	w.refuse = readingTS(2)
	w.hear(w.say(2, bridge.KindReply))
	w.hear(w.say(3, bridge.KindReply))
	w.work()
	w.want("s1/"+readingTS(1), "s1/"+readingTS(3))
	w.refuse = ""
	w.session++ // the previous one is gone
	w.press("failed:"+readingTS(2), bridge.ActionRetry)
	for range 3 {
		w.work()
	}
	w.press("closed:1", bridge.ActionRestart)
	w.work()
	w.want("s1/"+readingTS(1), "s1/"+readingTS(3), "s3/"+readingTS(2))
}

// A mention that is delivered after a later one still starts the thread, and the replies
// between them go to the agent.
func TestAMentionThatComesLateBringsItsReplies(t *testing.T) {
	w := newReading(t)
	first, reply, second := w.say(1, bridge.KindMention), w.say(2, bridge.KindReply), w.say(3, bridge.KindMention)
	w.hear(second)
	w.work()
	w.hear(reply) // treated as context, because the thread began after it
	w.work()
	w.hear(first)
	w.work()
	w.want("s1/"+readingTS(3), "s1/"+readingTS(1), "s1/"+readingTS(2))
}

// A message that is in flight since it was accepted is sent once, even if that happens
// late: workers may be busy, and a look-up counts from the mark.
func TestADepartureGoesOnceHoweverLateItLeaves(t *testing.T) {
	for _, late := range []time.Duration{0, 4 * time.Second, 6 * time.Second, time.Hour} {
		w := newReading(t)
		w.hear(w.say(1, bridge.KindMention))
		w.work()
		w.ready = true
		w.hear(w.say(2, bridge.KindReply))
		state, err := w.store.Rows(context.Background(), simThread)
		if err != nil || state.Messages[readingTS(2)].State != bridge.StateInFlight {
			t.Fatalf("it has not begun (%v)", err)
		}
		w.now = w.now.Add(late)
		w.work()
		w.want("s1/"+readingTS(1), "s1/"+readingTS(2))
	}
}
