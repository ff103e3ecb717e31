package bridge

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// found is a message that a sweep brings.
func found(n int, kind Kind) Message {
	m := said(n, kind)
	m.Backfilled = true
	return m
}

// missedTwo is a bound thread in which two messages were missed a long time ago.
func missedTwo(t *testing.T) (*world, *PostRecord) {
	t.Helper()
	w := bound(t)
	for n := 2; n <= 3; n++ {
		w.hear(found(n, KindReply))
		w.wantNext(ToAgen, StepAuthorize, ts(n))
		if len(w.notes()) > 1 {
			t.Fatal("asked before the author is known to be allowed to")
		}
		w.do(w.policy.authorized(ts(n), nil))
		w.wantState(ts(n), StateHeld)
		if w.row(ts(n)).Body != nil {
			t.Error("a held message keeps its text")
		}
	}
	return w, w.onlyPost()
}

func TestWhatWasMissedForLongIsAskedForOnce(t *testing.T) {
	w, note := missedTwo(t)
	want := &Note{Kind: NoteMissed, Person: "U1", Messages: []NoteMessage{{TS: ts(2), Author: "U1"}, {TS: ts(3), Author: "U1"}}}
	if diff := cmp.Diff(want, note.Note); diff != "" || !offers(&note.Post, ActionSend) || !offers(&note.Post, ActionSkip) {
		t.Errorf("the question: %s, actions %v", diff, note.Actions())
	}
	w.hear(said(4, KindReply))
	w.wantNext(ToAgen, StepSend, ts(4))
	w.sent(ts(4))
	w.press(note.Key, ActionSend)
	ended := &NoteOutcome{How: EndingSent, By: "U2", At: unixTime(w.at.Now), Count: 2}
	if diff := cmp.Diff(ended, note.Note.Outcome); diff != "" || len(note.Actions()) > 0 {
		t.Errorf("after the click: %s, actions %v", diff, note.Actions())
	}
	w.wantNext(ToAgen, StepSend, ts(2))
	if m := w.row(ts(2)); m.Authorized || !m.mayBeSentElsewhere(w.at) {
		t.Errorf("sent late without the gate or without a look-up: %+v", m)
	}
	if v := w.press(note.Key, ActionSkip); v.New {
		t.Error("a second click counts")
	}
}

func TestWhatWasMissedIsSkippedByAClickOrAfterADay(t *testing.T) {
	for name, decide := range map[Ending]func(w *world, note *PostRecord){
		EndingSkipped: func(w *world, note *PostRecord) { w.press(note.Key, ActionSkip) },
		EndingExpired: func(w *world, _ *PostRecord) { w.pass(skipAfter); w.do(w.policy.ShowTimePassed()) },
	} {
		w, note := missedTwo(t)
		note.State, note.Shown, note.Receipt = StateDone, 1, "9.9" // it was seen
		if due, ok := w.rows.Due(ToSlack); !ok || due.After(w.at.Now.Add(skipAfter)) {
			t.Errorf("nothing is due when the day is over: %v %v", due, ok)
		}
		decide(w, note)
		if how := note.Note.Outcome; how == nil || how.How != name || how.Count != 2 || len(note.Actions()) > 0 {
			t.Errorf("%s: %+v, actions %v", name, how, note.Actions())
		}
		for _, id := range []string{ts(2), ts(3)} {
			w.do(w.policy.reactionsRead(id, nil)) // nothing stands on it
			if m := w.row(id); m.State != StateDone || m.End != EndSkipped || !m.Resting() {
				t.Errorf("%s: %s is %s %s", name, id, m.State, m.End)
			}
		}
		if v := w.hear(found(2, KindReply)); v.Ignored != IgnoredKnown {
			t.Errorf("%s: found once more: %+v", name, v)
		}
	}
}

func TestAMissedMentionBeginsNothingUntilSomebodySaysSo(t *testing.T) {
	w := newWorld(t)
	w.hear(found(1, KindMention))
	w.do(w.policy.authorized(ts(1), nil))
	if v := w.hear(said(2, KindReply)); v.Ignored != IgnoredNotOurs {
		t.Errorf("the thread is ours before anybody said so: %+v", v)
	}
	w.press(w.onlyPost().Key, ActionSend)
	if w.rows.Thread.StartTS != ts(1) {
		t.Errorf("the thread begins with %q", w.rows.Thread.StartTS)
	}
	w.wantNext(ToAgen, StepSend, ts(1))
}

func TestAMissedMessageOfWhoMayNotUseItIsNotAskedFor(t *testing.T) {
	w := newWorld(t)
	w.hear(found(1, KindMention))
	w.do(w.policy.refused(ts(1), RefusedSilently))
	if len(w.notes()) > 0 {
		t.Errorf("the thread is asked: %+v", w.notes()[0].Note)
	}
}

func TestWhatASweepFindsIsLookedUpBeforeItIsSent(t *testing.T) {
	w := bound(t)
	w.at.Now = w.row(ts(1)).writtenAt().Add(2 * time.Minute)
	w.hear(found(2, KindReply))
	w.do(w.policy.authorized(ts(2), nil))
	w.wantNext(ToAgen, StepSend, ts(2))
	w.do(w.policy.lookUpMessages())
	w.wantState(ts(2), StateInFlight)
	for range missesNeeded {
		w.wantState(ts(2), StateInFlight)
		w.reads(TimelineRead{})
		w.pass(missGap)
	}
	w.wantState(ts(2), StateReady)
	if w.row(ts(2)).mayBeSentElsewhere(w.at) {
		t.Error("it is looked up without end")
	}
}

func TestWhatWasMissedAndIsInTheTimelineIsNotAskedForAnyMore(t *testing.T) {
	w, note := missedTwo(t)
	w.reads(TimelineRead{Ours: map[string]TimelineEntry{
		ts(2): {EventID: "e2", ClientID: ts(2), Status: "completed"}, ts(3): {EventID: "e3", ClientID: ts(3), Status: "completed"},
	}})
	w.wantState(ts(2), StateDone)
	if w.rows.Posts[note.Key] != nil {
		t.Errorf("still asked: %+v", note.Note)
	}
}

func TestASweepDoesNotGiveTheAgentWhatWasSaidInAQuietThread(t *testing.T) {
	w := bound(t)
	w.at.Now = w.row(ts(1)).writtenAt().Add(2 * time.Minute)
	w.policy.apply(w.rows, CommandQuiet, w.at)
	w.policy.apply(w.rows, CommandListen, w.at)
	if v := w.hear(found(2, KindReply)); v.Ignored != IgnoredQuiet || w.rows.Thread.Unseen.To != ts(2) {
		t.Errorf("said while the thread was quiet: %+v", v)
	}
	if v := w.hear(said(3, KindReply)); !v.New {
		t.Errorf("said and heard: %+v", v)
	}
}
