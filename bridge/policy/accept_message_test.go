package policy

import (
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
	"github.com/google/go-cmp/cmp"
)

func TestWhatBecomesOfAMessage(t *testing.T) {
	edited := func(m bridge.Message, edit string, digest uint64) bridge.Message {
		m.Edited, m.Digest = edit, digest
		return m
	}
	for name, c := range map[string]struct {
		before func(*world)
		m      bridge.Message
		want   bridge.Result
		state  bridge.DeliveryState
	}{
		"a mention starts a thread":             {nil, said(2, bridge.KindMention), bridge.Result{New: true}, bridge.StateReady},
		"a direct message starts one":           {nil, said(2, bridge.KindDirect), bridge.Result{New: true}, bridge.StateReady},
		"a reply elsewhere is not for us":       {nil, said(2, bridge.KindReply), bridge.Result{Ignored: bridge.IgnoredNotOurs}, ""},
		"a reply in our thread is":              {func(w *world) { w.hear(said(1, bridge.KindMention)) }, said(2, bridge.KindReply), bridge.Result{New: true}, bridge.StateReady},
		"a reply from before is context":        {func(w *world) { w.hear(said(3, bridge.KindMention)) }, said(2, bridge.KindReply), bridge.Result{Ignored: bridge.IgnoredBefore}, ""},
		"the second event of a mention":         {func(w *world) { w.hear(said(2, bridge.KindMention)) }, said(2, bridge.KindReply), bridge.Result{Ignored: bridge.IgnoredKnown}, bridge.StateReady},
		"a redelivery":                          {func(w *world) { w.hear(said(2, bridge.KindMention)) }, said(2, bridge.KindMention), bridge.Result{Ignored: bridge.IgnoredKnown}, bridge.StateReady},
		"a link preview":                        {func(w *world) { w.hear(said(2, bridge.KindMention)) }, edited(said(2, bridge.KindMention), "", 7), bridge.Result{Ignored: bridge.IgnoredKnown}, bridge.StateReady},
		"an edit with the same words":           {func(w *world) { w.hear(said(2, bridge.KindMention)) }, edited(said(2, bridge.KindMention), ts(9), 2), bridge.Result{Ignored: bridge.IgnoredKnown}, bridge.StateReady},
		"an edit before it left":                {func(w *world) { w.hear(said(2, bridge.KindMention)) }, edited(said(2, bridge.KindMention), ts(9), 7), bridge.Result{New: true}, bridge.StateReady},
		"an edit that never arrived before":     {nil, edited(said(2, bridge.KindMention), ts(9), 7), bridge.Result{New: true}, bridge.StateReady},
		"an edit older than the one we have":    {func(w *world) { w.hear(edited(said(2, bridge.KindMention), ts(9), 7)) }, edited(said(2, bridge.KindMention), ts(8), 6), bridge.Result{Ignored: bridge.IgnoredKnown}, bridge.StateReady},
		"a mention whose author may not use it": {nil, bridge.Message{TS: ts(2), Author: "U1", Kind: bridge.KindMention, Refused: bridge.RefusedChannel}, bridge.Result{New: true}, bridge.StateDone},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if c.before != nil {
				c.before(w)
			}
			if got := w.hear(c.m); got != c.want {
				t.Errorf("verdict: got %+v, want %+v", got, c.want)
			}
			if c.state == "" {
				if w.rows.Messages[c.m.TS] != nil {
					t.Error("it left a row")
				}
				return
			}
			w.wantState(c.m.TS, c.state)
		})
	}
}

func TestARefusedFirstMentionTakesItsThreadWithIt(t *testing.T) {
	w := newWorld(t)
	w.hear(said(1, bridge.KindMention))
	w.hear(said(2, bridge.KindReply))
	w.do(w.policy.Refused(ts(1), bridge.RefusedGuest))
	if !w.rows.Thread.Unbound() {
		t.Error("the thread is still ours")
	}
	w.wantState(ts(2), bridge.StateHeld) // the mention may still be corrected
	if got := w.hear(said(3, bridge.KindReply)); got.Ignored != bridge.IgnoredNotOurs {
		t.Errorf("a later reply: got %+v, want it ignored", got)
	}
	if p := w.onlyPost(); p.To != "U1" {
		t.Errorf("the note goes to %q, want its author alone", p.To)
	}
	w.hear(said(4, bridge.KindMention))
	w.do(w.policy.Refused(ts(4), bridge.RefusedGuest))
	w.onlyPost() // once per person, thread and day
	w.hear(said(5, bridge.KindMention))
	if w.rows.Thread.Unbound() {
		t.Error("a new mention does not start the thread")
	}
}

func TestARefusedReplyLeavesTheThreadAlone(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.do(w.policy.Refused(ts(2), bridge.RefusedPerson))
	if w.rows.Thread.Unbound() {
		t.Error("the thread is lost")
	}
}

func TestAnEditOfWhatWasSentFollowsAsACorrection(t *testing.T) {
	w := bound(t)
	edit := func(at, digest int) {
		m := said(1, bridge.KindMention)
		m.Edited, m.Digest = ts(at), uint64(digest)
		w.hear(m)
	}
	edit(5, 50)
	w.pass(10 * time.Second)
	edit(6, 60) // the quiet time starts again, and the first correction is never sent
	var corrections []string
	for id, m := range w.rows.Messages {
		if m.CorrectionOf != "" {
			corrections = append(corrections, id)
		}
	}
	id := ts(1) + ":" + ts(6)
	if diff := cmp.Diff([]string{id}, corrections); diff != "" {
		t.Fatal(diff)
	}
	w.pass(14 * time.Second)
	w.hear(said(7, bridge.KindReply))
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(7)) // a correction in its quiet time doesn't delay other messages
	w.sent(ts(7))
	w.wantNext(bridge.ToAgen, "", "")
	w.pass(2 * time.Second)
	w.wantNext(bridge.ToAgen, bridge.StepSend, id)
	w.sent(id)
	w.reads(timeline.Read{Ours: map[string]timeline.Entry{
		ts(1): {EventID: "ev-" + ts(1), Status: "completed"}, id: {EventID: "ev-" + id, Status: "processing"},
	}})
	if got := w.row(ts(1)).Reaction.Desired; got != "eyes" {
		t.Errorf("while its correction is worked on the message shows %q, want eyes", got)
	}
	w.reads(timeline.Read{Ours: map[string]timeline.Entry{id: {Status: "completed"}}})
	w.show(ts(1))
	for _, m := range w.rows.Messages {
		if m.TS != ts(7) && !m.Resting() {
			t.Errorf("%s does not rest", m.ID())
		}
	}
	if got := w.row(ts(1)).Reaction.Desired; got != "white_check_mark" {
		t.Errorf("in the end it shows %q", got)
	}
}

func TestDeletions(t *testing.T) {
	t.Run("before it was begun it is withdrawn", func(t *testing.T) {
		w := bound(t)
		w.hear(said(2, bridge.KindReply))
		w.forget(2)
		if m := w.row(ts(2)); m.State != bridge.StateDone || m.End != bridge.EndWithdrawn || m.Body != nil {
			t.Errorf("got %+v", m)
		}
	})
	t.Run("while it may have left it is looked up and not sent again", func(t *testing.T) {
		w := bound(t)
		w.hear(said(2, bridge.KindReply))
		w.begin(ts(2))
		w.do(w.policy.SendFailed(ts(2), &bridge.Fault{Class: bridge.ClassUnsure}))
		w.forget(2)
		w.wantState(ts(2), bridge.StateInFlight)
		for range 2 {
			w.pass(missAfter)
			w.reads(timeline.Read{})
		}
		if m := w.row(ts(2)); m.State != bridge.StateDone || m.End != bridge.EndWithdrawn {
			t.Errorf("got %s %s", m.State, m.End)
		}
	})
	t.Run("after it was done nothing happens", func(t *testing.T) {
		w := bound(t)
		w.row(ts(1)).Status = "completed"
		if got := w.forget(1); got.New {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("the first mention takes its thread with it", func(t *testing.T) {
		w := newWorld(t)
		w.hear(said(1, bridge.KindMention))
		w.forget(1)
		if !w.rows.Thread.Unbound() {
			t.Error("the thread is still ours")
		}
	})
	t.Run("an edit that it overtook starts nothing", func(t *testing.T) {
		w := newWorld(t)
		w.hear(said(1, bridge.KindMention))
		record.End(w.row(ts(1)), bridge.EndMistyped, w.at)
		w.forget(1)
		edit := said(1, bridge.KindMention)
		edit.Edited, edit.Digest = ts(2), 20
		if got := w.hear(edit); got.New {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("unknown", func(t *testing.T) {
		if got := newWorld(t).forget(1); got.Ignored != bridge.IgnoredUnknown {
			t.Errorf("got %+v", got)
		}
	})
}

func TestAnEmptyMentionThatIsEditedIntoATask(t *testing.T) {
	w := newWorld(t)
	m := said(1, bridge.KindMention)
	m.Command = bridge.CommandHelp
	w.hear(m)
	if !w.rows.Thread.Unbound() {
		t.Error("a command starts a thread")
	}
	w.do(w.policy.Command(ts(1)))
	if p := w.onlyPost(); p.To != "U1" {
		t.Errorf("help goes to %q", p.To)
	}
	m.Command, m.Edited, m.Digest = "", ts(4), 40
	w.hear(m)
	w.wantState(ts(1), bridge.StateReady)
	if w.rows.Thread.Unbound() {
		t.Error("the task starts no thread")
	}
}

func TestAClosedSession(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.do(func(state *bridge.ThreadState, at bridge.Instant) error {
		w.policy.CloseSession(state, at)
		w.policy.Apply(state, at)
		return nil
	})
	w.hear(said(3, bridge.KindReply))
	w.wantState(ts(2), bridge.StateHeld)
	w.wantState(ts(3), bridge.StateHeld)
	if w.row(ts(2)).Body != nil {
		t.Error("a held message keeps its text")
	}
	note := w.onlyPost() // one note for all of them
	if diff := cmp.Diff([]string{ts(2), ts(3)}, note.About); diff != "" {
		t.Error(diff)
	}
	if got := w.row(ts(1)).Reaction.Desired; got != "" {
		t.Errorf("what was under way shows %q, want nothing", got)
	}
	w.wantNext(bridge.ToAgen, "", "")
	if got := w.press(note.Key, bridge.ActionRetry); got.Ignored != bridge.IgnoredClosed {
		t.Errorf("a button that is not there: got %+v", got)
	}
	w.press(note.Key, bridge.ActionRestart)
	w.wantState(ts(2), bridge.StateReady)
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(2))
	if w.rows.Thread.Session.ID != "" {
		t.Error("the old session is still bound")
	}
	if got := w.press(note.Key, bridge.ActionRestart); got.Ignored != bridge.IgnoredClosed {
		t.Errorf("a second click: got %+v", got)
	}
}

func TestAMentionAfterTheSessionIsGoneOpensANewOne(t *testing.T) {
	w := bound(t)
	w.do(func(state *bridge.ThreadState, at bridge.Instant) error {
		w.policy.CloseSession(state, at)
		return nil
	})
	w.hear(said(2, bridge.KindMention))
	w.wantState(ts(2), bridge.StateReady)
	if s := w.rows.Thread.Session; s.Closed || s.ID != "" || s.Count != 1 {
		t.Errorf("got %+v", s)
	}
}

func TestTwoEditsWithOneStampAreReadAgain(t *testing.T) {
	edit := func(w *world, digest int) bridge.Result {
		m := said(1, bridge.KindMention)
		m.Edited, m.Digest = "1700000105.000000", uint64(digest)
		return w.hear(m)
	}
	current := said(1, bridge.KindMention)
	current.Digest = 51
	t.Run("before it left", func(t *testing.T) {
		w := newWorld(t)
		w.hear(said(1, bridge.KindMention))
		edit(w, 50)
		edit(w, 51)
		if w.row(ts(1)).Body != nil {
			t.Fatal("one of the two is believed to be the newer")
		}
		w.do(w.policy.Reread(ts(1), &current))
		if got := w.row(ts(1)); got.Body == nil || got.Digest != 51 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("after it left", func(t *testing.T) {
		w := bound(t)
		edit(w, 50)
		edit(w, 51)
		id := ts(1) + ":1700000105.000000"
		w.pass(schedule.CorrectionQuiet)
		w.wantNext(bridge.ToAgen, bridge.StepSend, id)
		w.do(w.policy.Reread(id, &current))
		w.sent(id)
		if got := edit(w, 50); got.New {
			t.Errorf("the redelivered first edit: got %+v", got)
		}
	})
}

// Events can arrive in any order. If a message was deleted and turns out not to have been
// sent, the agent never gets its text.
func TestAnEditAfterTheDeletionIsNothing(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.begin(ts(2))
	w.do(w.policy.SendFailed(ts(2), &bridge.Fault{Class: bridge.ClassUnsure}))
	w.forget(2)
	edit := said(2, bridge.KindReply)
	edit.Edited, edit.Digest = ts(3), 77
	if v := w.hear(edit); v.New {
		t.Errorf("the edit of a message that was taken back: got %+v, want it ignored", v)
	}
	for range 2 {
		w.pass(missAfter)
		w.reads(timeline.Read{})
	}
	w.wantState(ts(2), bridge.StateDone)
	w.wantNext(bridge.ToAgen, "", "") // except to read again later
}
