package policy

import (
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/google/go-cmp/cmp"
)

// outage is a bound thread in which n messages have been waiting for two minutes.
func outage(t *testing.T, n int) (*world, *bridge.PostRecord) {
	t.Helper()
	w := bound(t)
	w.show(ts(1))
	for i := range n {
		id := ts(2 + i)
		w.hear(said(2+i, bridge.KindReply))
		w.do(w.policy.Authorized(id, nil))
	}
	w.wantNext(bridge.ToSlack, "", "")
	w.pass(schedule.DelayedAfter)
	w.wantNext(bridge.ToSlack, bridge.StepMark, "")
	w.do(w.policy.ShowTimePassed())
	for i := range n {
		if diff := cmp.Diff([]string{"add_reaction electric_plug"}, w.show(ts(2+i))); diff != "" {
			t.Error(diff)
		}
	}
	w.wantNext(bridge.ToSlack, "", "")
	w.pass(schedule.NotedAfter - schedule.DelayedAfter)
	w.wantNext(bridge.ToSlack, bridge.StepMark, "")
	w.do(w.policy.ShowTimePassed())
	note := w.onlyPost()
	w.wantNext(bridge.ToSlack, bridge.StepPost, note.Key)
	w.do(w.policy.PostBegin(note.Key, note.Rev))
	w.do(w.policy.Posted(note.Key, "9.9", note.Edition))
	w.wantNext(bridge.ToSlack, "", "")
	return w, note
}

func TestAnOutageHasOneNoteThatIsEditedWhenItIsOver(t *testing.T) {
	w, note := outage(t, 3)
	w.hear(said(9, bridge.KindReply))
	w.do(w.policy.Authorized(ts(9), nil))
	w.pass(schedule.DelayedAfter)
	w.do(w.policy.ShowTimePassed())
	if note.Note.Count != 4 || len(w.notes()) != 1 {
		t.Errorf("got %d posts, the note says %+v", len(w.notes()), note.Note)
	}
	for _, n := range []int{2, 3, 4, 9} {
		w.sent(ts(n))
	}
	if how := note.Note.Outcome; how == nil || how.How != bridge.EndingReachable || how.Sent != 4 || how.Count != 4 || len(note.Actions()) != 0 {
		t.Errorf("in the end the note says %+v", note.Note)
	}
	w.show(ts(2))
	w.wantNext(bridge.ToSlack, bridge.StepUpdatePost, note.Key)
	w.do(w.policy.Updated(note.Key, note.Edition, w.at.Now, false))
	if !note.Resting() {
		t.Error("the note does not rest")
	}
}

func TestAnOutageThatNobodyWasToldOfLeavesNoNote(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.do(w.policy.Authorized(ts(2), nil))
	w.pass(schedule.NotedAfter)
	w.do(w.policy.ShowTimePassed())
	w.onlyPost()
	w.sent(ts(2))
	if len(w.notes()) != 0 {
		t.Errorf("the note is still to be posted")
	}
}

func TestWaitingMessagesCanBeDropped(t *testing.T) {
	w, note := outage(t, 2)
	w.begin(ts(2)) // this one may have been sent
	w.do(w.policy.SendFailed(ts(2), &bridge.Fault{Class: bridge.ClassUnsure}))
	w.press(note.Key, bridge.ActionDrop)
	if m := w.row(ts(3)); m.State != bridge.StateDone || m.Reaction.Desired != "" {
		t.Errorf("got %s, showing %q", m.State, m.Reaction.Desired)
	}
	if m := w.row(ts(2)); m.State != bridge.StateInFlight || !m.DeletionPending {
		t.Errorf("what may have left: got %s, unwanted %t", m.State, m.DeletionPending)
	}
	want := &bridge.NoteOutcome{How: bridge.EndingDropped, By: "U2", At: record.UnixTime(w.at.Now), Count: 2}
	if diff := cmp.Diff(want, note.Note.Outcome); diff != "" || len(note.Actions()) != 0 {
		t.Errorf("the note says %s", diff)
	}
	for range 10 { // as time passes, no mark stays due forever
		s, ok := schedule.Next(w.rows, bridge.ToSlack, w.at.Now)
		if ok && s.Kind == bridge.StepMark {
			t.Fatal("a mark is due that changes nothing")
		}
		w.pass(time.Minute)
	}
}

func TestFailuresShareOneNoteUntilSomebodyDecides(t *testing.T) {
	w := bound(t)
	fail := func(n int) {
		w.hear(said(n, bridge.KindReply))
		w.begin(ts(n))
		w.do(w.policy.SendFailed(ts(n), &bridge.Fault{Class: bridge.ClassRejected, Reason: "no <!channel> here"}))
	}
	fail(2)
	note := w.onlyPost()
	want := &bridge.Note{
		Kind: bridge.NoteFailed, Messages: []bridge.NoteMessage{{TS: ts(2), Author: "U1"}}, Class: bridge.ClassRejected,
		Reason: "no <!channel> here", Reference: ts(2),
	}
	if diff := cmp.Diff(want, note.Note); diff != "" {
		t.Error(diff)
	}
	fail(3)
	w.onlyPost()
	if diff := cmp.Diff([]string{ts(2), ts(3)}, note.About); diff != "" {
		t.Error(diff)
	}
	w.forget(2)
	if diff := cmp.Diff([]string{ts(3)}, note.About); diff != "" {
		t.Error(diff)
	}
	note.State = bridge.StateDone
	w.press(note.Key, bridge.ActionDismiss)
	if got := w.row(ts(3)).Reaction.Desired; got != "warning" {
		t.Errorf("after it was left at that it shows %q", got)
	}
	w.show(ts(3))
	if !w.row(ts(3)).Resting() {
		t.Error("it does not rest")
	}
	fail(4)
	if len(w.notes()) != 2 {
		t.Error("a new failure has no note of its own")
	}
}

func TestPostsAreSaidOnceAndInOrder(t *testing.T) {
	w := newWorld(t)
	w.policy.UpsertPost(w.rows, bridge.Post{Key: "a", Text: "one"}, nil, w.at)
	w.pass(time.Second)
	w.policy.UpsertPost(w.rows, bridge.Post{Key: "b", Text: "two"}, nil, w.at)
	a := w.rows.Posts["a"]
	w.do(w.policy.PostBegin("a", a.Rev))
	w.do(w.policy.PostFailed("a", bridge.StepPost, &bridge.Fault{Class: bridge.ClassUnsure}))
	w.wantNext(bridge.ToSlack, "", "") // b waits for the look-up of a
	w.pass(missGap)
	w.wantNext(bridge.ToSlack, bridge.StepFindPost, "a")
	w.do(w.policy.PostFound("a", ""))
	if a.Misses != 0 {
		t.Error("not there counts too early")
	}
	for range 2 {
		w.pass(time.Minute)
		w.wantNext(bridge.ToSlack, bridge.StepFindPost, "a")
		w.do(w.policy.PostFound("a", ""))
	}
	w.wantNext(bridge.ToSlack, bridge.StepPost, "a")
	w.do(w.policy.PostBegin("a", a.Rev))
	w.policy.UpsertPost(w.rows, bridge.Post{Key: "a", Text: "changed"}, nil, w.at)
	w.do(w.policy.Posted("a", "1.1", 1))
	w.wantNext(bridge.ToSlack, bridge.StepPost, "b")
	if a.Shown == a.Edition {
		t.Error("the change is lost")
	}
}

func TestWhatFollowsFromAFailedPost(t *testing.T) {
	for class, want := range map[bridge.FaultClass]bridge.DeliveryState{
		bridge.ClassTemporary: bridge.StateReady, bridge.ClassRateLimited: bridge.StateReady, bridge.ClassUnauthorized: bridge.StateReady, bridge.ClassUnsure: bridge.StateInFlight, bridge.ClassRejected: bridge.StateDead, bridge.ClassNotFound: bridge.StateDead,
	} {
		w := newWorld(t)
		w.policy.UpsertPost(w.rows, bridge.Post{Key: "a", Text: "one"}, nil, w.at)
		w.do(w.policy.PostBegin("a", w.rows.Posts["a"].Rev))
		w.do(w.policy.PostFailed("a", bridge.StepPost, &bridge.Fault{Class: class}))
		if got := w.rows.Posts["a"].State; got != want {
			t.Errorf("%s: got %s, want %s", class, got, want)
		}
	}
}

func TestAPrivateNoteIsSaidOnceAtMost(t *testing.T) {
	w := newWorld(t)
	w.policy.PostPrivate(w.rows, "a", "U1", &bridge.Note{Kind: bridge.NoteHelp}, w.at)
	w.do(w.policy.PostBegin("a", w.rows.Posts["a"].Rev))
	w.do(w.policy.PrivatePostUnsure("a"))
	if p := w.rows.Posts["a"]; p.State != bridge.StateDone || !p.Resting() {
		t.Errorf("got %s", p.State)
	}
}
