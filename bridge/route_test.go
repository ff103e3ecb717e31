package bridge

import (
	"testing"
	"time"
)

// routed is a thread of the route WEB whose first message reached its session.
func routed(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.policy.Route = func(ThreadKey) string { return "WEB" }
	w.hear(said(1, KindMention))
	w.do(w.policy.opened(ts(1), "s1"))
	w.rows.Posts["card:1"].State = StateDead
	w.sent(ts(1))
	return w
}

func TestAThreadKeepsTheRouteThatItBeganWith(t *testing.T) {
	w := routed(t)
	w.policy.Route = func(ThreadKey) string { return "APP" }
	w.hear(said(2, KindMention))
	if got := w.rows.Thread.Route; got != "WEB" {
		t.Errorf("got route %q, want WEB", got)
	}
	w.do(w.policy.command(ts(2)))
	w.rows.Thread.Session.Closed = true
	w.hear(said(3, KindMention)) // opens another session
	if got := w.rows.Thread.Route; got != "WEB" {
		t.Errorf("with a new session: got route %q, want WEB", got)
	}
}

func TestWhatWaitsForAWorkspaceThatIsNotSetUpIsHeldUnderOneNote(t *testing.T) {
	w := routed(t)
	w.hear(said(2, KindReply))
	w.begin(ts(2)) // may have left
	w.hear(said(3, KindReply))
	w.do(w.policy.authorized(ts(3), nil))
	w.hear(said(4, KindReply)) // nobody knows yet whether its author may
	status := said(5, KindReply)
	status.Command = CommandStatus
	w.hear(status)
	w.do(w.policy.noRoute())
	w.wantState(ts(2), StateHeld)
	w.wantState(ts(3), StateHeld)
	w.wantState(ts(4), StateReady)
	w.wantState(ts(5), StateReady)
	if m := w.row(ts(3)); m.Body != nil || m.Reaction.Desired != "warning" {
		t.Errorf("what is held keeps its text, or shows %q", m.Reaction.Desired)
	}
	w.do(w.policy.authorized(ts(4), nil))
	w.do(w.policy.noRoute())
	note := w.onlyPost()
	if got, want := len(note.About), 3; got != want || !offers(&note.Post, ActionRetry) || note.Note.Class != HoldNoRoute {
		t.Errorf("the note is about %d messages, want %d, and says %+v", got, want, note.Note)
	}

	w.press(note.Key, ActionRetry)
	w.pass(time.Second) // what may have left is looked up first
	w.wantNext(ToAgen, StepLookUp, ts(2))
	w.wantState(ts(3), StateReady)
	w.do(w.policy.noRoute()) // and it is still not there
	w.wantState(ts(2), StateHeld)
}

func TestWhatArrivedBeforeItsWorkspaceWentIsFoundWhenItIsBack(t *testing.T) {
	w := routed(t)
	w.hear(said(2, KindReply))
	w.begin(ts(2))
	w.do(w.policy.noRoute())
	note := w.onlyPost()
	note.State, note.Shown = StateDone, note.Edition
	w.reads(TimelineRead{Ours: map[string]TimelineEntry{ts(2): {EventID: "e2", ClientID: ts(2), Status: "completed"}}})
	w.wantState(ts(2), StateDone)
	if m := w.row(ts(2)); m.Reaction.Desired != "white_check_mark" || len(note.Actions()) != 0 {
		t.Errorf("it shows %q, and the note has %d buttons", m.Reaction.Desired, len(note.Actions()))
	}
}

func TestATakenBackMessageIsNotHeldForItsWorkspace(t *testing.T) {
	w := routed(t)
	w.hear(said(2, KindReply))
	w.begin(ts(2))
	w.forget(2)
	w.do(w.policy.noRoute())
	w.wantState(ts(2), StateDone)
	if len(w.notes()) != 0 {
		t.Error("there is a note about it")
	}
}

// A mention that is held has opened nothing yet: the thread is its own all the
// same, or Retry could send it elsewhere.
func TestAHeldMentionKeepsItsThread(t *testing.T) {
	w := newWorld(t)
	w.policy.Route = func(ThreadKey) string { return "WEB" }
	w.hear(said(1, KindMention))
	w.hear(said(2, KindReply))
	w.do(w.policy.authorized(ts(1), nil))
	w.do(w.policy.noRoute())
	w.forget(2)
	if w.rows.Thread.Unbound() || w.rows.Thread.Route != "WEB" {
		t.Errorf("the thread is vacant, or its route %q", w.rows.Thread.Route)
	}
}

func TestAThreadOfAWorkspaceThatIsGoneIsNotFollowedForEver(t *testing.T) {
	w := routed(t)
	for range 2000 {
		due, ok := w.rows.Due(ToAgen)
		if !ok {
			break
		}
		if due.After(w.at.Now) {
			w.at.Now = due
		}
		w.do(w.policy.noRoute())
	}
	if s := &w.rows.Thread.Session; !s.PollingStopped || w.row(ts(1)).Reaction.Desired != "" {
		t.Errorf("unfollowed: %t, the first message shows %q", s.PollingStopped, w.row(ts(1)).Reaction.Desired)
	}
}

// The gates of two keys know nothing of each other.
func TestOneRefusedKeyStopsOneRoute(t *testing.T) {
	now := epoch
	r := New(Config{Now: func() time.Time { return now }, Routes: map[string]Route{"WEB": {}}})
	web := r.routes["WEB"]
	web.throttle.record(&Fault{Class: ClassUnauthorized})
	now = now.Add(30 * time.Second)
	web.throttle.record(&Fault{Class: ClassUnauthorized})
	if web.unavailable() == nil || r.routes[""].unavailable() != nil {
		t.Errorf("WEB: %v, default: %v", web.unavailable(), r.routes[""].unavailable())
	}
	if since, last := r.KeyRefused("WEB"); !since.Equal(epoch) || !last.Equal(now) {
		t.Errorf("refused since %s, last %s", since, last)
	}
	if since, _ := r.KeyRefused(""); !since.IsZero() {
		t.Error("the default key counts as refused")
	}
	web.throttle.record(&Fault{Class: ClassTemporary})
	now = now.Add(20 * time.Second)
	if got := r.AgenUnreachable(); got != 20*time.Second {
		t.Errorf("silent for %s, want 20 s", got)
	}
	if err := r.routes["GONE"].unavailable(); classOf(err) != HoldNoRoute {
		t.Errorf("a route that is not there: got %v", err)
	}
}
