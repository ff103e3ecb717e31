package policy

import (
	"encoding/json"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// deletedTooLate is a thread whose first message was deleted while the agent was working
// on it.
func deletedTooLate(t *testing.T) (*world, *bridge.PostRecord) {
	t.Helper()
	w := bound(t)
	if v := w.forget(1); !v.New {
		t.Fatalf("the deletion came to %+v", v)
	}
	post := w.onlyPost()
	if post.Key != project.TooLateKey(ts(1)) || post.To != "U1" || post.Note.Kind != bridge.NoteTooLate {
		t.Fatalf("got %+v", post)
	}
	if v := w.forget(1); v.Ignored != bridge.IgnoredKnown {
		t.Errorf("the same again came to %+v", v)
	}
	return w, post
}

// ignore clicks the button that tells the agent to ignore the message.
func (w *world) ignore(post string) bridge.Result {
	w.t.Helper()
	var v bridge.Result
	w.do(w.policy.AcceptClick(bridge.Click{Post: post, Action: bridge.ActionIgnore, By: "U1", TS: ts(8), Body: json.RawMessage(`{}`)}, &v))
	return v
}

func TestTheAgentIsToldOnceToIgnoreADeletedMessage(t *testing.T) {
	w, post := deletedTooLate(t)
	if v := w.ignore(post.Key); !v.New {
		t.Fatalf("the click came to %+v", v)
	}
	if m := w.row(ts(8)); m.Retracts != ts(1) || m.State != bridge.StateReady {
		t.Errorf("the agent gets %+v", m)
	}
	if o := post.Note.Outcome; o == nil || o.How != bridge.EndingIgnored {
		t.Errorf("the note says %+v", post.Note)
	}
	if v := w.ignore(post.Key); v.New {
		t.Error("a second click counts too")
	}
	w.sent(ts(8))
	if calls := w.show(ts(8)); len(calls) != 0 {
		t.Errorf("a click has no reaction: %v", calls)
	}
}

func TestAnotherSessionIsNotToldToIgnoreWhatItNeverHad(t *testing.T) {
	w, post := deletedTooLate(t)
	w.do(func(state *bridge.ThreadState, at bridge.Instant) error { w.policy.StartOver(state, at); return nil })
	w.ignore(post.Key)
	if w.rows.Messages[ts(8)] != nil || post.Note.Outcome == nil || post.Note.Outcome.How != bridge.EndingSessionOver {
		t.Errorf("got %+v", post.Note)
	}
}

func TestADeletionDuringTheSendIsToldOnceItIsKnown(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.begin(ts(2))
	w.forget(2)
	if len(w.notes()) != 0 {
		t.Fatal("its fate is not known yet")
	}
	w.do(w.policy.Sent(ts(2), timeline.Entry{EventID: "e2", ClientID: ts(2), Status: agen.StatusQueued}))
	if post := w.onlyPost(); post.Note.Kind != bridge.NoteTooLate {
		t.Errorf("got %+v", post.Note)
	}
}

func TestNothingIsSaidOfADeletedMessageThatIsDone(t *testing.T) {
	w := bound(t)
	w.reads(timeline.Read{Ours: map[string]timeline.Entry{ts(1): {EventID: "ev-" + ts(1), ClientID: ts(1), Status: agen.StatusCompleted}}})
	w.forget(1)
	if len(w.notes()) != 0 {
		t.Errorf("got %+v", w.onlyPost())
	}
}

func TestAnEditOfWhatTheAgentHasIsAnnouncedOnce(t *testing.T) {
	w := bound(t)
	w.hear(edited(said(1, bridge.KindMention), ""))
	again := edited(said(1, bridge.KindMention), "")
	again.Edited, again.Digest = "1700000201.000000", 100
	w.hear(again)
	if post := w.onlyPost(); post.Note.Kind != bridge.NoteCorrectionFollows || post.To != "U1" {
		t.Errorf("got %+v", post.Note)
	}
	w.pass(schedule.CorrectionQuiet)
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(1)+":1700000201.000000")
}
