package policy

import (
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// TestAThreadInWhichEverythingBreaksStandsStill: the pause, which is the last resort,
// changes no record.
func TestAThreadInWhichEverythingBreaksStandsStill(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.do(w.policy.PauseAfterPanic())
	w.pass(unreadableFor - time.Second)
	w.wantNext(bridge.ToAgen, "", "")
	w.wantNext(bridge.ToSlack, "", "")
	w.pass(2 * time.Second)
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(2))
}

// TestALookUpThatBreaksIsDecidedByAPerson checks that it is held after some minutes.
func TestALookUpThatBreaksIsDecidedByAPerson(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.begin(ts(2))
	w.do(w.policy.AfterPanic(schedule.Step{Kind: bridge.StepLookUp, ID: ts(2)}))
	w.wantState(ts(2), bridge.StateInFlight)
	w.wantNext(bridge.ToAgen, "", "")
	w.pass(unreadableFor)
	w.do(w.policy.AfterPanic(schedule.Step{Kind: bridge.StepLookUp, ID: ts(2)}))
	w.wantState(ts(2), bridge.StateHeld)
	if got := w.row(ts(2)).Hold; got != bridge.HoldUnsure {
		t.Errorf("held: got %q, want %q", got, bridge.HoldUnsure)
	}
}

// TestAPostThatBreaksHoldsNobodyUp: a post that was not made is given up, one that may
// have been made is looked up, and a look-up that panics ends after some minutes.
func TestAPostThatBreaksHoldsNobodyUp(t *testing.T) {
	w := bound(t)
	post := func(key string) *bridge.PostRecord {
		w.do(func(state *bridge.ThreadState, at bridge.Instant) error {
			w.policy.UpsertPost(state, bridge.Post{Key: key, Text: "x"}, nil, at)
			return nil
		})
		return w.rows.Posts[key]
	}
	p := post("a:1")
	w.do(w.policy.AfterPanic(schedule.Step{Kind: bridge.StepPost, ID: p.Key}))
	if p.State != bridge.StateDead || p.Fault != bridge.ClassPanic {
		t.Errorf("a post that was not said: got %s, %q, want it given up", p.State, p.Fault)
	}
	p = post("a:2")
	w.do(w.policy.PostBegin(p.Key, p.Rev))
	w.do(w.policy.AfterPanic(schedule.Step{Kind: bridge.StepPost, ID: p.Key}))
	if p.State != bridge.StateInFlight {
		t.Errorf("a post that may have been said: got %s, want it looked for", p.State)
	}
	w.pass(unreadableFor)
	w.do(w.policy.AfterPanic(schedule.Step{Kind: bridge.StepFindPost, ID: p.Key}))
	if p.State != bridge.StateDead {
		t.Errorf("a post that can't be looked for: got %s, want it given up", p.State)
	}
}
