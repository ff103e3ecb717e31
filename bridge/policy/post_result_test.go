package policy

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// shown is a thread with the post, which is in Slack.
func shown(t *testing.T, post bridge.Post) (*world, *bridge.PostRecord) {
	t.Helper()
	w := newWorld(t)
	w.policy.UpsertPost(w.rows, post, nil, w.at)
	rec := w.rows.Posts[post.Key]
	w.do(w.policy.PostBegin(rec.Key, rec.Rev))
	w.do(w.policy.Posted(rec.Key, "1.1", rec.Edition))
	w.wantNext(bridge.ToSlack, "", "")
	return w, rec
}

// says changes the text of the post as soon as an update is due.
func (w *world) says(rec *bridge.PostRecord, text string) {
	w.t.Helper()
	post := rec.Post
	post.Text = text
	w.policy.UpsertPost(w.rows, post, nil, w.at)
	w.pass(project.UpdateEvery)
	w.wantNext(bridge.ToSlack, bridge.StepUpdatePost, rec.Key)
}

func (w *world) updates(rec *bridge.PostRecord) {
	w.t.Helper()
	w.do(w.policy.Updated(rec.Key, rec.Edition, w.at.Now, false))
}

func TestAChangeThatMayBeAppliedLateIsMadeOnceMore(t *testing.T) {
	w, rec := shown(t, bridge.Post{Key: "a", Text: "one"})
	w.says(rec, "two")
	w.do(w.policy.PostFailed("a", bridge.StepUpdatePost, errors.New("the answer is lost")))
	w.says(rec, "three")
	w.updates(rec)
	if w.wantNext(bridge.ToSlack, "", ""); rec.Resting() {
		t.Error("it rests, and the older change may come yet")
	}
	w.pass(record.RecheckAfter)
	w.wantNext(bridge.ToSlack, bridge.StepUpdatePost, "a")
	w.updates(rec)
	if w.wantNext(bridge.ToSlack, "", ""); !rec.Resting() {
		t.Error("it is changed for ever")
	}
}

func TestALaterChangeOfUnknownOutcomeMovesTheTime(t *testing.T) {
	w, rec := shown(t, bridge.Post{Key: "a", Text: "one"})
	w.says(rec, "two")
	w.do(w.policy.PostFailed("a", bridge.StepUpdatePost, errors.New("the answer is lost")))
	w.pass(record.RecheckAfter - time.Second)
	w.do(w.policy.PostFailed("a", bridge.StepUpdatePost, errors.New("and once more")))
	w.pass(record.RecheckAfter - time.Second)
	w.updates(rec)
	w.wantNext(bridge.ToSlack, "", "")
	w.pass(time.Second)
	w.wantNext(bridge.ToSlack, bridge.StepUpdatePost, "a")
}

// TestWhatCountsIsWhenAChangeWasBegun: a slow update may have begun before one that Slack
// applied late.
func TestWhatCountsIsWhenAChangeWasBegun(t *testing.T) {
	w, rec := shown(t, bridge.Post{Key: "a", Text: "one"})
	w.says(rec, "two")
	w.do(w.policy.PostFailed("a", bridge.StepUpdatePost, errors.New("the answer is lost")))
	began := w.at.Now.Add(record.RecheckAfter - time.Second)
	w.pass(record.RecheckAfter + time.Second)
	w.do(w.policy.Updated("a", rec.Edition, began, false))
	w.wantNext(bridge.ToSlack, bridge.StepUpdatePost, "a")
}

func TestAChangeThatWasUnderWayAtARestartIsMadeOnceMore(t *testing.T) {
	w, rec := shown(t, bridge.Post{Key: "a", Text: "one"})
	w.says(rec, "two")
	w.at.Opening++
	w.says(rec, "three")
	w.updates(rec)
	w.wantNext(bridge.ToSlack, "", "")
	w.pass(record.RecheckAfter)
	w.wantNext(bridge.ToSlack, bridge.StepUpdatePost, "a")
	w.updates(rec)
	w.at.Opening++
	w.says(rec, "four")
	w.updates(rec)
	if !rec.Resting() {
		t.Error("no change was under way at the second restart, and it is made once more")
	}
}

func TestWhatIsSaidOnceMore(t *testing.T) {
	for class, want := range map[bridge.FaultClass]bool{
		bridge.ClassTemporary: true, bridge.ClassRateLimited: false, bridge.ClassUnauthorized: false, bridge.ClassNotInChannel: false, bridge.ClassRejected: false, bridge.ClassNotFound: false,
	} {
		for _, post := range []bridge.Post{{Key: "a", Text: "ours"}, {Key: "a", Text: "the agent's", Markdown: true}} {
			t.Run(fmt.Sprintf("%s/%s", class, post.Text), func(t *testing.T) {
				w, rec := shown(t, post)
				w.says(rec, "changed")
				w.do(w.policy.PostFailed("a", bridge.StepUpdatePost, &bridge.Fault{Class: class}))
				w.updates(rec)
				w.pass(time.Hour)
				s, _ := schedule.Next(w.rows, bridge.ToSlack, w.at.Now)
				if got := s.Kind == bridge.StepUpdatePost; got != (want && !post.Markdown) {
					t.Errorf("it is said once more: %t", got)
				}
				if post.Markdown && (rec.Text != "" || !rec.Resting()) {
					t.Errorf("the agent's words are kept: %q", rec.Text)
				}
			})
		}
	}
}

func TestWhatWasTakenOutIsNotSaidOnceMore(t *testing.T) {
	w, rec := shown(t, bridge.Post{Key: "a", Text: "one"})
	w.says(rec, "two")
	w.do(w.policy.PostFailed("a", bridge.StepUpdatePost, errors.New("the answer is lost")))
	w.policy.DeletePost(w.rows, "a", w.at)
	w.updates(rec)
	if !rec.Resting() {
		t.Error("a post that was taken out does not rest")
	}
}

// TestAnOutcomeThatCouldNotBeStoredIsUnknown: the update may have failed, or Slack may
// apply it late.
func TestAnOutcomeThatCouldNotBeStoredIsUnknown(t *testing.T) {
	w, rec := shown(t, bridge.Post{Key: "a", Text: "one"})
	w.says(rec, "two")
	w.do(w.policy.LeaseLost(schedule.Step{Kind: bridge.StepUpdatePost, ID: "a"}))
	w.updates(rec)
	w.pass(record.RecheckAfter)
	w.wantNext(bridge.ToSlack, bridge.StepUpdatePost, "a")
}
