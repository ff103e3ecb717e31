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

// found is a message that a backfill finds.
func found(n int, kind bridge.Kind) bridge.Message {
	m := said(n, kind)
	m.Backfilled = true
	return m
}

// missedTwo is a bound thread in which two messages were missed a long time ago.
func missedTwo(t *testing.T) (*world, *bridge.PostRecord) {
	t.Helper()
	w := bound(t)
	for n := 2; n <= 3; n++ {
		w.hear(found(n, bridge.KindReply))
		w.wantNext(bridge.ToAgen, bridge.StepAuthorize, ts(n))
		if len(w.notes()) > 1 {
			t.Fatal("asked before the author is known to be allowed to")
		}
		w.do(w.policy.Authorized(ts(n), nil))
		w.wantState(ts(n), bridge.StateHeld)
		if w.row(ts(n)).Body != nil {
			t.Error("a held message keeps its text")
		}
	}
	return w, w.onlyPost()
}

func TestWhatWasMissedForLongIsAskedForOnce(t *testing.T) {
	w, note := missedTwo(t)
	want := &bridge.Note{Kind: bridge.NoteMissed, Person: "U1", Messages: []bridge.NoteMessage{{TS: ts(2), Author: "U1"}, {TS: ts(3), Author: "U1"}}}
	if diff := cmp.Diff(want, note.Note); diff != "" || !record.Offers(&note.Post, bridge.ActionSend) || !record.Offers(&note.Post, bridge.ActionSkip) {
		t.Errorf("the question: %s, actions %v", diff, note.Actions())
	}
	w.hear(said(4, bridge.KindReply))
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(4))
	w.sent(ts(4))
	w.press(note.Key, bridge.ActionSend)
	ended := &bridge.NoteOutcome{How: bridge.EndingSent, By: "U2", At: record.UnixTime(w.at.Now), Count: 2}
	if diff := cmp.Diff(ended, note.Note.Outcome); diff != "" || len(note.Actions()) > 0 {
		t.Errorf("after the click: %s, actions %v", diff, note.Actions())
	}
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(2))
	if m := w.row(ts(2)); m.Authorized || !record.MayBeSentElsewhere(m, w.at) {
		t.Errorf("sent late without the gate or without a look-up: %+v", m)
	}
	if v := w.press(note.Key, bridge.ActionSkip); v.New {
		t.Error("a second click counts")
	}
}

func TestWhatWasMissedIsSkippedByAClickOrAfterADay(t *testing.T) {
	for name, decide := range map[bridge.Ending]func(w *world, note *bridge.PostRecord){
		bridge.EndingSkipped: func(w *world, note *bridge.PostRecord) { w.press(note.Key, bridge.ActionSkip) },
		bridge.EndingExpired: func(w *world, _ *bridge.PostRecord) { w.pass(schedule.SkipAfter); w.do(w.policy.ShowTimePassed()) },
	} {
		w, note := missedTwo(t)
		note.State, note.Shown, note.Receipt = bridge.StateDone, 1, "9.9" // Slack shows it
		if due, ok := schedule.Due(w.rows, bridge.ToSlack); !ok || due.After(w.at.Now.Add(schedule.SkipAfter)) {
			t.Errorf("nothing is due when the day is over: %v %v", due, ok)
		}
		decide(w, note)
		if how := note.Note.Outcome; how == nil || how.How != name || how.Count != 2 || len(note.Actions()) > 0 {
			t.Errorf("%s: %+v, actions %v", name, how, note.Actions())
		}
		for _, id := range []string{ts(2), ts(3)} {
			w.do(w.policy.ReactionsRead(id, nil)) // it has no reactions
			if m := w.row(id); m.State != bridge.StateDone || m.End != bridge.EndSkipped || m.Reaction.Desired != "" {
				t.Errorf("%s: %s is %s %s", name, id, m.State, m.End)
			}
		}
		if v := w.hear(found(2, bridge.KindReply)); v.Ignored != bridge.IgnoredKnown {
			t.Errorf("%s: found once more: %+v", name, v)
		}
	}
}

func TestAMissedMentionBeginsNothingUntilSomebodySaysSo(t *testing.T) {
	w := newWorld(t)
	w.hear(found(1, bridge.KindMention))
	w.do(w.policy.Authorized(ts(1), nil))
	if v := w.hear(said(2, bridge.KindReply)); v.Ignored != bridge.IgnoredNotOurs {
		t.Errorf("the thread is ours before anybody said so: %+v", v)
	}
	w.press(w.onlyPost().Key, bridge.ActionSend)
	if w.rows.Thread.StartTS != ts(1) {
		t.Errorf("the thread begins with %q", w.rows.Thread.StartTS)
	}
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(1))
}

func TestAMissedMessageOfWhoMayNotUseItIsNotAskedFor(t *testing.T) {
	w := newWorld(t)
	w.hear(found(1, bridge.KindMention))
	w.do(w.policy.Refused(ts(1), bridge.RefusedSilently))
	if len(w.notes()) > 0 {
		t.Errorf("the thread is asked: %+v", w.notes()[0].Note)
	}
}

func TestWhatASweepFindsIsLookedUpBeforeItIsSent(t *testing.T) {
	w := bound(t)
	w.at.Now = record.WrittenAt(w.row(ts(1))).Add(2 * time.Minute)
	w.hear(found(2, bridge.KindReply))
	w.do(w.policy.Authorized(ts(2), nil))
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(2))
	w.do(w.policy.LookUpMessages())
	w.wantState(ts(2), bridge.StateInFlight)
	for range missesNeeded {
		w.wantState(ts(2), bridge.StateInFlight)
		w.reads(timeline.Read{})
		w.pass(missGap)
	}
	w.wantState(ts(2), bridge.StateReady)
	if record.MayBeSentElsewhere(w.row(ts(2)), w.at) {
		t.Error("it is looked up without end")
	}
}

func TestWhatWasMissedAndIsInTheTimelineIsNotAskedForAnyMore(t *testing.T) {
	w, note := missedTwo(t)
	w.reads(timeline.Read{Ours: map[string]timeline.Entry{
		ts(2): {EventID: "e2", ClientID: ts(2), Status: "completed"}, ts(3): {EventID: "e3", ClientID: ts(3), Status: "completed"},
	}})
	w.wantState(ts(2), bridge.StateDone)
	if w.rows.Posts[note.Key] != nil {
		t.Errorf("still asked: %+v", note.Note)
	}
}

func TestASweepDoesNotGiveTheAgentWhatWasSaidInAQuietThread(t *testing.T) {
	w := bound(t)
	w.at.Now = record.WrittenAt(w.row(ts(1))).Add(2 * time.Minute)
	w.policy.setReplies(w.rows, bridge.CommandQuiet, w.at)
	w.policy.setReplies(w.rows, bridge.CommandListen, w.at)
	if v := w.hear(found(2, bridge.KindReply)); v.Ignored != bridge.IgnoredQuiet || w.rows.Thread.Unseen.To != ts(2) {
		t.Errorf("said while the thread was quiet: %+v", v)
	}
	if v := w.hear(said(3, bridge.KindReply)); !v.New {
		t.Errorf("said and heard: %+v", v)
	}
}
