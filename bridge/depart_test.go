package bridge

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// composed is what a message says when nobody has to be asked.
func composed() (Prompt, bool) { return Prompt{Text: "words"}, true }

// heardReady is a reply that comes in composed.
func (w *world) hearReady(m Message) {
	w.t.Helper()
	var v Result
	w.do(w.policy.AcceptMessage(m, composed, &v))
}

// TestAReplyDepartsAsItIsAccepted: the accept begins it, and the next step
// sends it.
func TestAReplyDepartsAsItIsAccepted(t *testing.T) {
	w := bound(t)
	w.pass(time.Minute)
	w.hearReady(said(2, KindReply))
	w.wantState(ts(2), StateInFlight)
	w.wantNext(ToAgen, StepSend, ts(2))
	if m := w.row(ts(2)); !m.Authorized || !m.InFlightSince.Equal(w.at.Now) {
		t.Errorf("vetted %t, begun at %v, want true and %v", m.Authorized, m.InFlightSince, w.at.Now)
	}
	if p, ok := w.rows.Volatile.FastSend.take(); !ok || p.Text != "words" {
		t.Errorf("taken %q, %t", p.Text, ok)
	}
	w.wantNext(ToAgen, StepLookUp, ts(2))
	if p, ok := w.rows.Volatile.FastSend.take(); ok {
		t.Errorf("taken twice: %q", p.Text)
	}
}

// TestADepartureThatIsForgottenIsLookedUp: as after a crash.
func TestADepartureThatIsForgottenIsLookedUp(t *testing.T) {
	w := bound(t)
	w.hearReady(said(2, KindReply))
	w.rows.Volatile = Volatile{}
	w.wantNext(ToAgen, StepLookUp, ts(2))
}

// TestWhatCannotGoAtOnceWaits in its place, as ever.
func TestWhatCannotGoAtOnceWaits(t *testing.T) {
	for name, before := range map[string]func(w *world){
		"another is on its way": func(w *world) { w.hear(said(2, KindReply)); w.begin(ts(2)) },
		"another waits":         func(w *world) { w.hear(said(2, KindReply)) },
		"a later one was sent":  func(w *world) { w.hear(said(4, KindReply)); w.sent(ts(4)) },
		"Agen wants to be spared": func(w *world) {
			w.rows.hold(StepSend, w.at.Now.Add(time.Minute))
		},
		"the agent has not seen what an app said": func(w *world) { w.hear(said(2, KindApp)) },
		"the session is gone": func(w *world) {
			w.do(func(r *ThreadState, at Instant) error { w.policy.sessionClosed(r, at); return nil })
		},
		"there is no session yet":      func(w *world) { w.rows.Thread.Session = Session{} },
		"the session has nothing yet":  func(w *world) { w.rows.Thread.Session.HasContext = false },
		"the store may be an old copy": func(w *world) { w.at.Restored = w.at.Now },
	} {
		t.Run(name, func(t *testing.T) {
			w := bound(t)
			before(w)
			w.hearReady(said(3, KindReply))
			if m := w.row(ts(3)); m.State == StateInFlight {
				t.Error("it departs")
			}
		})
	}
}

// TestWhatIsNotForTheAgentIsNotComposed.
func TestWhatIsNotForTheAgentIsNotComposed(t *testing.T) {
	r := New(Config{})
	for name, change := range map[string]func(m *Message){
		"a command":          func(m *Message) { m.Command = CommandStatus },
		"an aside":           func(m *Message) { m.Aside = AsideMark },
		"an edit":            func(m *Message) { m.Edited = ts(9) },
		"what a sweep found": func(m *Message) { m.Backfilled = true },
		"a refused message":  func(m *Message) { m.Refused = RefusedGuest },
		"what an app said":   func(m *Message) { m.Kind = KindApp },
	} {
		m := said(2, KindReply)
		change(&m)
		if r.composeCached(t.Context(), m) != nil {
			t.Errorf("%s would be composed", name)
		}
	}
	if r.composeCached(t.Context(), said(2, KindReply)) == nil {
		t.Error("a reply is not composed")
	}
}

// TestWhatWasWrittenEarlierGoesFirst: it came in between the mark and the send.
func TestWhatWasWrittenEarlierGoesFirst(t *testing.T) {
	w := bound(t)
	w.hearReady(said(3, KindReply))
	if w.rows.overtakes(w.row(ts(3))) {
		t.Fatal("nothing else waits")
	}
	w.hearReady(said(2, KindReply))
	w.wantState(ts(2), StateReady)
	if !w.rows.overtakes(w.row(ts(3))) {
		t.Fatal("it would go first")
	}
	w.do(w.policy.returnUnsent(ts(3)))
	w.wantState(ts(3), StateReady)
	w.wantNext(ToAgen, StepSend, ts(2))
}

// TestADepartureThatIsTakenBackEnds: it had certainly not been sent.
func TestADepartureThatIsTakenBackEnds(t *testing.T) {
	w := bound(t)
	w.hearReady(said(2, KindReply))
	w.forget(2)
	w.wantState(ts(2), StateInFlight)
	w.do(w.policy.returnUnsent(ts(2)))
	if m := w.row(ts(2)); m.State != StateDone || m.End != EndWithdrawn || m.Attempts != 0 {
		t.Errorf("got %s, %s after %d attempts", m.State, m.End, m.Attempts)
	}
	if slices.ContainsFunc(w.rows.steps(ToAgen), func(s step) bool { return s.row == ts(2) }) {
		t.Error("something is still to be done with it")
	}
}

// TestADepartureTakesTheTurn of what is being composed meanwhile.
func TestADepartureTakesTheTurn(t *testing.T) {
	w := bound(t)
	w.hear(said(3, KindReply))
	rev := w.row(ts(3)).Rev
	w.hearReady(said(2, KindReply))
	w.wantState(ts(2), StateInFlight)
	if err := w.policy.begin(ts(3), rev, PromptContext{}, Prompt{})(w.rows, w.at); !errors.Is(err, ErrChanged) {
		t.Errorf("begun as well: %v", err)
	}
}
