package bridge

import (
	"strings"
	"testing"
	"time"
)

func TestWhatRestsKeepsNoWordsAndGoesOnWithoutANote(t *testing.T) {
	w := bound(t)
	w.hear(said(2, Reply))
	w.begin(ts(2)) // may have left
	w.hear(said(3, Reply))
	w.do(w.policy.vetted(ts(3), nil))
	w.do(w.policy.rests())
	if w.row(ts(2)).Body != nil || w.row(ts(3)).Body != nil {
		t.Error("the words are still there")
	}
	w.pass(100 * time.Hour)
	w.do(w.policy.wakes())
	if m := w.row(ts(3)); m.State != Ready || m.Vetted || !m.Due.Equal(w.at.Now) || m.Wish.Want != "" {
		t.Errorf("got %+v, want it ready, to be vetted anew, and no sign on it", m)
	}
	w.wantState(ts(2), Begun)
	w.wantNext(ToAgen, StepLookUp, ts(2))
	if len(w.notes()) != 0 {
		t.Errorf("there is a note: %s", w.notes()[0].Text)
	}
}

func TestAnOutageThatStoodWhenTheBotLeftGoesOn(t *testing.T) {
	w, note := outage(t, 2)
	w.do(w.policy.rests())
	w.pass(time.Hour)
	w.do(w.policy.wakes())
	if w.rows.Thread.Outage == nil || !strings.Contains(note.Text, "2 messages") || w.row(ts(2)).Wish.Want != "electric_plug" {
		t.Errorf("the note says %q", note.Text)
	}
}

// Nobody could answer while the bot was away, and nothing could be said.
func TestARestDoesNotCountAgainstWhatWaits(t *testing.T) {
	w := bound(t)
	missed := said(2, Reply)
	missed.Swept = true
	w.hear(missed)
	w.do(w.policy.vetted(ts(2), nil))
	w.wantState(ts(2), Held)
	question := w.onlyPost()
	w.do(w.policy.rests())
	w.pass(100 * time.Hour)
	w.do(w.policy.wakes())
	w.wantState(ts(2), Held)
	if !question.offers(Send) {
		t.Error("the question was closed")
	}
	w.do(w.policy.postBegin(question.Key, question.Rev))
	w.do(w.policy.postFailed(question.Key, StepPost, &Fault{Class: Temporary}))
	if question.State != Ready {
		t.Errorf("after one failure the post is %s", question.State)
	}
}

func TestWhoIsNotThereIsNoFailure(t *testing.T) {
	absent := &Fault{Class: Absent, Reason: "not_in_channel"}
	w := bound(t)
	w.hear(said(2, Reply))
	w.do(w.policy.unready(ts(2), true, absent))
	w.wantState(ts(2), Ready)
	if m := w.row(ts(2)); m.Attempts != 0 {
		t.Errorf("it counts as %d attempts", m.Attempts)
	}
	w.wantNext(ToAgen, "", "")
	w.policy.whisper(w.rows, "answer", "U1", "hello", w.at)
	post := w.onlyPost()
	w.do(w.policy.postBegin(post.Key, post.Rev))
	w.do(w.policy.postFailed(post.Key, StepPost, absent))
	if post.State != Ready || post.Attempts != 0 {
		t.Errorf("the post is %s after %d attempts", post.State, post.Attempts)
	}
	w.do(w.policy.reactFailed(step{kind: StepAdd, row: ts(1), emoji: "eyes"}, absent))
	if m := w.row(ts(1)); !m.Wish.Open {
		t.Error("the reaction was given up")
	}
}

func TestAThreadThatMovesMeetsWhatCameUnderItsNewKey(t *testing.T) {
	w := bound(t)
	w.hear(said(2, Reply))
	there := NewRows("T1/C2/100.000001")
	late := said(3, Mention)
	late.Thread = there.Key
	var v Verdict
	if err := w.policy.Hear(late, nil, &v)(there, w.at); err != nil || !v.New {
		t.Fatalf("got %+v, %v", v, err)
	}
	rev := there.Thread.Rev
	if err := merge(there, w.rows, w.at); err != nil {
		t.Fatal(err)
	}
	if there.Thread.Session.ID != "s1" || there.Thread.First != ts(1) || there.Thread.Rev <= rev {
		t.Errorf("the thread is %+v", there.Thread)
	}
	for n := 1; n <= 3; n++ {
		if m := there.Messages[ts(n)]; m == nil || m.Thread != there.Key {
			t.Errorf("message %d: got %+v", n, m)
		}
	}
	if there.Posts["card:1"] == nil {
		t.Error("the card stayed behind")
	}
}
