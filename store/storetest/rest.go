package storetest

import (
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

func restingFound(w *world) {
	w.accept("A", nil, seq(addMessage("1.0", 0), addMessage("2.0", 0), addPost("note", 0)))
	w.accept("A", nil, seq(done("1.0"), done("2.0"), posted("note")))
	check := func(ids []string, want ...string) {
		w.Helper()
		var got []string
		w.accept("A", ids, look(func(state *bridge.ThreadState, _ bridge.Instant) {
			for id := range state.Messages {
				got = append(got, id)
			}
			for id := range state.Posts {
				got = append(got, id)
			}
		}))
		slices.Sort(got)
		if !slices.Equal(got, want) {
			w.Errorf("rows with ids %q: got %q, want %q", ids, got, want)
		}
	}
	check(nil)
	check([]string{"1.0"}, "1.0")
	check([]string{"note", "2.0", "3.0", "2.0"}, "2.0", "note")
	w.reopen()
	check([]string{"1.0", "note"}, "1.0", "note")
	check([]string{""})
}

func wakesUp(w *world) {
	w.accept("A", nil, addMessage("1.0", 0))
	w.accept("A", nil, done("1.0"))
	w.noClaim(bridge.ToAgen)
	w.accept("A", []string{"1.0"}, seq(state("1.0", bridge.StateReady), delay("1.0", 0)))
	c := w.claim(bridge.ToAgen)
	if c.State.Messages["1.0"] == nil {
		w.Fatal("the message that woke up is not in the claim")
	}
	w.settle(c, done("1.0"))
	// Change it while it stays at rest, and then remove it.
	w.accept("A", []string{"1.0"}, message("1.0", func(m *bridge.MessageRecord, _ bridge.Instant) { m.NoteKey = "n" }))
	if m := w.rows("A").Messages["1.0"]; m.NoteKey != "n" {
		w.Errorf("note: got %q, want n", m.NoteKey)
	}
	w.accept("A", []string{"1.0"}, look(func(state *bridge.ThreadState, _ bridge.Instant) { delete(state.Messages, "1.0") }))
	if got := w.rows("A").Messages; len(got) != 0 {
		w.Errorf("messages: got %v, want none", got)
	}
}

func unbound(w *world) {
	w.accept("A", nil, seq(addMessage("1.0", 0), bind("s1")))
	w.accept("A", nil, seq(done("1.0"), unbind))
	w.reopen()
	state := w.rows("A")
	if !state.Thread.Unbound() || state.Thread.Session.ID != "" {
		w.Errorf("thread: got %+v, want none", state.Thread)
	}
	if state.Messages["1.0"] == nil {
		w.Error("the message's tombstone went with the thread")
	}
	w.accept("A", nil, bind("s2"))
	if state := w.rows("A"); state.Thread.Session.ID != "s2" {
		w.Errorf("session: got %q, want s2", state.Thread.Session.ID)
	}
}

func pruned(w *world) {
	w.accept("old", nil, seq(addMessage("1.0", 0), addMessage("2.0", 0), addPost("note", 0), bind("s1"),
		addMessage("3.0", 0), state("3.0", bridge.StateHeld), addMessage("4.0", 0), state("4.0", bridge.StateDead)))
	w.accept("old", nil, seq(done("1.0"), posted("note")))
	w.accept("bound", nil, bind("s2"))
	unpressed := post("asks", func(p *bridge.PostRecord, at bridge.Instant) {
		p.State, p.Settled, p.Shown, p.Buttons = bridge.StateDone, at.Now, p.Edition, []bridge.Button{{Action: bridge.ActionRetry}}
	})
	unshown := message("5.0", func(m *bridge.MessageRecord, _ bridge.Instant) { m.Unshown = bridge.UnshownForNow })
	w.accept("quiet", nil, seq(bind("s3"), addPost("asks", 0), unpressed, addMessage("5.0", 0), done("5.0"), unshown))
	w.accept("busy", nil, seq(bind("s4"), addPost("asks", 0), unpressed, addMessage("5.0", 0), done("5.0"), unshown))
	w.clock.Advance(retention - time.Minute)
	w.accept("new", nil, addMessage("1.0", 0))
	w.accept("new", nil, done("1.0"))
	w.accept("busy", nil, bind("s5"))
	w.prune()
	if state := w.rows("old"); len(state.Messages) != 4 || len(state.Posts) != 1 {
		w.Errorf("before their time: got %d messages and %d posts, want 4 and 1", len(state.Messages), len(state.Posts))
	}
	w.clock.Advance(2 * time.Minute)
	w.prune()
	if state := w.rows("old"); len(state.Messages) != 1 || state.Messages["2.0"] == nil || len(state.Posts) != 0 || state.Thread.Session.ID != "s1" {
		w.Errorf("after their time: got %+v, want the message that still waits and the thread", state)
	}
	if state := w.rows("new"); state.Messages["1.0"] == nil {
		w.Error("a row that came to rest just now was pruned")
	}
	if quiet, busy := w.rows("quiet"), w.rows("busy"); len(quiet.Posts) != 0 || len(busy.Posts) != 1 {
		w.Errorf("buttons: got %d posts in the quiet thread and %d in the busy one, want 0 and 1", len(quiet.Posts), len(busy.Posts))
	}
	if quiet, busy := w.rows("quiet"), w.rows("busy"); len(quiet.Messages) != 0 || len(busy.Messages) != 1 {
		w.Errorf("unshown answers: got %d messages in the quiet thread and %d in the busy one, want 0 and 1", len(quiet.Messages), len(busy.Messages))
	}
	w.clock.Advance(threadRetention)
	w.prune()
	w.reopen()
	if state := w.rows("old"); state.Messages["2.0"] == nil || state.Thread.Unbound() {
		w.Errorf("a thread in which something waits: got %+v, want it kept", state)
	}
	if state := w.rows("bound"); !state.Thread.Unbound() {
		w.Errorf("a thread that nobody used for 401 days: got %+v, want none", state.Thread)
	}
}

func (w *world) prune() {
	w.Helper()
	if err := w.s.Prune(w.ctx()); err != nil {
		w.Fatalf("prune: %v", err)
	}
}

func clockAhead(w *world) {
	w.clock.Advance(72 * time.Hour)
	w.accept("A", nil, seq(addMessage("1.0", time.Second), addPost("note", time.Second), addMessage("2.0", time.Hour), react("1.0", "eyes", 0)))
	w.accept("A", nil, state("2.0", bridge.StateInFlight))
	w.accept("A", nil, post("note", func(p *bridge.PostRecord, at bridge.Instant) { p.RecheckAt = at.Now.Add(time.Minute) }))
	w.accept("B", nil, addMessage("1.0", -72*time.Hour))
	w.clock.Advance(-72 * time.Hour) // the clock is corrected
	w.wait(bridge.ToSlack, time.Hour)
	w.reopen()
	w.wait(bridge.ToSlack, 10*time.Minute)
	if c := w.claim(bridge.ToAgen); c.Thread != "B" {
		w.Errorf("claim: got %q, want B, which is due", c.Thread)
	}
	w.accept("C", nil, addMessage("1.0", 30*time.Minute)) // it is written now, so the due time is intended
	w.clock.Advance(10 * time.Minute)
	c := w.claim(bridge.ToAgen)
	for id, m := range c.State.Messages {
		if m.Due.After(w.clock.Now()) || m.InFlightSince.After(w.clock.Now()) || m.Reaction.Due.After(w.clock.Now()) {
			w.Errorf("message %s: got %+v, want nothing in it in the future", id, m)
		}
	}
	if p := w.claim(bridge.ToSlack).State.Posts["note"]; p.Due.After(w.clock.Now()) || p.RecheckAt.After(w.clock.Now()) {
		w.Errorf("the post is due at %v, and once more at %v: want both by now", p.Due, p.RecheckAt)
	}
}
