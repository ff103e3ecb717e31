package policy

import (
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

func TestWhatRestsKeepsNoWordsAndGoesOnWithoutANote(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.begin(ts(2)) // it may have been sent
	w.hear(said(3, bridge.KindReply))
	w.do(w.policy.Authorized(ts(3), nil))
	w.do(w.policy.PauseThread())
	if w.row(ts(2)).Body != nil || w.row(ts(3)).Body != nil {
		t.Error("the words are still there")
	}
	w.pass(100 * time.Hour)
	w.do(w.policy.ResumeThread())
	if m := w.row(ts(3)); m.State != bridge.StateReady || m.Authorized || !m.Due.Equal(w.at.Now) || m.Reaction.Desired != "" {
		t.Errorf("got %+v, want it ready, to be vetted anew, and no sign on it", m)
	}
	w.wantState(ts(2), bridge.StateInFlight)
	w.wantNext(bridge.ToAgen, bridge.StepLookUp, ts(2))
	if len(w.notes()) != 0 {
		t.Errorf("there is a note: %+v", w.notes()[0].Note)
	}
}

func TestAnOutageThatStoodWhenTheBotLeftGoesOn(t *testing.T) {
	w, note := outage(t, 2)
	w.do(w.policy.PauseThread())
	w.pass(time.Hour)
	w.do(w.policy.ResumeThread())
	if w.rows.Thread.Outage == nil || note.Note.Kind != bridge.NoteDelayed || note.Note.Count != 2 || w.row(ts(2)).Reaction.Desired != "electric_plug" {
		t.Errorf("the note says %+v", note.Note)
	}
}

// While the bot was not in the channel, nobody could act and the bot could not post.
func TestARestDoesNotCountAgainstWhatWaits(t *testing.T) {
	w := bound(t)
	missed := said(2, bridge.KindReply)
	missed.Backfilled = true
	w.hear(missed)
	w.do(w.policy.Authorized(ts(2), nil))
	w.wantState(ts(2), bridge.StateHeld)
	question := w.onlyPost()
	w.do(w.policy.PauseThread())
	w.pass(100 * time.Hour)
	w.do(w.policy.ResumeThread())
	w.wantState(ts(2), bridge.StateHeld)
	if !record.Offers(&question.Post, bridge.ActionSend) {
		t.Error("the question was closed")
	}
	w.do(w.policy.PostBegin(question.Key, question.Rev))
	w.do(w.policy.PostFailed(question.Key, bridge.StepPost, &bridge.Fault{Class: bridge.ClassTemporary}))
	if question.State != bridge.StateReady {
		t.Errorf("after one failure the post is %s", question.State)
	}
}

func TestWhoIsNotThereIsNoFailure(t *testing.T) {
	absent := &bridge.Fault{Class: bridge.ClassNotInChannel, Reason: "not_in_channel"}
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.do(w.policy.ComposeFailed(ts(2), true, absent))
	w.wantState(ts(2), bridge.StateReady)
	if m := w.row(ts(2)); m.Attempts != 0 {
		t.Errorf("it counts as %d attempts", m.Attempts)
	}
	w.wantNext(bridge.ToAgen, "", "")
	w.policy.PostPrivate(w.rows, "answer", "U1", &bridge.Note{Kind: bridge.NoteHelp}, w.at)
	post := w.onlyPost()
	w.do(w.policy.PostBegin(post.Key, post.Rev))
	w.do(w.policy.PostFailed(post.Key, bridge.StepPost, absent))
	if post.State != bridge.StateReady || post.Attempts != 0 {
		t.Errorf("the post is %s after %d attempts", post.State, post.Attempts)
	}
	w.do(w.policy.ReactionFailed(schedule.Step{Kind: bridge.StepAddReaction, ID: ts(1), Emoji: "eyes"}, absent))
	if m := w.row(ts(1)); !m.Reaction.Open {
		t.Error("the reaction was given up")
	}
}
