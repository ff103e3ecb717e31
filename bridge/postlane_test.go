package bridge

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// shown is a thread in which the post stands and says what it should.
func shown(t *testing.T, post Post) (*world, *PostRecord) {
	t.Helper()
	w := newWorld(t)
	w.policy.upsertPost(w.rows, post, nil, w.at)
	row := w.rows.Posts[post.Key]
	w.do(w.policy.postBegin(row.Key, row.Rev))
	w.do(w.policy.posted(row.Key, "1.1", row.Edition))
	w.wantNext(ToSlack, "", "")
	return w, row
}

// says has the post say something else, as soon as that is due.
func (w *world) says(row *PostRecord, text string) {
	w.t.Helper()
	post := row.Post
	post.Text = text
	w.policy.upsertPost(w.rows, post, nil, w.at)
	w.pass(updateEvery)
	w.wantNext(ToSlack, StepUpdatePost, row.Key)
}

func (w *world) updates(row *PostRecord) {
	w.t.Helper()
	w.do(w.policy.updated(row.Key, row.Edition, w.at.Now))
}

func TestAChangeThatMayBeAppliedLateIsMadeOnceMore(t *testing.T) {
	w, row := shown(t, Post{Key: "a", Text: "one"})
	w.says(row, "two")
	w.do(w.policy.postFailed("a", StepUpdatePost, errors.New("the answer is lost")))
	w.says(row, "three")
	w.updates(row)
	if w.wantNext(ToSlack, "", ""); row.Resting() {
		t.Error("it rests, and the older change may come yet")
	}
	w.pass(recheckAfter)
	w.wantNext(ToSlack, StepUpdatePost, "a")
	w.updates(row)
	if w.wantNext(ToSlack, "", ""); !row.Resting() {
		t.Error("it is changed for ever")
	}
}

func TestALaterChangeOfUnknownOutcomeMovesTheTime(t *testing.T) {
	w, row := shown(t, Post{Key: "a", Text: "one"})
	w.says(row, "two")
	w.do(w.policy.postFailed("a", StepUpdatePost, errors.New("the answer is lost")))
	w.pass(recheckAfter - time.Second)
	w.do(w.policy.postFailed("a", StepUpdatePost, errors.New("and once more")))
	w.pass(recheckAfter - time.Second)
	w.updates(row)
	w.wantNext(ToSlack, "", "")
	w.pass(time.Second)
	w.wantNext(ToSlack, StepUpdatePost, "a")
}

// TestWhatCountsIsWhenAChangeWasBegun: one that took long may be older than
// what was applied late.
func TestWhatCountsIsWhenAChangeWasBegun(t *testing.T) {
	w, row := shown(t, Post{Key: "a", Text: "one"})
	w.says(row, "two")
	w.do(w.policy.postFailed("a", StepUpdatePost, errors.New("the answer is lost")))
	began := w.at.Now.Add(recheckAfter - time.Second)
	w.pass(recheckAfter + time.Second)
	w.do(w.policy.updated("a", row.Edition, began))
	w.wantNext(ToSlack, StepUpdatePost, "a")
}

func TestAChangeThatWasUnderWayAtARestartIsMadeOnceMore(t *testing.T) {
	w, row := shown(t, Post{Key: "a", Text: "one"})
	w.says(row, "two")
	w.at.Opening++
	w.says(row, "three")
	w.updates(row)
	w.wantNext(ToSlack, "", "")
	w.pass(recheckAfter)
	w.wantNext(ToSlack, StepUpdatePost, "a")
	w.updates(row)
	w.at.Opening++
	w.says(row, "four")
	w.updates(row)
	if !row.Resting() {
		t.Error("no change was under way at the second restart, and it is made once more")
	}
}

func TestWhatIsSaidOnceMore(t *testing.T) {
	for class, want := range map[FaultClass]bool{
		ClassTemporary: true, ClassRateLimited: false, ClassUnauthorized: false, ClassNotInChannel: false, ClassRejected: false, ClassNotFound: false,
	} {
		for _, post := range []Post{{Key: "a", Text: "ours"}, {Key: "a", Text: "the agent's", Markdown: true}} {
			t.Run(fmt.Sprintf("%s/%s", class, post.Text), func(t *testing.T) {
				w, row := shown(t, post)
				w.says(row, "changed")
				w.do(w.policy.postFailed("a", StepUpdatePost, &Fault{Class: class}))
				w.updates(row)
				w.pass(time.Hour)
				s, _ := w.rows.next(ToSlack, w.at.Now)
				if got := s.kind == StepUpdatePost; got != (want && !post.Markdown) {
					t.Errorf("it is said once more: %t", got)
				}
				if post.Markdown && (row.Text != "" || !row.Resting()) {
					t.Errorf("the agent's words are kept: %q", row.Text)
				}
			})
		}
	}
}

func TestWhatWasTakenOutIsNotSaidOnceMore(t *testing.T) {
	w, row := shown(t, Post{Key: "a", Text: "one"})
	w.says(row, "two")
	w.do(w.policy.postFailed("a", StepUpdatePost, errors.New("the answer is lost")))
	w.policy.deletePost(w.rows, "a", w.at)
	w.updates(row)
	if !row.Resting() {
		t.Error("a post that was taken out does not rest")
	}
}

// TestAnOutcomeThatCouldNotBeStoredIsUnknown: the change may have failed, and
// may be applied late.
func TestAnOutcomeThatCouldNotBeStoredIsUnknown(t *testing.T) {
	w, row := shown(t, Post{Key: "a", Text: "one"})
	w.says(row, "two")
	w.do(w.policy.leaseLost(step{kind: StepUpdatePost, row: "a"}))
	w.updates(row)
	w.pass(recheckAfter)
	w.wantNext(ToSlack, StepUpdatePost, "a")
}
