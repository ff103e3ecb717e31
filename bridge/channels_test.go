package bridge

import (
	"testing"
	"time"
)

func TestWhatRestsKeepsNoWordsAndGoesOnWithoutANote(t *testing.T) {
	w := bound(t)
	w.hear(said(2, KindReply))
	w.begin(ts(2)) // may have left
	w.hear(said(3, KindReply))
	w.do(w.policy.authorized(ts(3), nil))
	w.do(w.policy.pauseThread())
	if w.row(ts(2)).Body != nil || w.row(ts(3)).Body != nil {
		t.Error("the words are still there")
	}
	w.pass(100 * time.Hour)
	w.do(w.policy.resumeThread())
	if m := w.row(ts(3)); m.State != StateReady || m.Authorized || !m.Due.Equal(w.at.Now) || m.Reaction.Desired != "" {
		t.Errorf("got %+v, want it ready, to be vetted anew, and no sign on it", m)
	}
	w.wantState(ts(2), StateInFlight)
	w.wantNext(ToAgen, StepLookUp, ts(2))
	if len(w.notes()) != 0 {
		t.Errorf("there is a note: %+v", w.notes()[0].Note)
	}
}

func TestAnOutageThatStoodWhenTheBotLeftGoesOn(t *testing.T) {
	w, note := outage(t, 2)
	w.do(w.policy.pauseThread())
	w.pass(time.Hour)
	w.do(w.policy.resumeThread())
	if w.rows.Thread.Outage == nil || note.Note.Kind != NoteDelayed || note.Note.Count != 2 || w.row(ts(2)).Reaction.Desired != "electric_plug" {
		t.Errorf("the note says %+v", note.Note)
	}
}

// Nobody could answer while the bot was away, and nothing could be said.
func TestARestDoesNotCountAgainstWhatWaits(t *testing.T) {
	w := bound(t)
	missed := said(2, KindReply)
	missed.Backfilled = true
	w.hear(missed)
	w.do(w.policy.authorized(ts(2), nil))
	w.wantState(ts(2), StateHeld)
	question := w.onlyPost()
	w.do(w.policy.pauseThread())
	w.pass(100 * time.Hour)
	w.do(w.policy.resumeThread())
	w.wantState(ts(2), StateHeld)
	if !offers(&question.Post, ActionSend) {
		t.Error("the question was closed")
	}
	w.do(w.policy.postBegin(question.Key, question.Rev))
	w.do(w.policy.postFailed(question.Key, StepPost, &Fault{Class: ClassTemporary}))
	if question.State != StateReady {
		t.Errorf("after one failure the post is %s", question.State)
	}
}

func TestWhoIsNotThereIsNoFailure(t *testing.T) {
	absent := &Fault{Class: ClassNotInChannel, Reason: "not_in_channel"}
	w := bound(t)
	w.hear(said(2, KindReply))
	w.do(w.policy.composeFailed(ts(2), true, absent))
	w.wantState(ts(2), StateReady)
	if m := w.row(ts(2)); m.Attempts != 0 {
		t.Errorf("it counts as %d attempts", m.Attempts)
	}
	w.wantNext(ToAgen, "", "")
	w.policy.postPrivate(w.rows, "answer", "U1", &Note{Kind: NoteHelp}, w.at)
	post := w.onlyPost()
	w.do(w.policy.postBegin(post.Key, post.Rev))
	w.do(w.policy.postFailed(post.Key, StepPost, absent))
	if post.State != StateReady || post.Attempts != 0 {
		t.Errorf("the post is %s after %d attempts", post.State, post.Attempts)
	}
	w.do(w.policy.reactionFailed(step{kind: StepAddReaction, row: ts(1), emoji: "eyes"}, absent))
	if m := w.row(ts(1)); !m.Reaction.Open {
		t.Error("the reaction was given up")
	}
}
