package policy

import (
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// nearMiss is a message that is almost the command stop.
func nearMiss(n int) bridge.Message {
	m := said(n, bridge.KindMention)
	m.Meant = bridge.CommandStop
	return m
}

// heldNearMiss is a thread with a held near miss.
func heldNearMiss(t *testing.T) *world {
	t.Helper()
	w := bound(t)
	w.hear(nearMiss(2))
	w.wantNext(bridge.ToAgen, bridge.StepAuthorize, ts(2))
	w.do(w.policy.Authorized(ts(2), nil))
	w.wantState(ts(2), bridge.StateHeld)
	if p := w.rows.Posts[project.NearMissKey(ts(2))]; p == nil || p.To != "U1" || p.Note.Word != bridge.CommandStop {
		t.Fatalf("its author is asked: %+v", p)
	}
	return w
}

// wantReleased checks that the message is ready, and which command it has.
func (w *world) wantReleased(command string) {
	w.t.Helper()
	m := w.row(ts(2))
	if m.State != bridge.StateReady || m.Command != command || m.AwaitsQuestion() {
		w.t.Errorf("got %s, command %q, want it ready as %q", m.State, m.Command, command)
	}
	if p := w.rows.Posts[project.NearMissKey(ts(2))]; p != nil && !p.Withdrawn {
		w.t.Error("the question is still there")
	}
}

func TestANearMissGoesToTheAgentUnlessItsAuthorSaysOtherwise(t *testing.T) {
	for name, c := range map[string]struct {
		then func(w *world)
		want string
	}{
		"yes":                 {func(w *world) { w.press(project.NearMissKey(ts(2)), bridge.ActionConfirm) }, bridge.CommandStop},
		"no":                  {func(w *world) { w.press(project.NearMissKey(ts(2)), bridge.ActionAsIs) }, ""},
		"nothing":             {func(w *world) { w.pass(time.Minute); w.do(w.policy.ShowTimePassed()) }, ""},
		"another message":     {func(w *world) { w.hear(said(3, bridge.KindReply)) }, ""},
		"an edit":             {func(w *world) { w.hear(edited(nearMiss(2), "")) }, ""},
		"an edit to the word": {func(w *world) { w.hear(edited(nearMiss(2), bridge.CommandStop)) }, bridge.CommandStop},
	} {
		t.Run(name, func(t *testing.T) {
			w := heldNearMiss(t)
			c.then(w)
			w.wantReleased(c.want)
			again := said(2, bridge.KindMention)
			again.Digest = w.row(ts(2)).Digest
			w.do(w.policy.Reread(ts(2), &again))
			w.wantReleased(c.want)
		})
	}
}

// edited is the message with a different text, which is the command.
func edited(m bridge.Message, command string) bridge.Message {
	m.Edited, m.Digest, m.Command, m.Meant = "1700000200.000000", 99, command, ""
	return m
}

func TestOthersGoOnWhileANearMissIsHeld(t *testing.T) {
	w := heldNearMiss(t)
	other := said(3, bridge.KindReply)
	other.Author = "U2"
	w.hear(other)
	w.wantState(ts(2), bridge.StateHeld)
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(3))
	w.pass(59 * time.Second)
	w.do(w.policy.ShowTimePassed())
	w.wantState(ts(2), bridge.StateHeld)
}

func TestANearMissThatIsDeletedIsNotSent(t *testing.T) {
	w := heldNearMiss(t)
	w.forget(2)
	w.wantState(ts(2), bridge.StateDone)
	w.press(project.NearMissKey(ts(2)), bridge.ActionConfirm)
	w.wantState(ts(2), bridge.StateDone)
}

func TestANearMissMayStartAThread(t *testing.T) {
	w := newWorld(t)
	w.hear(nearMiss(2))
	w.do(w.policy.Authorized(ts(2), nil))
	if !w.rows.Thread.Unbound() {
		t.Error("the thread is started before its author decides")
	}
	w.pass(time.Minute)
	w.do(w.policy.ShowTimePassed())
	w.wantReleased("")
	if w.rows.Thread.StartTS != ts(2) {
		t.Error("the thread is not started")
	}
}

func TestNothingIsTakenForAMisspelledCommandWhileAQuestionIsOpen(t *testing.T) {
	w := bound(t)
	w.ask(t)
	w.hear(nearMiss(2))
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(2))
}

// ask makes the agent ask a question.
func (w *world) ask(t *testing.T) {
	t.Helper()
	post := w.formerPost(formerQuestion)
	if !post.Open {
		t.Fatal("no question is open")
	}
}

// TestABareStop: without a mention, the word is a command only if there is something to
// stop and no question is open.
func TestABareStop(t *testing.T) {
	bare := said(5, bridge.KindReply)
	bare.Command, bare.Word = bridge.CommandStop, bridge.WordCancel
	status := func(w *world, s agen.Status) {
		w.reads(timeline.Read{Ours: map[string]timeline.Entry{ts(1): {EventID: "ev-" + ts(1), ClientID: ts(1), Status: s}}})
	}
	for name, c := range map[string]struct {
		before func(w *world)
		want   string
	}{
		"a message is in progress": {func(w *world) { status(w, agen.StatusProcessing) }, bridge.CommandStop},
		"a message waits":          {func(w *world) { status(w, agen.StatusCompleted); w.hear(said(3, bridge.KindReply)) }, bridge.CommandStop},
		"the agent is at work for somebody else": {func(w *world) {
			status(w, agen.StatusCompleted)
			w.rows.Thread.Session.Card.Activity.Kind = bridge.ActivityEdit
		}, bridge.CommandStop},
		"nothing is under way": {func(w *world) { status(w, agen.StatusCompleted) }, ""},
		"a question is open":   {func(w *world) { w.ask(t) }, ""},
		"another command waits": {func(w *world) {
			status(w, agen.StatusCompleted)
			m := said(3, bridge.KindMention)
			m.Command = bridge.CommandStatus
			w.hear(m)
		}, ""},
	} {
		w := bound(t)
		c.before(w)
		w.hear(bare)
		if got := w.row(ts(5)).Command; got != c.want {
			t.Errorf("%s: the command is %q, want %q", name, got, c.want)
		}
	}
	w := bound(t)
	w.rows.Thread.Replies = bridge.RepliesMentions
	if v := w.hear(bare); v.Ignored != bridge.IgnoredQuiet {
		t.Errorf("in a quiet thread: %+v", v)
	}
}

func TestAStopHoldsNoCorrection(t *testing.T) {
	w := bound(t)
	w.hear(edited(said(1, bridge.KindMention), ""))
	stop := said(9, bridge.KindMention)
	stop.TS, stop.Command, stop.Word = "1700000300.000000", bridge.CommandStop, bridge.WordHalt
	w.hear(stop)
	w.do(w.policy.Stop(stop.TS))
	post := w.rows.Posts[project.StopKey(stop.TS)]
	if post.Note.Count != 0 || len(post.Note.Actions()) != 0 || post.Note.Word != bridge.WordHalt {
		t.Errorf("got %+v", post.Note)
	}
	w.wantState(ts(1)+":1700000200.000000", bridge.StateReady)
}
