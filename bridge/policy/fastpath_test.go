package policy

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// draftOf returns a draft of the message.
func draftOf(m bridge.Message) *bridge.Draft {
	return &bridge.Draft{Digest: m.Digest, Prompt: bridge.Prompt{Text: "words"}}
}

// hearDrafted accepts a reply with its draft.
func (w *world) hearDrafted(m bridge.Message) {
	w.t.Helper()
	var v bridge.Result
	w.do(w.policy.AcceptMessage(m, draftOf(m), &v))
}

// TestAReplyDepartsAsItIsAccepted: the transaction that accepts the reply marks it as in
// flight, and the next step sends it.
func TestAReplyDepartsAsItIsAccepted(t *testing.T) {
	w := bound(t)
	w.pass(time.Minute)
	w.hearDrafted(said(2, bridge.KindReply))
	w.wantState(ts(2), bridge.StateInFlight)
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(2))
	if m := w.row(ts(2)); !m.Authorized || !m.InFlightSince.Equal(w.at.Now) {
		t.Errorf("vetted %t, begun at %v, want true and %v", m.Authorized, m.InFlightSince, w.at.Now)
	}
	if p, ok := w.rows.Volatile.FastSend.Take(); !ok || p.Text != "words" {
		t.Errorf("taken %q, %t", p.Text, ok)
	}
	w.wantNext(bridge.ToAgen, bridge.StepLookUp, ts(2))
	if p, ok := w.rows.Volatile.FastSend.Take(); ok {
		t.Errorf("taken twice: %q", p.Text)
	}
}

// TestADepartureThatIsForgottenIsLookedUp covers a crash between the mark and the send.
func TestADepartureThatIsForgottenIsLookedUp(t *testing.T) {
	w := bound(t)
	w.hearDrafted(said(2, bridge.KindReply))
	w.rows.Volatile = bridge.Volatile{}
	w.wantNext(bridge.ToAgen, bridge.StepLookUp, ts(2))
}

// TestWhatCannotGoAtOnceWaits checks that such a message waits for its turn.
func TestWhatCannotGoAtOnceWaits(t *testing.T) {
	for name, before := range map[string]func(w *world){
		"another is on its way": func(w *world) { w.hear(said(2, bridge.KindReply)); w.begin(ts(2)) },
		"another waits":         func(w *world) { w.hear(said(2, bridge.KindReply)) },
		"a later one was sent":  func(w *world) { w.hear(said(4, bridge.KindReply)); w.sent(ts(4)) },
		"Agen wants to be spared": func(w *world) {
			record.HoldStep(w.rows, bridge.StepSend, w.at.Now.Add(time.Minute))
		},
		"the agent has not seen what an app said": func(w *world) { w.hear(said(2, bridge.KindApp)) },
		"the session is gone": func(w *world) {
			w.do(func(state *bridge.ThreadState, at bridge.Instant) error {
				w.policy.CloseSession(state, at)
				return nil
			})
		},
		"there is no session yet":      func(w *world) { w.rows.Thread.Session = bridge.Session{} },
		"the session has nothing yet":  func(w *world) { w.rows.Thread.Session.HasContext = false },
		"the store may be an old copy": func(w *world) { w.at.Restored = w.at.Now },
	} {
		t.Run(name, func(t *testing.T) {
			w := bound(t)
			before(w)
			w.hearDrafted(said(3, bridge.KindReply))
			if m := w.row(ts(3)); m.State == bridge.StateInFlight {
				t.Error("it departs")
			}
		})
	}
}

// TestADraftOfOtherWordsIsDropped: the message is composed again when its turn comes.
func TestADraftOfOtherWordsIsDropped(t *testing.T) {
	for name, change := range map[string]func(d *bridge.Draft){
		"made of other words":  func(d *bridge.Draft) { d.Digest++ },
		"made for other roads": func(d *bridge.Draft) { d.Route = "WEB" },
	} {
		w := bound(t)
		w.pass(time.Minute)
		m := said(2, bridge.KindReply)
		d := draftOf(m)
		change(d)
		var v bridge.Result
		w.do(w.policy.AcceptMessage(m, d, &v))
		if got := w.row(ts(2)); got.State != bridge.StateReady || w.rows.Volatile.FastSend != nil {
			t.Errorf("a draft %s: the message is %s", name, got.State)
		}
	}
}

// TestOnlyWhatCanGoAtOnceMayBeDrafted: drafting costs CPU time and cached names, so it
// must not be wasted.
func TestOnlyWhatCanGoAtOnceMayBeDrafted(t *testing.T) {
	for name, c := range map[string]struct {
		before func(w *world)
		want   bool
	}{
		"nothing else is there": {func(*world) {}, true},
		"another waits":         {func(w *world) { w.hear(said(3, bridge.KindReply)) }, false},
		"it is known":           {func(w *world) { w.hear(said(2, bridge.KindReply)); w.sent(ts(2)) }, false},
		"no session is there":   {func(w *world) { w.rows.Thread.Session = bridge.Session{} }, false},
		"the session is closed": {func(w *world) { w.rows.Thread.Session.Closed = true }, false},
		"the thread is quiet":   {func(w *world) { w.rows.Thread.Replies = bridge.RepliesMentions }, false},
	} {
		w := bound(t)
		c.before(w)
		if got := w.policy.MayDraft(w.rows, said(2, bridge.KindReply)); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}

// TestWhatWasWrittenEarlierGoesFirst: an earlier message arrives between the mark and the
// send.
func TestWhatWasWrittenEarlierGoesFirst(t *testing.T) {
	w := bound(t)
	w.hearDrafted(said(3, bridge.KindReply))
	if schedule.Overtakes(w.rows, w.row(ts(3))) {
		t.Fatal("nothing else waits")
	}
	w.hearDrafted(said(2, bridge.KindReply))
	w.wantState(ts(2), bridge.StateReady)
	if !schedule.Overtakes(w.rows, w.row(ts(3))) {
		t.Fatal("it would go first")
	}
	w.do(w.policy.ReturnUnsent(ts(3)))
	w.wantState(ts(3), bridge.StateReady)
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(2))
}

// TestADepartureThatIsTakenBackEnds: the message was definitely not sent.
func TestADepartureThatIsTakenBackEnds(t *testing.T) {
	w := bound(t)
	w.hearDrafted(said(2, bridge.KindReply))
	w.forget(2)
	w.wantState(ts(2), bridge.StateInFlight)
	w.do(w.policy.ReturnUnsent(ts(2)))
	if m := w.row(ts(2)); m.State != bridge.StateDone || m.End != bridge.EndWithdrawn || m.Attempts != 0 {
		t.Errorf("got %s, %s after %d attempts", m.State, m.End, m.Attempts)
	}
	if slices.ContainsFunc(schedule.Steps(w.rows, bridge.ToAgen), func(s schedule.Step) bool { return s.ID == ts(2) }) {
		t.Error("something is still to be done with it")
	}
}

// TestADepartureTakesTheTurn of a message that is still being composed.
func TestADepartureTakesTheTurn(t *testing.T) {
	w := bound(t)
	w.hear(said(3, bridge.KindReply))
	rev := w.row(ts(3)).Rev
	w.hearDrafted(said(2, bridge.KindReply))
	w.wantState(ts(2), bridge.StateInFlight)
	if err := w.policy.Begin(ts(3), rev, bridge.PromptContext{}, bridge.Prompt{})(w.rows, w.at); !errors.Is(err, bridge.ErrChanged) {
		t.Errorf("begun as well: %v", err)
	}
}
