package bridge

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/agen"
)

var update = flag.Bool("update", false, "write the golden files")

// outage is a bound thread in which n messages wait for two minutes.
func outage(t *testing.T, n int) (*world, *PostRecord) {
	t.Helper()
	w := bound(t)
	w.show(ts(1))
	for i := range n {
		id := ts(2 + i)
		w.hear(said(2+i, KindReply))
		w.do(w.policy.authorized(id, nil))
	}
	w.wantNext(ToSlack, "", "")
	w.pass(delayedAfter)
	w.wantNext(ToSlack, StepMark, "")
	w.do(w.policy.ShowTimePassed())
	for i := range n {
		if diff := cmp.Diff([]string{"add electric_plug"}, w.show(ts(2+i))); diff != "" {
			t.Error(diff)
		}
	}
	w.wantNext(ToSlack, "", "")
	w.pass(notedAfter - delayedAfter)
	w.wantNext(ToSlack, StepMark, "")
	w.do(w.policy.ShowTimePassed())
	note := w.onlyPost()
	w.wantNext(ToSlack, StepPost, note.Key)
	w.do(w.policy.postBegin(note.Key, note.Rev))
	w.do(w.policy.posted(note.Key, "9.9", note.Edition))
	w.wantNext(ToSlack, "", "")
	return w, note
}

func TestAnOutageHasOneNoteThatIsEditedWhenItIsOver(t *testing.T) {
	w, note := outage(t, 3)
	w.hear(said(9, KindReply))
	w.do(w.policy.authorized(ts(9), nil))
	w.pass(delayedAfter)
	w.do(w.policy.ShowTimePassed())
	if !strings.Contains(note.Text, "4 messages") || len(w.notes()) != 1 {
		t.Errorf("got %d posts, the note says %q", len(w.notes()), note.Text)
	}
	for _, n := range []int{2, 3, 4, 9} {
		w.sent(ts(n))
	}
	if !strings.Contains(note.Text, "All 4 waiting messages have been sent") || len(note.Buttons) != 0 {
		t.Errorf("in the end the note says %q", note.Text)
	}
	w.show(ts(2))
	w.wantNext(ToSlack, StepUpdatePost, note.Key)
	w.do(w.policy.updated(note.Key, note.Edition, w.at.Now))
	if !note.Resting() {
		t.Error("the note does not rest")
	}
}

func TestAnOutageThatNobodyWasToldOfLeavesNoNote(t *testing.T) {
	w := bound(t)
	w.hear(said(2, KindReply))
	w.do(w.policy.authorized(ts(2), nil))
	w.pass(notedAfter)
	w.do(w.policy.ShowTimePassed())
	w.onlyPost()
	w.sent(ts(2))
	if len(w.notes()) != 0 {
		t.Errorf("the note is still to be posted")
	}
}

func TestWaitingMessagesCanBeDropped(t *testing.T) {
	w, note := outage(t, 2)
	w.begin(ts(2)) // this one may have left
	w.do(w.policy.sendFailed(ts(2), &Fault{Class: ClassUnsure}))
	w.press(note.Key, ActionDrop)
	if m := w.row(ts(3)); m.State != StateDone || m.Reaction.Desired != "" {
		t.Errorf("got %s, showing %q", m.State, m.Reaction.Desired)
	}
	if m := w.row(ts(2)); m.State != StateInFlight || !m.DeletionPending {
		t.Errorf("what may have left: got %s, unwanted %t", m.State, m.DeletionPending)
	}
	if len(note.Buttons) != 0 || !strings.Contains(note.Text, "<@U2> decided") {
		t.Errorf("the note says %q", note.Text)
	}
	for range 10 { // and time passes without a mark that is due for ever
		s, ok := w.rows.next(ToSlack, w.at.Now)
		if ok && s.kind == StepMark {
			t.Fatal("a mark is due that changes nothing")
		}
		w.pass(time.Minute)
	}
}

func TestFailuresShareOneNoteUntilSomebodyDecides(t *testing.T) {
	w := bound(t)
	fail := func(n int) {
		w.hear(said(n, KindReply))
		w.begin(ts(n))
		w.do(w.policy.sendFailed(ts(n), &Fault{Class: ClassRejected, Reason: "no <!channel> here"}))
	}
	fail(2)
	note := w.onlyPost()
	if !strings.Contains(note.Text, "no &lt;!channel&gt; here") {
		t.Errorf("Agen's words can notify people: %q", note.Text)
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
	note.State = StateDone
	w.press(note.Key, ActionDismiss)
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
	w.policy.upsertPost(w.rows, Post{Key: "a", Text: "one"}, nil, w.at)
	w.pass(time.Second)
	w.policy.upsertPost(w.rows, Post{Key: "b", Text: "two"}, nil, w.at)
	a := w.rows.Posts["a"]
	w.do(w.policy.postBegin("a", a.Rev))
	w.do(w.policy.postFailed("a", StepPost, &Fault{Class: ClassUnsure}))
	w.wantNext(ToSlack, "", "") // b waits until the fate of a is known
	w.pass(missGap)
	w.wantNext(ToSlack, StepFindPost, "a")
	w.do(w.policy.postFound("a", ""))
	if a.Misses != 0 {
		t.Error("not there counts too early")
	}
	for range 2 {
		w.pass(time.Minute)
		w.wantNext(ToSlack, StepFindPost, "a")
		w.do(w.policy.postFound("a", ""))
	}
	w.wantNext(ToSlack, StepPost, "a")
	w.do(w.policy.postBegin("a", a.Rev))
	w.policy.upsertPost(w.rows, Post{Key: "a", Text: "changed"}, nil, w.at)
	w.do(w.policy.posted("a", "1.1", 1))
	w.wantNext(ToSlack, StepPost, "b")
	if a.Shown == a.Edition {
		t.Error("the change is lost")
	}
}

func TestWhatFollowsFromAFailedPost(t *testing.T) {
	for class, want := range map[FaultClass]DeliveryState{
		ClassTemporary: StateReady, ClassRateLimited: StateReady, ClassUnauthorized: StateReady, ClassUnsure: StateInFlight, ClassRejected: StateDead, ClassNotFound: StateDead,
	} {
		w := newWorld(t)
		w.policy.upsertPost(w.rows, Post{Key: "a", Text: "one"}, nil, w.at)
		w.do(w.policy.postBegin("a", w.rows.Posts["a"].Rev))
		w.do(w.policy.postFailed("a", StepPost, &Fault{Class: class}))
		if got := w.rows.Posts["a"].State; got != want {
			t.Errorf("%s: got %s, want %s", class, got, want)
		}
	}
}

func TestAPrivateNoteIsSaidOnceAtMost(t *testing.T) {
	w := newWorld(t)
	w.policy.postPrivate(w.rows, "a", "U1", "psst", w.at)
	w.do(w.policy.postBegin("a", w.rows.Posts["a"].Rev))
	w.do(w.policy.privatePostUnsure("a"))
	if p := w.rows.Posts["a"]; p.State != StateDone || !p.Resting() {
		t.Errorf("got %s", p.State)
	}
}

// The words as people read them.
func TestTexts(t *testing.T) {
	at := epoch
	p := &Policy{Contact: "<#C9>", Reactions: DefaultReactions()}
	row := func(n int, class FaultClass, reason string) *MessageRecord {
		return &MessageRecord{Message: said(n, KindReply), Delivery: Delivery{Fault: class, Reason: reason}}
	}
	var b strings.Builder
	for _, s := range []struct{ name, text string }{
		{"help", p.textHelp()},
		{"help without contact or signs", (&Policy{}).textHelp()},
		{"aside", textAside("<@U2>")},
		{"wrong option", (&Policy{Options: []string{"branch", "model"}}).textTypo((&Policy{Options: []string{"branch", "model"}}).textUnknownOption("brnach"))},
		{"options switched off", (&Policy{}).textTypo((&Policy{}).textUnknownOption("branch"))},
		{"help with one option", (&Policy{Options: []string{"model"}}).textHelp()},
		{"delayed, one", textDelayed(1, at)},
		{"delayed, three", textDelayed(3, at)},
		{"over, one", textOver(at, at.Add(time.Hour), 1, 1)},
		{"over, all", textOver(at, at.Add(time.Hour), 3, 3)},
		{"over, some", textOver(at, at.Add(time.Hour), 2, 3)},
		{"over, none left", textOver(at, at.Add(time.Hour), 0, 0)},
		{"dropped", textDropped(2, "U2", at)},
		{"failed", p.textFailed([]*MessageRecord{row(2, ClassRejected, "branch mian not found")}, "T1/C1/1")},
		{"failed, two", p.textFailed([]*MessageRecord{row(2, ClassRejected, "x"), row(3, ClassTemporary, "")}, "T1/C1/1")},
		{"failed, forbidden", p.textFailed([]*MessageRecord{row(2, ClassForbidden, "")}, "T1/C1/1")},
		{"failed, no session", p.textFailed([]*MessageRecord{row(2, ClassNotFound, "")}, "T1/C1/1")},
		{"failed, no workspace", p.textFailed([]*MessageRecord{row(2, HoldNoRoute, "")}, "T1/C1/1")},
		{"unsure", (&Policy{}).textFailed([]*MessageRecord{row(2, ClassUnsure, "")}, "T1/C1/1")},
		{"retried", textRetried(1, "U2", at)},
		{"left", textLeft("U2", at)},
		{"greeting", (&Policy{Earlier: 50}).textGreeting()},
		{"greeting, without context", (&Policy{}).textGreeting()},
		{"stop", withHeld(textStop("https://agen.test/s1", true), 2)},
		{"stop, nothing held, no link", textStop("", true)},
		{"stop, no agent", withHeld(textStop("", false), 1)},
		{"list", textList([]ownThread{
			{key: "a", thread: Thread{Session: Session{OpenedAt: at, Card: Card{Activity: "Editing `a.go`", Branch: "fix"}}}},
			{key: "b", thread: Thread{Session: Session{OpenedAt: at, Card: Card{Phase: PhaseFinished, RequestURL: "https://git.test/1"}}}},
		}, func(key ThreadKey) string { return map[ThreadKey]string{"a": "https://team.test/archives/C1/p1"}[key] })},
		{"answer in the queue", textStuck("U2", "https://agen.test/s1")},
		{"closed, one", textClosed([]*MessageRecord{row(2, ClassNotFound, "")}, false)},
		{"closed, two", textClosed([]*MessageRecord{row(2, ClassNotFound, ""), row(3, ClassNotFound, "")}, false)},
		{"restarted", textRestarted(2, "U2", at)},
		{"refused, guest", p.textRefused(messageRefused, RefusedGuest)},
		{"refused, no contact", (&Policy{}).textRefused(messageRefused, RefusedChannel)},
		{"refused, a click", p.textRefused(clickRefused, RefusedPerson)},
		{"unread", textUnread([]string{"a.png", "<!here>.pdf"})},
		{"unfollowed", textUnfollowed(720 * time.Hour)},
		{"card, at work", textCard(Card{Asker: "U1", Earlier: 12, Activity: "Editing `store/bolt.go`", Branch: "fix/login", RequestURL: "https://git.test/1"}, 2, "https://agen.test/s1", false, true)},
		{"card, asking, quiet", textCard(Card{Asker: "U1", Phase: PhaseAsking}, 0, "", false, false)},
		{"card, merged", textCard(Card{Asker: "U1", Phase: PhaseMerged, Request: "Fix <it>", RequestURL: "https://git.test/1"}, 0, "", true, true)},
		{"question", textQuestion(agen.Question{Text: "Keep *it*?", Options: []agen.QuestionOption{{Label: "Yes"}}}, "U1")},
		{"question, long options", textQuestion(agen.Question{Text: "Which?", Options: []agen.QuestionOption{{Label: strings.Repeat("long ", 10)}, {Label: "b"}}}, "U1")},
		{"question, free", textQuestion(agen.Question{Text: "Why?"}, "")},
		{"answered by a click", textAnswer(textQuestion(agen.Question{Text: "Keep it?", Options: []agen.QuestionOption{{Label: "Yes"}}}, "U1"), "U2", "Yes", at)},
		{"answered by a reply", textAnswer(textQuestion(agen.Question{Text: "Keep it?"}, "U1"), "U2", "", at)},
		{"answered at Agen", textAnswer(textQuestion(agen.Question{Text: "Keep it?"}, "U1"), "", "Yes", at)},
		{"answered already", textAnswered([]string{"U2", "Yes"})},
		{"mirror", textMirror("also check\nthe logs")},
		{"quiet", textReplies(false)},
		{"listen", textReplies(true)},
		{"new", textNew},
		{"again", textAgain(2)},
	} {
		fmt.Fprintf(&b, "== %s\n%s\n\n", s.name, s.text)
	}
	golden(t, "texts.golden", b.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}
