package policy

import (
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// left is a thread that moved to another session while the agent was working on its
// message.
func left(t *testing.T) *world {
	t.Helper()
	w := bound(t)
	w.do(func(state *bridge.ThreadState, at bridge.Instant) error { w.policy.StartOver(state, at); return nil })
	w.wantNext(bridge.ToAgen, bridge.StepReadLeft, "s1")
	return w
}

func (w *world) readsLeft(s agen.Status) {
	w.t.Helper()
	w.do(w.policy.LeftRead("s1", map[string]timeline.Entry{ts(1): {EventID: "ev-" + ts(1), ClientID: ts(1), Status: s}}, 0))
}

func TestAfterNewTheOldSessionIsReadUntilItsMessagesAreFinal(t *testing.T) {
	w := left(t)
	w.readsLeft(agen.StatusProcessing)
	if got := w.row(ts(1)).Reaction.Desired; got != "eyes" {
		t.Errorf("the message shows %q", got)
	}
	w.wantNext(bridge.ToAgen, "", "")
	w.pass(time.Second)
	w.wantNext(bridge.ToAgen, bridge.StepReadLeft, "s1")
	w.do(w.policy.LeftReadFailed("s1", &bridge.Fault{Class: bridge.ClassTemporary}))
	w.wantNext(bridge.ToAgen, "", "")
	w.pass(time.Minute)
	w.readsLeft(agen.StatusCompleted)
	if got := w.row(ts(1)).Reaction.Desired; got != "white_check_mark" {
		t.Errorf("the message shows %q", got)
	}
	w.pass(time.Hour)
	w.wantNext(bridge.ToAgen, "", "")
	if w.rows.Volatile.LeftReads["s1"] != (time.Time{}) {
		t.Error("the session is still to be read")
	}
}

func TestAfterNewTheOldSessionIsReadForWatchMaxAtMost(t *testing.T) {
	w := left(t)
	w.pass(720 * time.Hour)
	w.do(w.policy.LeftReadFailed("s1", &bridge.Fault{Class: bridge.ClassNotFound}))
	w.pass(time.Hour)
	w.wantNext(bridge.ToAgen, "", "")
	if m := w.row(ts(1)); m.End != bridge.EndAbandoned {
		t.Errorf("the message ends as %q", m.End)
	}
}

func TestTheEndOfTheNewSessionEndsNothingInTheOldOne(t *testing.T) {
	w := left(t)
	w.hear(said(2, bridge.KindMention))
	w.do(w.policy.Opened(ts(2), "s2"))
	w.do(func(state *bridge.ThreadState, at bridge.Instant) error { w.policy.CloseSession(state, at); return nil })
	if m := w.row(ts(1)); m.Final() {
		t.Error("the old message is not followed any more")
	}
}

func TestTheOldCardSaysHowItWentOn(t *testing.T) {
	w := newWorld(t)
	w.hear(said(1, bridge.KindMention))
	w.do(w.policy.Opened(ts(1), "s1"))
	w.sent(ts(1))
	card := w.rows.Posts["card:1"]
	w.do(w.policy.PostBegin(card.Key, card.Rev))
	w.do(w.policy.Posted(card.Key, ts(90), card.Edition))
	w.do(func(state *bridge.ThreadState, at bridge.Instant) error { w.policy.StartOver(state, at); return nil })
	if n := card.Note; n.Card.Phase != bridge.PhaseDisconnected || n.Count != 0 {
		t.Errorf("after new it says %+v", n)
	}
	w.hear(said(2, bridge.KindMention))
	w.do(w.policy.Opened(ts(2), "s2"))
	if n := card.Note; n.Card.Phase != bridge.PhaseLeft {
		t.Errorf("after the next session it says %+v", n.Card)
	}
}
