package bridge

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// shown is a thread in which the post stands and says what it should.
func shown(t *testing.T, post Post) (*world, *PostRow) {
	t.Helper()
	w := newWorld(t)
	w.policy.say(w.rows, post, nil, w.at)
	row := w.rows.Posts[post.Key]
	w.do(w.policy.postBegin(row.Key, row.Rev))
	w.do(w.policy.posted(row.Key, "1.1", row.Edition))
	w.wantNext(ToSlack, "", "")
	return w, row
}

// says has the post say something else, as soon as that is due.
func (w *world) says(row *PostRow, text string) {
	w.t.Helper()
	post := row.Post
	post.Text = text
	w.policy.say(w.rows, post, nil, w.at)
	w.pass(updateEvery)
	w.wantNext(ToSlack, StepUpdate, row.Key)
}

func (w *world) updates(row *PostRow) {
	w.t.Helper()
	w.do(w.policy.updated(row.Key, row.Edition, w.at.Now))
}

func TestAChangeThatMayBeAppliedLateIsMadeOnceMore(t *testing.T) {
	w, row := shown(t, Post{Key: "a", Text: "one"})
	w.says(row, "two")
	w.do(w.policy.postFailed("a", StepUpdate, errors.New("the answer is lost")))
	w.says(row, "three")
	w.updates(row)
	if w.wantNext(ToSlack, "", ""); row.Resting() {
		t.Error("it rests, and the older change may come yet")
	}
	w.pass(recheckAfter)
	w.wantNext(ToSlack, StepUpdate, "a")
	w.updates(row)
	if w.wantNext(ToSlack, "", ""); !row.Resting() {
		t.Error("it is changed for ever")
	}
}

func TestALaterChangeOfUnknownOutcomeMovesTheTime(t *testing.T) {
	w, row := shown(t, Post{Key: "a", Text: "one"})
	w.says(row, "two")
	w.do(w.policy.postFailed("a", StepUpdate, errors.New("the answer is lost")))
	w.pass(recheckAfter - time.Second)
	w.do(w.policy.postFailed("a", StepUpdate, errors.New("and once more")))
	w.pass(recheckAfter - time.Second)
	w.updates(row)
	w.wantNext(ToSlack, "", "")
	w.pass(time.Second)
	w.wantNext(ToSlack, StepUpdate, "a")
}

// TestWhatCountsIsWhenAChangeWasBegun: one that took long may be older than
// what was applied late.
func TestWhatCountsIsWhenAChangeWasBegun(t *testing.T) {
	w, row := shown(t, Post{Key: "a", Text: "one"})
	w.says(row, "two")
	w.do(w.policy.postFailed("a", StepUpdate, errors.New("the answer is lost")))
	began := w.at.Now.Add(recheckAfter - time.Second)
	w.pass(recheckAfter + time.Second)
	w.do(w.policy.updated("a", row.Edition, began))
	w.wantNext(ToSlack, StepUpdate, "a")
}

func TestAChangeThatWasUnderWayAtARestartIsMadeOnceMore(t *testing.T) {
	w, row := shown(t, Post{Key: "a", Text: "one"})
	w.says(row, "two")
	w.at.Boot++
	w.says(row, "three")
	w.updates(row)
	w.wantNext(ToSlack, "", "")
	w.pass(recheckAfter)
	w.wantNext(ToSlack, StepUpdate, "a")
	w.updates(row)
	w.at.Boot++
	w.says(row, "four")
	w.updates(row)
	if !row.Resting() {
		t.Error("no change was under way at the second restart, and it is made once more")
	}
}

func TestWhatIsSaidOnceMore(t *testing.T) {
	for class, want := range map[Class]bool{
		Temporary: true, RateLimited: false, Unauthorized: false, Absent: false, Rejected: false, Missing: false,
	} {
		for _, post := range []Post{{Key: "a", Text: "ours"}, {Key: "a", Text: "the agent's", Markdown: true}} {
			t.Run(fmt.Sprintf("%s/%s", class, post.Text), func(t *testing.T) {
				w, row := shown(t, post)
				w.says(row, "changed")
				w.do(w.policy.postFailed("a", StepUpdate, &Fault{Class: class}))
				w.updates(row)
				w.pass(time.Hour)
				s, _ := w.rows.next(ToSlack, w.at.Now)
				if got := s.kind == StepUpdate; got != (want && !post.Markdown) {
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
	w.do(w.policy.postFailed("a", StepUpdate, errors.New("the answer is lost")))
	w.policy.retract(w.rows, "a", w.at)
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
	w.do(w.policy.outlived(step{kind: StepUpdate, row: "a"}))
	w.updates(row)
	w.pass(recheckAfter)
	w.wantNext(ToSlack, StepUpdate, "a")
}
