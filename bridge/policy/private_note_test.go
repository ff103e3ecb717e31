package policy

import (
	"errors"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// pressed is a private note with buttons that its reader has clicked.
func pressed(t *testing.T) (*world, *bridge.PostRecord) {
	t.Helper()
	w, rec := shown(t, bridge.Post{Key: "a", To: "U1", Note: &bridge.Note{Kind: bridge.NoteStop, Count: 1}})
	var v bridge.Result
	w.do(w.policy.AcceptClick(bridge.Click{Thread: w.rows.Key, Post: "a", Action: bridge.ActionSkip, By: "U1", ResponseURL: "https://hooks.test/1"}, &v))
	if !v.New {
		t.Fatalf("the click came to %+v", v)
	}
	w.pass(project.UpdateEvery)
	w.wantNext(bridge.ToSlack, bridge.StepUpdatePost, "a")
	return w, rec
}

func TestAClickLetsAPrivateNoteBeChangedOnce(t *testing.T) {
	w, rec := pressed(t)
	if rec.To != "U1" || rec.ResponseURL == "" || rec.Note.Outcome == nil {
		t.Errorf("the post is %+v", rec.Post)
	}
	w.updates(rec)
	if w.wantNext(bridge.ToSlack, "", ""); rec.ResponseURL != "" || !rec.Resting() {
		t.Errorf("afterwards it is %+v", rec)
	}
	rec.Edition++
	w.wantNext(bridge.ToSlack, "", "") // there is no other way to change it
}

func TestAPrivateNoteIsTriedFiveTimesForOneClick(t *testing.T) {
	w, rec := pressed(t)
	for n := range record.MaxResponses {
		if rec.ResponseURL == "" {
			t.Fatalf("given up after %d tries", n)
		}
		w.do(w.policy.PostFailed("a", bridge.StepUpdatePost, errors.New("the answer is lost")))
		w.pass(time.Minute)
	}
	if w.wantNext(bridge.ToSlack, "", ""); rec.ResponseURL != "" || !rec.Resting() {
		t.Errorf("afterwards it is %+v", rec)
	}
}

func TestAPublicPostIsNotChangedAtAResponseURL(t *testing.T) {
	w, rec := shown(t, bridge.Post{Key: "a", Note: &bridge.Note{Kind: bridge.NoteStop, Count: 1}})
	var v bridge.Result
	w.do(w.policy.AcceptClick(bridge.Click{Thread: w.rows.Key, Post: "a", Action: bridge.ActionSkip, By: "U1", ResponseURL: "https://hooks.test/1"}, &v))
	if rec.ResponseURL != "" {
		t.Error("the response URL of a public post is kept")
	}
}
