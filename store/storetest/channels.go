package storetest

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// take is the suite's own Merge: what moved replaces what stands there.
func take(there, moved *bridge.ThreadState, _ bridge.Instant) error {
	if !moved.Thread.Unbound() {
		rev := max(there.Thread.Rev, moved.Thread.Rev)
		there.Thread = moved.Thread
		there.Thread.Rev = rev + 1
	}
	for id, m := range moved.Messages {
		m.Thread = there.Key
		m.Touch()
		there.Messages[id] = m
	}
	for id, p := range moved.Posts {
		p.Touch()
		there.Posts[id] = p
	}
	return nil
}

func (w *world) move(from, to bridge.ChannelKey, want int) {
	w.Helper()
	if got, err := w.s.Move(w.ctx(), from, to, take); err != nil || got != want {
		w.Errorf("move %s to %s: got %d threads, %v, want %d", from, to, got, err, want)
	}
}

func (w *world) rest(channel bridge.ChannelKey, decide bridge.Decision, want bool) {
	w.Helper()
	if got, err := w.s.Pause(w.ctx(), channel, decide); err != nil || got != want {
		w.Errorf("rest %s: got %t, %v, want %t", channel, got, err, want)
	}
}

func (w *world) wake(channel bridge.ChannelKey, decide bridge.Decision, want bool) {
	w.Helper()
	if got, err := w.s.Resume(w.ctx(), channel, decide); err != nil || got != want {
		w.Errorf("wake %s: got %t, %v, want %t", channel, got, err, want)
	}
}

var nothing = look(func(*bridge.ThreadState, bridge.Instant) {})

func channelMoves(w *world) {
	w.accept("T/C1/1", nil, seq(addMessage("1.0", 0), addMessage("2.0", 0), addPost("note", time.Hour)))
	w.accept("T/C1/1", nil, done("1.0"))
	w.accept("T/C1/2", nil, addMessage("5.0", time.Hour))
	w.accept("T/C10/1", nil, addMessage("9.0", time.Hour))
	lost := w.claim(bridge.ToAgen)
	w.move("T/C1/", "T/C2/", 2)
	w.lost("settle for a thread that moved", w.s.Settle(w.ctx(), lost, done("2.0")))
	check := func() {
		w.Helper()
		r := w.rows("T/C2/1")
		if len(r.Messages) != 2 || len(r.Posts) != 1 || r.Thread.StartTS != "1.0" {
			w.Errorf("what moved: got %s", sketch(r))
		}
		for id, m := range r.Messages {
			if m.Thread != "T/C2/1" {
				w.Errorf("message %s says that it is in %s", id, m.Thread)
			}
		}
		if r := w.rows("T/C10/1"); len(r.Messages) != 1 {
			w.Errorf("its neighbour: got %s", sketch(r))
		}
	}
	check()
	w.crash()
	check()
	c := w.claim(bridge.ToAgen)
	if c.Thread != "T/C2/1" || c.State.Messages["2.0"] == nil {
		w.Fatalf("claimed %s with %s", c.Thread, sketch(c.State))
	}
	w.settle(c, done("2.0"))
	w.noClaim(bridge.ToAgen)
	w.move("T/C1/", "T/C2/", 0) // it is told again
	check()
}

// Whoever uses a key that a thread had gets the thread.
func oldKeysLead(w *world) {
	w.accept("T/C1/1", nil, seq(addMessage("1.0", 0), bind("s1")))
	w.accept("T/C1/1", nil, done("1.0"))
	w.move("T/C1/", "T/C2/", 1)
	w.move("T/C2/", "T/C3/", 1)
	w.reopen()
	w.accept("T/C1/1", []string{"1.0"}, look(func(r *bridge.ThreadState, _ bridge.Instant) {
		if r.Key != "T/C3/1" || r.Messages["1.0"] == nil || r.Thread.Session.ID != "s1" {
			w.Errorf("by its first key: got %s", sketch(r))
		}
	}))
	w.accept("T/C2/7", nil, seq(addMessage("7.0", 0), bind("s7"))) // one that nobody knew
	if r := w.rows("T/C3/7"); len(r.Messages) != 1 {
		w.Errorf("a new thread by an old key: got %s", sketch(r))
	}
	w.move("T/C3/", "T/C1/", 2) // and back again
	if r := w.rows("T/C1/1"); len(r.Messages) != 1 {
		w.Errorf("after it went back: got %s", sketch(r))
	}
	w.accept("T/C1/1", nil, addMessage("8.0", 0))
	if r := w.rows("T/C1/1"); len(r.Messages) != 2 {
		w.Errorf("what came after that: got %s", sketch(r))
	}
}

func movesMerge(w *world) {
	w.accept("T/C1/1", nil, seq(addMessage("1.0", 0), addMessage("2.0", 0), bind("old")))
	w.accept("T/C2/1", nil, seq(addMessage("2.0", 0), addMessage("3.0", 0), bind("new")))
	w.accept("T/C2/1", nil, seq(done("2.0"), done("3.0")))
	w.move("T/C1/", "T/C2/", 1)
	r := w.rows("T/C2/1")
	if len(r.Messages) != 3 || r.Messages["2.0"].State != bridge.StateReady || r.Messages["3.0"].State != bridge.StateDone || r.Thread.Session.ID != "old" {
		w.Errorf("merged: got %s", sketch(r))
	}
	if c := w.claim(bridge.ToAgen); c.Thread != "T/C2/1" || len(c.State.Messages) != 2 {
		w.Errorf("claimed %s with %s", c.Thread, sketch(c.State))
	}
}

func movesThatFail(w *world) {
	w.accept("T/C1/1", nil, addMessage("1.0", 0))
	_, err := w.s.Move(w.ctx(), "T/C1/", "T/C2/", func(*bridge.ThreadState, *bridge.ThreadState, bridge.Instant) error { panic("a bug") })
	if err == nil {
		w.Error("a merge that panics: got no error")
	}
	if _, err := w.s.Move(w.ctx(), "T/C1/", "T/C1/", take); err == nil {
		w.Error("to where it is: got no error")
	}
	if r := w.rows("T/C1/1"); len(r.Messages) != 1 {
		w.Errorf("what did not move: got %s", sketch(r))
	}
	if c := w.claim(bridge.ToAgen); c.Thread != "T/C1/1" {
		w.Errorf("claimed %s", c.Thread)
	}
}

func channelRests(w *world) {
	w.accept("T/C1/1", nil, seq(addMessage("1.0", 0), addPost("note", 0)))
	w.accept("T/C2/1", nil, addMessage("1.0", time.Minute))
	held := w.claim(bridge.ToSlack)
	note := message("1.0", func(m *bridge.MessageRecord, _ bridge.Instant) { m.NoteKey = "rested" })
	w.rest("T/C1/", note, true)
	w.rest("T/C1/", note, false)
	w.settle(held, nil)
	w.noClaim(bridge.ToAgen)
	w.noClaim(bridge.ToSlack)
	w.wait(bridge.ToAgen, time.Minute)
	w.accept("T/C1/1", nil, addMessage("2.0", 0)) // is taken on
	w.accept("T/C1/9", nil, addMessage("9.0", 0))
	w.noClaim(bridge.ToAgen)
	w.crash()
	w.noClaim(bridge.ToAgen)
	if r := w.rows("T/C1/1"); len(r.Messages) != 2 || r.Messages["1.0"].NoteKey != "rested" {
		w.Errorf("while it rests: got %s", sketch(r))
	}
	if got, _, err := w.s.Recent(w.ctx(), time.Hour, 9); err != nil || len(got) != 1 || got[0] != "T/C2/1" {
		w.Errorf("changed lately: got %v, %v, want the one that does not rest", got, err)
	}
	w.wake("T/C2/", nothing, false)
	w.noClaim(bridge.ToAgen)
	w.wake("T/C1/", message("1.0", func(m *bridge.MessageRecord, _ bridge.Instant) { m.NoteKey = "woken" }), true)
	w.wake("T/C1/", nothing, false)
	if c := w.claim(bridge.ToSlack); c.Thread != "T/C1/1" {
		w.Errorf("claimed %s", c.Thread)
	}
	if c := w.claim(bridge.ToAgen); c.Thread != "T/C1/1" || c.State.Messages["1.0"].NoteKey != "woken" {
		w.Errorf("claimed %s with %s", c.Thread, sketch(c.State))
	}
	if c := w.claim(bridge.ToAgen); c.Thread != "T/C1/9" {
		w.Errorf("claimed %s", c.Thread)
	}
}

// One thread can rest alone, and what rests goes on resting where it moves to.
func restsAndMoves(w *world) {
	w.accept("T/C1/1", nil, addMessage("1.0", 0))
	w.accept("T/C1/2", nil, addMessage("2.0", 0))
	w.rest("T/C1/1", nothing, true)
	c := w.claim(bridge.ToAgen)
	if c.Thread != "T/C1/2" {
		w.Errorf("claimed %s", c.Thread)
	}
	w.settle(c, done("2.0"))
	w.noClaim(bridge.ToAgen)
	w.move("T/C1/", "T/C2/", 2)
	w.noClaim(bridge.ToAgen)
	w.rest("T/C1/2", nothing, false) // it is not there any more
	w.accept("T/C2/2", nil, addMessage("3.0", 0))
	if c := w.claim(bridge.ToAgen); c.Thread != "T/C2/2" {
		w.Errorf("claimed %s", c.Thread)
	}
	w.reopen()
	w.wake("T/C2/", nothing, true)
	if c := w.claim(bridge.ToAgen); c.Thread != "T/C2/1" {
		w.Errorf("claimed %s", c.Thread)
	}
}
