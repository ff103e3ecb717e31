package storetest

import (
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

func (w *world) rename(from, to bridge.ChannelKey, want bool) {
	w.Helper()
	if got, err := w.s.RenameChannel(w.ctx(), from, to); err != nil || got != want {
		w.Errorf("rename %s to %s: got %t, %v, want %t", from, to, got, err, want)
	}
}

// current checks the present channel of some keys.
func (w *world) current(want bridge.ChannelKey, channels ...bridge.ChannelKey) {
	w.Helper()
	for _, c := range channels {
		if got := w.s.CurrentChannel(c); got != want {
			w.Errorf("the present key of %s: got %s, want %s", c, got, want)
		}
	}
}

func (w *world) former(channel bridge.ChannelKey, want ...bridge.ChannelKey) {
	w.Helper()
	if got := w.s.FormerChannels(channel); !slices.Equal(got, want) {
		w.Errorf("the former keys of %s: got %v, want %v", channel, got, want)
	}
}

func (w *world) holds(thread bridge.ThreadKey, want bool) {
	w.Helper()
	if got, err := w.s.Holds(w.ctx(), thread); err != nil || got != want {
		w.Errorf("something is stored of %s: got %t, %v, want %t", thread, got, err, want)
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

// A thread keeps its key when its channel gets another id, and so do its lanes.
func threadsStay(w *world) {
	w.accept("T/C1/1", nil, seq(addMessage("1.0", 0), bind("s1")))
	c := w.claim(bridge.ToAgen)
	w.rename("T/C1/", "T/C2/", true)
	w.rename("T/C1/", "T/C2/", false)
	w.settle(c, done("1.0"))
	if state := w.rows("T/C1/1"); len(state.Messages) != 1 || state.Thread.Session.ID != "s1" {
		w.Errorf("what was there: got %s", sketch(state))
	}
	w.holds("T/C1/1", true) // at rest
	w.holds("T/C2/1", false)
	w.accept("T/C2/1", nil, look(func(state *bridge.ThreadState, _ bridge.Instant) {
		if len(state.Messages) > 0 {
			w.Errorf("under the new key: got %s", sketch(state))
		}
	}))
}

func aliases(w *world) {
	w.current("T/C1/", "T/C1/")
	w.rename("T/C1/", "T/C2/", true)
	w.rename("T/C2/", "T/C3/", true) // a chain
	w.rename("T/C9/", "T/C3/", true) // another channel is merged into the same one
	w.accept("T/C2/1", nil, addMessage("1.0", 0))
	check := func() {
		w.Helper()
		w.current("T/C3/", "T/C1/", "T/C2/", "T/C3/", "T/C9/")
		w.current("T/C30/", "T/C30/")
		w.former("T/C3/", "T/C1/", "T/C2/", "T/C9/")
		w.former("T/C2/")
	}
	check()
	w.reopen()
	check()
	w.crash()
	w.prune()
	check()
	w.rename("T/C3/", "T/C1/", true) // back to the first key
	w.current("T/C1/", "T/C1/", "T/C2/", "T/C3/", "T/C9/")
	w.former("T/C1/", "T/C2/", "T/C3/", "T/C9/")
	if _, err := w.s.RenameChannel(w.ctx(), "T/C1/", "T/C1/"); err == nil {
		w.Error("to where it is: got no error")
	}
}

// The state of a channel is removed with its last thread.
func channelsAreForgotten(w *world) {
	w.accept("T/C1/1", nil, addMessage("1.0", 0)) // a row without a thread record
	w.accept("T/C4/1", nil, addMessage("1.0", 0))
	w.rename("T/C1/", "T/C2/", true)
	w.rename("T/C3/", "T/C4/", true) // its threads are stored under the present key, as by earlier releases
	w.rename("T/C5/", "T/C6/", true)
	w.rest("T/C1/", nothing, true)
	w.rest("T/C4/1", nothing, true)
	w.rest("T/C5/", nothing, true)
	w.rest("T/C6/1", nothing, true)
	w.prune()
	w.current("T/C2/", "T/C1/")
	w.current("T/C4/", "T/C3/")
	w.current("T/C5/", "T/C5/")
	w.former("T/C6/")
	w.rest("T/C1/", nothing, false)
	w.rest("T/C4/1", nothing, false)
	w.wake("T/C5/", nothing, false)
	w.wake("T/C6/", nothing, false)
	for _, thread := range []bridge.ThreadKey{"T/C1/1", "T/C4/1"} {
		w.accept(thread, nil, seq(done("1.0"), unbind))
	}
	w.clock.Advance(retention + time.Hour)
	w.prune() // nothing is stored any more
	w.reopen()
	w.current("T/C1/", "T/C1/")
	w.current("T/C3/", "T/C3/")
	w.wake("T/C1/", nothing, false)
	w.wake("T/C4/", nothing, false)
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
	w.accept("T/C1/1", nil, addMessage("2.0", 0)) // it is accepted
	w.accept("T/C1/9", nil, addMessage("9.0", 0))
	w.noClaim(bridge.ToAgen)
	w.crash()
	w.noClaim(bridge.ToAgen)
	if state := w.rows("T/C1/1"); len(state.Messages) != 2 || state.Messages["1.0"].NoteKey != "rested" {
		w.Errorf("while it rests: got %s", sketch(state))
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

// A single thread can be paused.
func threadRests(w *world) {
	w.accept("T/C1/1", nil, addMessage("1.0", 0))
	w.accept("T/C1/2", nil, addMessage("2.0", 0))
	w.rest("T/C1/1", nothing, true)
	c := w.claim(bridge.ToAgen)
	if c.Thread != "T/C1/2" {
		w.Errorf("claimed %s", c.Thread)
	}
	w.settle(c, done("2.0"))
	w.noClaim(bridge.ToAgen)
	w.accept("T/C1/2", nil, addMessage("3.0", 0))
	if c := w.claim(bridge.ToAgen); c.Thread != "T/C1/2" {
		w.Errorf("claimed %s", c.Thread)
	}
	w.rest("T/C1/", nothing, true) // and then all of them
	w.reopen()
	w.noClaim(bridge.ToAgen)
	w.wake("T/C1/", nothing, true)
	for _, want := range []bridge.ThreadKey{"T/C1/1", "T/C1/2"} {
		if c := w.claim(bridge.ToAgen); c.Thread != want {
			w.Errorf("claimed %s, want %s", c.Thread, want)
		}
	}
}
