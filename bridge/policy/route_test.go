package policy

import (
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// routed is a thread of the route WEB whose first message reached its session.
func routed(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.policy.Route = func(bridge.ThreadKey) string { return "WEB" }
	w.hear(said(1, bridge.KindMention))
	w.do(w.policy.Opened(ts(1), "s1"))
	w.rows.Posts["card:1"].State = bridge.StateDead
	w.sent(ts(1))
	return w
}

func TestAThreadKeepsTheRouteThatItBeganWith(t *testing.T) {
	w := routed(t)
	w.policy.Route = func(bridge.ThreadKey) string { return "APP" }
	w.hear(said(2, bridge.KindMention))
	if got := w.rows.Thread.Route; got != "WEB" {
		t.Errorf("got route %q, want WEB", got)
	}
	w.do(w.policy.Command(ts(2)))
	w.rows.Thread.Session.Closed = true
	w.hear(said(3, bridge.KindMention)) // opens another session
	if got := w.rows.Thread.Route; got != "WEB" {
		t.Errorf("with a new session: got route %q, want WEB", got)
	}
}

func TestWhatWaitsForAWorkspaceThatIsNotSetUpIsHeldUnderOneNote(t *testing.T) {
	w := routed(t)
	w.hear(said(2, bridge.KindReply))
	w.begin(ts(2)) // it may have been sent
	w.hear(said(3, bridge.KindReply))
	w.do(w.policy.Authorized(ts(3), nil))
	w.hear(said(4, bridge.KindReply)) // its author is not authorized yet
	status := said(5, bridge.KindReply)
	status.Command = bridge.CommandStatus
	w.hear(status)
	w.do(w.policy.NoRoute())
	w.wantState(ts(2), bridge.StateHeld)
	w.wantState(ts(3), bridge.StateHeld)
	w.wantState(ts(4), bridge.StateReady)
	w.wantState(ts(5), bridge.StateReady)
	if m := w.row(ts(3)); m.Body != nil || m.Reaction.Desired != "warning" {
		t.Errorf("what is held keeps its text, or shows %q", m.Reaction.Desired)
	}
	w.do(w.policy.Authorized(ts(4), nil))
	w.do(w.policy.NoRoute())
	note := w.onlyPost()
	if got, want := len(note.About), 3; got != want || !record.Offers(&note.Post, bridge.ActionRetry) || note.Note.Hold != bridge.HoldNoRoute {
		t.Errorf("the note is about %d messages, want %d, and says %+v", got, want, note.Note)
	}

	w.press(note.Key, bridge.ActionRetry)
	w.pass(time.Second) // a message that may have been sent is looked up first
	w.wantNext(bridge.ToAgen, bridge.StepLookUp, ts(2))
	w.wantState(ts(3), bridge.StateReady)
	w.do(w.policy.NoRoute()) // and it is still not configured
	w.wantState(ts(2), bridge.StateHeld)
}

func TestWhatArrivedBeforeItsWorkspaceWentIsFoundWhenItIsBack(t *testing.T) {
	w := routed(t)
	w.hear(said(2, bridge.KindReply))
	w.begin(ts(2))
	w.do(w.policy.NoRoute())
	note := w.onlyPost()
	note.State, note.Shown = bridge.StateDone, note.Edition
	w.reads(timeline.Read{Ours: map[string]timeline.Entry{ts(2): {EventID: "e2", ClientID: ts(2), Status: "completed"}}})
	w.wantState(ts(2), bridge.StateDone)
	if m := w.row(ts(2)); m.Reaction.Desired != "white_check_mark" || len(note.Actions()) != 0 {
		t.Errorf("it shows %q, and the note has %d buttons", m.Reaction.Desired, len(note.Actions()))
	}
}

func TestATakenBackMessageIsNotHeldForItsWorkspace(t *testing.T) {
	w := routed(t)
	w.hear(said(2, bridge.KindReply))
	w.begin(ts(2))
	w.forget(2)
	w.do(w.policy.NoRoute())
	w.wantState(ts(2), bridge.StateDone)
	if len(w.notes()) != 0 {
		t.Error("there is a note about it")
	}
}

// A held mention has opened no session, but its thread keeps its route. Otherwise Retry
// could send it to another workspace.
func TestAHeldMentionKeepsItsThread(t *testing.T) {
	w := newWorld(t)
	w.policy.Route = func(bridge.ThreadKey) string { return "WEB" }
	w.hear(said(1, bridge.KindMention))
	w.hear(said(2, bridge.KindReply))
	w.do(w.policy.Authorized(ts(1), nil))
	w.do(w.policy.NoRoute())
	w.forget(2)
	if w.rows.Thread.Unbound() || w.rows.Thread.Route != "WEB" {
		t.Errorf("the thread is vacant, or its route %q", w.rows.Thread.Route)
	}
}

func TestAThreadOfAWorkspaceThatIsGoneIsNotFollowedForEver(t *testing.T) {
	w := routed(t)
	for range 2000 {
		due, ok := schedule.Due(w.rows, bridge.ToAgen)
		if !ok {
			break
		}
		if due.After(w.at.Now) {
			w.at.Now = due
		}
		w.do(w.policy.NoRoute())
	}
	if s := &w.rows.Thread.Session; !s.PollingStopped || w.row(ts(1)).Reaction.Desired != "" {
		t.Errorf("unfollowed: %t, the first message shows %q", s.PollingStopped, w.row(ts(1)).Reaction.Desired)
	}
}
