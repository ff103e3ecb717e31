package relay_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/bridgetest"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/bridge/relay"
)

// drafting is a Slack that composes from memory and counts how often it does.
type drafting struct {
	silent
	composed int
	// meanwhile runs while a message is composed.
	meanwhile func()
}

func (d *drafting) ComposeCached(context.Context, bridge.Message) (bridge.Prompt, bool) {
	d.composed++
	if d.meanwhile != nil {
		d.meanwhile()
	}
	return bridge.Prompt{Text: "words"}, true
}

const draftThread = bridge.ThreadKey("T1/C1/1700000100.000001")

func draftReply(ts string) bridge.Message {
	return bridge.Message{Thread: draftThread, TS: ts, Author: "U1", Kind: bridge.KindReply, Digest: 7, Body: json.RawMessage(`{}`)}
}

// draftRelay is a relay on a store that has a thread with a session.
func draftRelay(t *testing.T, route string) (*relay.Relay, *drafting, *bridgetest.Store) {
	t.Helper()
	store, slack := bridgetest.NewStore(bridgetest.Config{Due: schedule.Due}), &drafting{}
	bind := func(state *bridge.ThreadState, at bridge.Instant) error {
		state.Thread = bridge.Thread{
			Rev: 1, Started: at.Now, StartTS: "1700000100.000001", Route: route,
			Session: bridge.Session{ID: "s1", Count: 1, HasContext: true, OpenedAt: at.Now},
		}
		return nil
	}
	if err := store.Accept(t.Context(), draftThread, nil, bind); err != nil {
		t.Fatal(err)
	}
	return relay.New(relay.Config{Intake: store, Lanes: store, Threads: store, Channels: store, Slack: slack}), slack, store
}

// stateOf returns the state of a message in the store.
func stateOf(t *testing.T, store *bridgetest.Store, ts string) bridge.DeliveryState {
	t.Helper()
	var state bridge.DeliveryState
	err := store.Accept(t.Context(), draftThread, []string{ts}, func(s *bridge.ThreadState, _ bridge.Instant) error {
		if m := s.Messages[ts]; m != nil {
			state = m.State
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func accept(t *testing.T, relay *relay.Relay, m bridge.Message) {
	t.Helper()
	if v, err := relay.AcceptMessage(t.Context(), m); err != nil || !v.New {
		t.Fatalf("accept: %+v, %v", v, err)
	}
}

// TestAMessageIsComposedBeforeTheStoreTakesIt: the store serves other threads while a
// message is being composed, no matter how long that takes.
func TestAMessageIsComposedBeforeTheStoreTakesIt(t *testing.T) {
	relay, slack, store := draftRelay(t, "")
	other := make(chan error, 1)
	slack.meanwhile = func() {
		slack.meanwhile = nil
		go func() {
			other <- store.Accept(context.Background(), "T1/C1/1700000200.000001", nil, func(*bridge.ThreadState, bridge.Instant) error { return nil })
		}()
		select {
		case err := <-other:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Error("another thread waits for a message to be composed")
		}
	}
	accept(t, relay, draftReply("1700000101.000001"))
	if got := stateOf(t, store, "1700000101.000001"); got != bridge.StateInFlight {
		t.Errorf("the message is %s, want in flight", got)
	}
}

// TestAStaleLookDropsTheDraft: another message arrives while the first one is being
// composed.
func TestAStaleLookDropsTheDraft(t *testing.T) {
	relay, slack, store := draftRelay(t, "")
	slack.meanwhile = func() {
		slack.meanwhile = nil
		accept(t, relay, draftReply("1700000101.000001"))
	}
	accept(t, relay, draftReply("1700000102.000001"))
	if got := stateOf(t, store, "1700000102.000001"); got != bridge.StateReady {
		t.Errorf("the message is %s, want ready", got)
	}
}

// TestAThreadWithoutItsRouteIsNotDrafted: the route was removed from the configuration.
// The message is held for a person, and nothing is in flight.
func TestAThreadWithoutItsRouteIsNotDrafted(t *testing.T) {
	relay, slack, store := draftRelay(t, "REMOVED")
	accept(t, relay, draftReply("1700000101.000001"))
	if slack.composed > 0 {
		t.Error("it was composed")
	}
	if got := stateOf(t, store, "1700000101.000001"); got != bridge.StateReady {
		t.Errorf("the message is %s, want ready", got)
	}
}

// TestNothingIsDraftedForOthersThanTheAgent checks that only messages for the agent are
// composed in advance.
func TestNothingIsDraftedForOthersThanTheAgent(t *testing.T) {
	for name, change := range map[string]func(m *bridge.Message){
		"a command":               func(m *bridge.Message) { m.Command = bridge.CommandStatus },
		"an aside":                func(m *bridge.Message) { m.Aside = bridge.AsideMark },
		"an edit":                 func(m *bridge.Message) { m.Edited = "1700000109.000001" },
		"what the backfill found": func(m *bridge.Message) { m.Backfilled = true },
		"a refused message":       func(m *bridge.Message) { m.Refused = bridge.RefusedGuest },
		"what an app said":        func(m *bridge.Message) { m.Kind = bridge.KindApp },
	} {
		relay, slack, _ := draftRelay(t, "")
		m := draftReply("1700000101.000001")
		change(&m)
		if _, err := relay.AcceptMessage(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if slack.composed > 0 {
			t.Errorf("%s is composed", name)
		}
	}
}

// TestNothingIsDraftedWhileStopping: no step would send the draft.
func TestNothingIsDraftedWhileStopping(t *testing.T) {
	relay, slack, store := draftRelay(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := relay.Run(ctx); err != nil {
		t.Fatal(err)
	}
	accept(t, relay, draftReply("1700000101.000001"))
	if got := stateOf(t, store, "1700000101.000001"); slack.composed > 0 || got != bridge.StateReady {
		t.Errorf("composed %d times, and the message is %s", slack.composed, got)
	}
}
