package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

var errGone = errors.New("the caller went away")

func withCancel(t *testing.T) (context.Context, context.CancelCauseFunc) {
	return context.WithCancelCause(t.Context())
}

func addingTwice(w *world) {
	w.accept("A", []string{"1.0"}, addMessage("1.0", 0))
	w.accept("A", []string{"1.0"}, addMessage("1.0", time.Hour))
	state := w.rows("A")
	if len(state.Messages) != 1 || state.Messages["1.0"].Rev != 1 {
		w.Errorf("messages: got %v, want one that nothing touched", state.Messages)
	}
	c := w.claim(bridge.ToAgen)
	w.settle(c, done("1.0"))
	w.accept("A", []string{"1.0"}, addMessage("1.0", 0))
	w.reopen()
	w.accept("A", []string{"1.0"}, addMessage("1.0", 0))
	w.noClaim(bridge.ToAgen)
	if m := w.rows("A").Messages["1.0"]; m.State != bridge.StateDone {
		w.Errorf("message that came again: got %q, want it done", m.State)
	}
}

// addingWhatRests: a worker's decision can't request rows at rest, and the rows that it
// adds may already be there.
func addingWhatRests(w *world) {
	w.accept("A", nil, seq(addMessage("1.0", 0), addPost("note", 0)))
	w.accept("A", nil, seq(done("1.0"), posted("note"), addMessage("2.0", 0)))
	c := w.claim(bridge.ToAgen)
	w.settle(c, seq(addMessage("1.0", 0), addPost("note", 0), done("2.0")))
	w.noClaim(bridge.ToAgen)
	w.noClaim(bridge.ToSlack)
	state := w.rows("A")
	if m, p := state.Messages["1.0"], state.Posts["note"]; m.State != bridge.StateDone || p.State != bridge.StateDone {
		w.Errorf("got message %q and post %q, want both done as they were", m.State, p.State)
	}
}

// replacing: a decision may replace a row with another one.
func replacing(w *world) {
	w.accept("A", nil, addMessage("1.0", 0))
	w.accept("A", nil, func(state *bridge.ThreadState, at bridge.Instant) error {
		fresh := *state.Messages["1.0"]
		fresh.Author = "U9"
		fresh.Touch()
		state.Messages["1.0"] = &fresh
		return nil
	})
	if m := w.rows("A").Messages["1.0"]; m.Author != "U9" {
		w.Errorf("author: got %q, want the new row's", m.Author)
	}
	// This includes rows with the same revision.
	w.accept("A", nil, seq(addMessage("2.0", 0)))
	w.accept("A", nil, seq(look(func(state *bridge.ThreadState, _ bridge.Instant) { delete(state.Messages, "2.0") }), addMessage("2.0", time.Hour)))
	if m := w.rows("A").Messages["2.0"]; !m.Due.Equal(w.clock.Now().Add(time.Hour)) {
		w.Errorf("due: got %v, want the new row's", m.Due)
	}
}

func reactionsMerge(w *world) {
	w.accept("A", nil, addMessage("1.0", time.Hour))
	w.accept("A", nil, react("1.0", "eyes", 2*time.Second))
	w.accept("A", nil, react("1.0", "hourglass", time.Minute))
	w.wait(bridge.ToSlack, 2*time.Second)
	w.clock.Advance(2 * time.Second)
	c := w.claim(bridge.ToSlack)
	w.accept("A", nil, react("1.0", "check", 0))
	if !closed(c.Changed) {
		w.Error("Changed is open after a new desired reaction")
	}
	w.settle(c, message("1.0", func(m *bridge.MessageRecord, _ bridge.Instant) {
		if m.Reaction.Desired != "check" {
			w.Errorf("reaction: got %q, want the newest", m.Reaction.Desired)
		}
		m.Reaction.Added = true
	}))
	w.crash()
	m := w.rows("A").Messages["1.0"]
	if want := []string{"eyes", "hourglass", "check"}; !slices.Equal(m.Reaction.Possible, want) || !m.Reaction.Added || m.Reaction.Desired != "check" {
		w.Errorf("reaction after a crash: got %+v, want check, added, maybe %v", m.Reaction, want)
	}
	w.settle(w.claim(bridge.ToSlack), message("1.0", func(m *bridge.MessageRecord, _ bridge.Instant) { m.Reaction.Open = false }))
	w.noClaim(bridge.ToSlack)
}

func heldDontBlock(w *world) {
	w.accept("A", nil, seq(addMessage("1.0", 0), state("1.0", bridge.StateHeld)))
	w.noClaim(bridge.ToAgen)
	w.accept("A", nil, seq(addMessage("2.0", 0), addMessage("3.0", 0), state("3.0", bridge.StateDead)))
	c := w.claim(bridge.ToAgen)
	if len(c.State.Messages) != 3 {
		w.Errorf("messages: got %d, want all 3: held ones may still change", len(c.State.Messages))
	}
	w.settle(c, done("2.0"))
	w.noClaim(bridge.ToAgen)
	w.accept("A", nil, state("1.0", bridge.StateReady))
	if c := w.claim(bridge.ToAgen); c.State.Messages["1.0"].State != bridge.StateReady {
		w.Error("the held message did not come back")
	}
}

func followUps(w *world) {
	w.accept("A", nil, seq(addMessage("1.0", 0), addMessage("2.0", time.Hour)))
	c := w.claim(bridge.ToAgen)
	w.settle(c, seq(state("1.0", bridge.StateDead), state("2.0", bridge.StateHeld), addPost("failed", 0), bind("s1")))
	w.crash()
	state := w.rows("A")
	if state.Messages["1.0"].State != bridge.StateDead || state.Messages["2.0"].State != bridge.StateHeld || state.Posts["failed"] == nil || state.Thread.Session.ID != "s1" {
		w.Errorf("after a crash: got %+v, want all that was settled", state)
	}
	if c := w.claim(bridge.ToSlack); c.State.Posts["failed"] == nil {
		w.Error("the post that follows is not in the claim")
	}
}

func errorsChangeNothing(w *world) {
	w.accept("A", nil, seq(addMessage("1.0", 0), bind("s1")))
	boom := errors.New("boom")
	all := seq(done("1.0"), addMessage("2.0", 0), addPost("note", 0), bind("s2"))
	drop := look(func(state *bridge.ThreadState, _ bridge.Instant) { clear(state.Messages) })
	before := sketch(w.rows("A"))
	panics := look(func(*bridge.ThreadState, bridge.Instant) { panic("boom") })
	misfiled := look(func(state *bridge.ThreadState, _ bridge.Instant) { state.Messages["7.0"] = state.Messages["1.0"] })
	empty := look(func(state *bridge.ThreadState, _ bridge.Instant) { state.Posts["7.0"] = nil })
	for name, d := range map[string]bridge.Decision{
		"error": seq(all, drop, fail(boom)), "panic": seq(all, drop, panics), "misfiled": seq(all, misfiled), "no row": seq(all, empty),
	} {
		if err := w.s.Accept(w.ctx(), "A", nil, d); err == nil {
			w.Errorf("accept with %s: got no error", name)
		}
		c := w.claim(bridge.ToAgen)
		if err := w.s.Begin(w.ctx(), c, d); err == nil {
			w.Errorf("begin with %s: got no error", name)
		}
		if err := w.s.Settle(w.ctx(), c, d); err == nil {
			w.Errorf("settle with %s: got no error", name)
		}
		if got := sketch(w.rows("A")); got != before {
			w.Errorf("rows after %s:\ngot  %s\nwant %s", name, got, before)
		}
		w.clock.Advance(time.Second)
	}
	w.noClaim(bridge.ToSlack)
}

// neighbors accepts many requests concurrently, some of which fail. Requests that share a
// commit with them must not be affected.
func neighbors(w *world) {
	const n = 200
	errs := make([]error, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		d := addMessage("1.0", 0)
		switch i % 5 {
		case 1:
			d = seq(d, fail(errGone))
		case 3:
			d = seq(d, look(func(*bridge.ThreadState, bridge.Instant) { panic("boom") }))
		}
		all.Go(func() {
			<-start
			errs[i] = w.s.Accept(w.ctx(), key(i), nil, d)
		})
	}
	close(start)
	all.Wait()
	w.crash()
	for i, err := range errs {
		fails := i%5 == 1 || i%5 == 3
		if (err != nil) != fails {
			w.Errorf("accept %d: got error %v, want one %t", i, err, fails)
		}
		if got := len(w.rows(key(i)).Messages); (got == 0) != fails {
			w.Errorf("thread %d: got %d messages, want none %t", i, got, fails)
		}
	}
}

func key(i int) bridge.ThreadKey { return bridge.ThreadKey(fmt.Sprintf("T%03d", i)) }

// manySides adds to one thread concurrently. No change may be lost.
func manySides(w *world) {
	const n = 100
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			d := seq(addMessage(fmt.Sprintf("%d.0", i), 0), look(func(state *bridge.ThreadState, _ bridge.Instant) {
				state.Thread.Session.Count++
				state.Thread.Touch()
			}))
			if err := w.s.Accept(w.ctx(), "A", nil, d); err != nil {
				w.Errorf("accept %d: %v", i, err)
			}
		})
	}
	all.Wait()
	if state := w.rows("A"); len(state.Messages) != n || state.Thread.Session.Count != n {
		w.Errorf("got %d messages and a count of %d, want %d of both", len(state.Messages), state.Thread.Session.Count, n)
	}
}

func changesNothing(w *world) {
	w.accept("A", nil, addMessage("1.0", time.Minute))
	before := sketch(w.rows("A"))
	// Without Touch it is not a change.
	w.accept("A", nil, look(func(state *bridge.ThreadState, _ bridge.Instant) { state.Messages["1.0"].Author = "U7" }))
	w.accept("B", nil, look(func(*bridge.ThreadState, bridge.Instant) {}))
	if got := sketch(w.rows("A")); got != before {
		w.Errorf("rows:\ngot  %s\nwant %s", got, before)
	}
	w.wait(bridge.ToAgen, time.Minute)
}

func keysApart(w *world) {
	keys := []bridge.ThreadKey{"T/C/1", "T/C/10", "T/C/1m", "T/C", "T/C/1\x01", "ü/☂"}
	for _, k := range keys {
		w.accept(k, nil, seq(addMessage("1.0", 0), addPost("1.0", 0)))
	}
	for _, k := range keys {
		w.accept(k, nil, look(func(state *bridge.ThreadState, _ bridge.Instant) {
			if len(state.Messages) != 1 || len(state.Posts) != 1 || state.Key != k || state.Messages["1.0"].Thread != k {
				w.Errorf("rows of %q: got %+v, want its own two", k, state)
			}
		}))
	}
}

func badKeys(w *world) {
	w.accept("A", nil, addMessage("1.0", 0))
	for _, k := range []bridge.ThreadKey{"", "A\x00m1.0", bridge.ThreadKey(strings.Repeat("x", 1<<16))} {
		if err := w.s.Accept(w.ctx(), k, nil, addMessage("1.0", 0)); err == nil {
			w.Errorf("accept for a thread key of %d bytes: got no error", len(k))
		}
	}
	if err := w.s.Accept(w.ctx(), "A", nil, addMessage(strings.Repeat("x", 1<<16), 0)); err == nil {
		w.Error("accept of a row id of 64 KiB: got no error")
	}
	if got := len(w.rows("A").Messages); got != 1 {
		w.Errorf("messages: got %d, want 1", got)
	}
	if _, err := w.s.Claim(w.ctx(), "nowhere"); err == nil {
		w.Error("claim for an unknown remote: got no error")
	}
}
