package bridge

import (
	"strings"
	"testing"
	"time"
)

// routed is a thread of the route WEB whose first message reached its session.
func routed(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.policy.Route = func(ThreadKey) string { return "WEB" }
	w.hear(said(1, Mention))
	w.do(w.policy.opened(ts(1), "s1"))
	w.rows.Posts["card:1"].State = Dead
	w.sent(ts(1))
	return w
}

func TestAThreadKeepsTheRouteThatItBeganWith(t *testing.T) {
	w := routed(t)
	w.policy.Route = func(ThreadKey) string { return "APP" }
	w.hear(said(2, Mention))
	if got := w.rows.Thread.Route; got != "WEB" {
		t.Errorf("got route %q, want WEB", got)
	}
	w.do(w.policy.command(ts(2)))
	w.rows.Thread.Session.Gone = true
	w.hear(said(3, Mention)) // opens another session
	if got := w.rows.Thread.Route; got != "WEB" {
		t.Errorf("with a new session: got route %q, want WEB", got)
	}
}

func TestWhatWaitsForAWorkspaceThatIsNotSetUpIsHeldUnderOneNote(t *testing.T) {
	w := routed(t)
	w.hear(said(2, Reply))
	w.begin(ts(2)) // may have left
	w.hear(said(3, Reply))
	w.do(w.policy.vetted(ts(3), nil))
	w.hear(said(4, Reply)) // nobody knows yet whether its author may
	status := said(5, Reply)
	status.Command = Status
	w.hear(status)
	w.do(w.policy.unrouted())
	w.wantState(ts(2), Held)
	w.wantState(ts(3), Held)
	w.wantState(ts(4), Ready)
	w.wantState(ts(5), Ready)
	if m := w.row(ts(3)); m.Body != nil || m.Wish.Want != "warning" {
		t.Errorf("what is held keeps its text, or shows %q", m.Wish.Want)
	}
	w.do(w.policy.vetted(ts(4), nil))
	w.do(w.policy.unrouted())
	note := w.onlyPost()
	if got, want := len(note.About), 3; got != want || !note.offers(Retry) || strings.Contains(note.Text, "went on without") {
		t.Errorf("the note is about %d messages, want %d, and says %q", got, want, note.Text)
	}

	w.press(note.Key, Retry)
	w.pass(time.Second) // what may have left is looked up first
	w.wantNext(ToAgen, StepLookUp, ts(2))
	w.wantState(ts(3), Ready)
	w.do(w.policy.unrouted()) // and it is still not there
	w.wantState(ts(2), Held)
}

func TestWhatArrivedBeforeItsWorkspaceWentIsFoundWhenItIsBack(t *testing.T) {
	w := routed(t)
	w.hear(said(2, Reply))
	w.begin(ts(2))
	w.do(w.policy.unrouted())
	note := w.onlyPost()
	note.State, note.Shown = Done, note.Edition
	w.reads(Timeline{Ours: map[string]Sighting{ts(2): {EventID: "e2", ClientID: ts(2), Status: "completed"}}})
	w.wantState(ts(2), Done)
	if m := w.row(ts(2)); m.Wish.Want != "white_check_mark" || len(note.Buttons) != 0 {
		t.Errorf("it shows %q, and the note has %d buttons", m.Wish.Want, len(note.Buttons))
	}
}

func TestATakenBackMessageIsNotHeldForItsWorkspace(t *testing.T) {
	w := routed(t)
	w.hear(said(2, Reply))
	w.begin(ts(2))
	w.forget(2)
	w.do(w.policy.unrouted())
	w.wantState(ts(2), Done)
	if len(w.notes()) != 0 {
		t.Error("there is a note about it")
	}
}

// A mention that is held has opened nothing yet: the thread is its own all the
// same, or Retry could send it elsewhere.
func TestAHeldMentionKeepsItsThread(t *testing.T) {
	w := newWorld(t)
	w.policy.Route = func(ThreadKey) string { return "WEB" }
	w.hear(said(1, Mention))
	w.hear(said(2, Reply))
	w.do(w.policy.vetted(ts(1), nil))
	w.do(w.policy.unrouted())
	w.forget(2)
	if w.rows.Thread.Vacant() || w.rows.Thread.Route != "WEB" {
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
		w.do(w.policy.unrouted())
	}
	if s := &w.rows.Thread.Session; !s.Unfollowed || w.row(ts(1)).Wish.Want != "" {
		t.Errorf("unfollowed: %t, the first message shows %q", s.Unfollowed, w.row(ts(1)).Wish.Want)
	}
}

func TestLinksAreThoseOfTheRoute(t *testing.T) {
	p := &Policy{SessionURL: "https://a.test/{id}", RouteURLs: map[string]string{"WEB": "https://web.test/{id}"}}
	for route, want := range map[string]string{"": "https://a.test/s1", "WEB": "https://web.test/s1", "GONE": ""} {
		if got := p.sessionLink(&Thread{Route: route, Session: Session{ID: "s1"}}); got != want {
			t.Errorf("route %q: got %q, want %q", route, got, want)
		}
	}
}

// The gates of two keys know nothing of each other.
func TestOneRefusedKeyStopsOneRoute(t *testing.T) {
	now := epoch
	r := New(Config{Now: func() time.Time { return now }, Routes: map[string]Route{"WEB": {}}})
	web := r.routes["WEB"]
	web.gate.note(&Fault{Class: Unauthorized})
	now = now.Add(30 * time.Second)
	web.gate.note(&Fault{Class: Unauthorized})
	if web.shut() == nil || r.routes[""].shut() != nil {
		t.Errorf("WEB: %v, default: %v", web.shut(), r.routes[""].shut())
	}
	if since, last := r.Refused("WEB"); !since.Equal(epoch) || !last.Equal(now) {
		t.Errorf("refused since %s, last %s", since, last)
	}
	if since, _ := r.Refused(""); !since.IsZero() {
		t.Error("the default key counts as refused")
	}
	web.gate.note(&Fault{Class: Temporary})
	now = now.Add(20 * time.Second)
	if got := r.Silent(); got != 20*time.Second {
		t.Errorf("silent for %s, want 20 s", got)
	}
	if err := r.routes["GONE"].shut(); classOf(err) != Unrouted {
		t.Errorf("a route that is not there: got %v", err)
	}
}
