package storetest

import (
	"errors"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

func longestDueFirst(w *world) {
	w.accept("B", nil, addMessage("1.0", 2*time.Second))
	w.accept("C", nil, addMessage("1.0", time.Second))
	w.accept("A", nil, addMessage("1.0", 3*time.Second))
	w.accept("D", nil, addMessage("1.0", time.Hour))
	w.noClaim(bridge.ToAgen)
	w.clock.Advance(5 * time.Second)
	for _, want := range []bridge.ThreadKey{"C", "B", "A"} {
		if c := w.claim(bridge.ToAgen); c.Thread != want {
			w.Errorf("claim: got %q, want %q", c.Thread, want)
		}
	}
	w.noClaim(bridge.ToAgen)
	w.noClaim(bridge.ToSlack)
}

func lanesApart(w *world) {
	w.accept("A", nil, seq(addMessage("1.0", 0), addPost("note", 0)))
	a, s := w.claim(bridge.ToAgen), w.claim(bridge.ToSlack)
	if a.Thread != "A" || s.Thread != "A" || a.Token == s.Token {
		w.Errorf("got lanes %q and %q with tokens %d and %d, want both of A, tokens different", a.Thread, s.Thread, a.Token, s.Token)
	}
	w.settle(s, posted("note"))
	w.settle(a, done("1.0"))
	w.noClaim(bridge.ToAgen)
	w.noClaim(bridge.ToSlack)
}

func oneWorker(w *world) {
	w.accept("A", nil, seq(addMessage("1.0", 0), addMessage("2.0", 0)))
	c := w.claim(bridge.ToAgen)
	w.noClaim(bridge.ToAgen)
	w.accept("A", nil, addMessage("3.0", 0))
	w.noClaim(bridge.ToAgen)
	w.begin(c, state("1.0", bridge.StateInFlight))
	w.noClaim(bridge.ToAgen)
	w.settle(c, done("1.0"))
	if c := w.claim(bridge.ToAgen); len(c.State.Messages) != 2 {
		w.Errorf("messages: got %d, want the 2 that are left", len(c.State.Messages))
	}
}

func leaseRunsOut(w *world) {
	w.accept("A", nil, addMessage("1.0", 0))
	old := w.claim(bridge.ToAgen)
	w.clock.Advance(bridge.LeaseTime - time.Second)
	w.noClaim(bridge.ToAgen)
	w.wait(bridge.ToAgen, time.Second)
	w.clock.Advance(time.Second)
	w.wait(bridge.ToAgen, 0)
	touched := false
	touch := look(func(*bridge.ThreadState, bridge.Instant) { touched = true })
	w.lost("begin after the lease", w.s.Begin(w.ctx(), old, touch))
	w.lost("settle after the lease", w.s.Settle(w.ctx(), old, touch))
	fresh := w.claim(bridge.ToAgen)
	if fresh.Token == old.Token {
		w.Errorf("token: got %d for both leases, want different ones", old.Token)
	}
	w.lost("begin with an old token", w.s.Begin(w.ctx(), old, touch))
	w.lost("settle with an old token", w.s.Settle(w.ctx(), old, touch))
	w.lost("give back with an old token", w.s.Settle(w.ctx(), old, nil))
	if touched {
		w.Error("a decision of a lost claim was applied")
	}
	w.settle(fresh, done("1.0"))
	w.lost("settle twice", w.s.Settle(w.ctx(), fresh, touch))
}

func settleGivesBack(w *world) {
	w.accept("A", nil, addMessage("1.0", 0))
	w.settle(w.claim(bridge.ToAgen), nil)
	w.settle(w.claim(bridge.ToAgen), delay("1.0", 5*time.Second))
	w.noClaim(bridge.ToAgen)
	w.clock.Advance(5 * time.Second)
	boom := errors.New("boom")
	if err := w.s.Settle(w.ctx(), w.claim(bridge.ToAgen), fail(boom)); !errors.Is(err, boom) {
		w.Errorf("settle: got error %v, want the decision's", err)
	}
	w.noClaim(bridge.ToAgen) // otherwise a decision that keeps failing would block everything else
	w.wait(bridge.ToAgen, time.Second)
	w.clock.Advance(time.Second)
	if err := w.s.Settle(w.ctx(), w.claim(bridge.ToAgen), fail(bridge.ErrChanged)); !errors.Is(err, bridge.ErrChanged) {
		w.Errorf("settle: got error %v, want the decision's", err)
	}
	w.settle(w.claim(bridge.ToAgen), done("1.0"))
	w.noClaim(bridge.ToAgen)
}

func dueIsTold(w *world) {
	wait, changed := w.s.Due(bridge.ToAgen)
	if wait != time.Hour || closed(changed) {
		w.Errorf("due of an empty store: got %v, changed %v, want an hour, open", wait, closed(changed))
	}
	w.accept("A", nil, addMessage("1.0", time.Minute))
	if !closed(changed) {
		w.Error("a message became due and nobody was told")
	}
	wait, changed = w.s.Due(bridge.ToAgen)
	if wait != time.Minute {
		w.Errorf("due: got %v, want a minute", wait)
	}
	w.accept("B", nil, addMessage("1.0", time.Second))
	if !closed(changed) {
		w.Error("something is due earlier and nobody was told")
	}
	w.wait(bridge.ToAgen, time.Second)
	w.wait(bridge.ToSlack, time.Hour)
	w.accept("B", nil, delay("1.0", 3*time.Hour))
	w.accept("A", nil, delay("1.0", 2*time.Hour))
	w.wait(bridge.ToAgen, time.Hour)
}

// dueAfterClaim checks that a lane that a worker gives back is due as its rows say.
func dueAfterClaim(w *world) {
	w.accept("A", nil, addMessage("1.0", 0))
	c := w.claim(bridge.ToAgen)
	wait, changed := w.s.Due(bridge.ToAgen)
	if wait != bridge.LeaseTime {
		w.Errorf("due while leased: got %v, want the end of the lease", wait)
	}
	w.settle(c, delay("1.0", time.Second))
	if !closed(changed) {
		w.Error("the lane came back before its lease ended and nobody was told")
	}
	w.wait(bridge.ToAgen, time.Second)
}

func inFlightSurvives(w *world) {
	w.accept("A", nil, addMessage("1.0", 0))
	c := w.claim(bridge.ToAgen)
	w.begin(c, state("1.0", bridge.StateInFlight))
	// The clock may have jumped while the store was closed. It is only certain that the
	// call was made before this opening.
	w.clock.Advance(3 * time.Hour)
	w.crash()
	w.lost("settle from before the crash", w.s.Settle(w.ctx(), c, done("1.0")))
	again := w.claim(bridge.ToAgen)
	m := again.State.Messages["1.0"]
	if m == nil || m.State != bridge.StateInFlight || !m.InFlightSince.Equal(w.clock.Now()) {
		w.Fatalf("message after the crash: got %+v, want it in flight", m)
	}
	w.settle(again, done("1.0"))
	w.crash()
	w.noClaim(bridge.ToAgen)
}

func changesWhileLeased(w *world) {
	w.accept("A", nil, seq(addMessage("1.0", 0), addMessage("2.0", 0)))
	c := w.claim(bridge.ToAgen)
	// An edit, a deletion and a new message.
	w.accept("A", nil, message("1.0", func(m *bridge.MessageRecord, _ bridge.Instant) { m.Body, m.Edited = []byte(`"new"`), "9.0" }))
	w.accept("A", nil, message("2.0", func(m *bridge.MessageRecord, at bridge.Instant) {
		m.State, m.End, m.Settled = bridge.StateDone, bridge.EndWithdrawn, at.Now
	}))
	w.accept("A", nil, addMessage("3.0", 0))
	if !closed(c.Changed) {
		w.Error("Changed is open after three changes")
	}
	if c.State.Messages["1.0"].Edited != "" || len(c.State.Messages) != 2 {
		w.Error("the worker's own rows changed under its hands")
	}
	rev := c.State.Messages["1.0"].Rev
	err := w.s.Begin(w.ctx(), c, func(state *bridge.ThreadState, _ bridge.Instant) error {
		if state.Messages["1.0"].Rev != rev {
			return bridge.ErrChanged
		}
		return nil
	})
	if !errors.Is(err, bridge.ErrChanged) {
		w.Errorf("begin: got error %v, want ErrChanged", err)
	}
	w.settle(c, delay("1.0", 0)) // it is applied to the present row, which was edited
	state := w.rows("A")
	if m := state.Messages["1.0"]; m.Edited != "9.0" || m.Rev != rev+2 {
		w.Errorf("edited message: got %+v, want the edit and the settle in it", m)
	}
	if m := state.Messages["2.0"]; m.End != bridge.EndWithdrawn {
		w.Errorf("deleted message: got %+v, want it withdrawn", m)
	}
	if state.Messages["3.0"] == nil {
		w.Error("the new message is missing")
	}
}

func changedByIntakeOnly(w *world) {
	w.accept("A", nil, seq(addMessage("1.0", 0), addPost("note", 0)))
	w.accept("B", nil, addMessage("1.0", time.Second))
	a, s := w.claim(bridge.ToAgen), w.claim(bridge.ToSlack)
	w.begin(a, state("1.0", bridge.StateInFlight))
	w.settle(s, posted("note"))
	w.accept("B", nil, delay("1.0", 0))
	w.accept("A", nil, look(func(*bridge.ThreadState, bridge.Instant) {}))
	if err := w.s.Accept(w.ctx(), "A", nil, seq(addMessage("2.0", 0), fail(errors.New("no")))); err == nil {
		w.Error("accept: got no error, want the decision's")
	}
	if closed(a.Changed) {
		w.Error("Changed was closed by something that did not come in for the thread")
	}
	w.accept("A", nil, addMessage("3.0", 0))
	w.accept("A", nil, addMessage("4.0", 0))
	if !closed(a.Changed) {
		w.Error("Changed is open after a message came in")
	}
}

func givesUp(w *world) {
	ctx, cancel := withCancel(w.T)
	cancel(errGone)
	run := false
	d := look(func(*bridge.ThreadState, bridge.Instant) { run = true })
	if err := w.s.Accept(ctx, "A", nil, d); !errors.Is(err, errGone) {
		w.Errorf("accept: got error %v, want the cause", err)
	}
	if _, err := w.s.Claim(ctx, bridge.ToAgen); !errors.Is(err, errGone) {
		w.Errorf("claim: got error %v, want the cause", err)
	}
	w.accept("A", nil, addMessage("1.0", 0))
	c := w.claim(bridge.ToAgen)
	if err := w.s.Begin(ctx, c, d); !errors.Is(err, errGone) {
		w.Errorf("begin: got error %v, want the cause", err)
	}
	if err := w.s.Settle(ctx, c, d); !errors.Is(err, errGone) {
		w.Errorf("settle: got error %v, want the cause", err)
	}
	if run {
		w.Error("a decision was applied though its caller had gone")
	}
	w.wait(bridge.ToAgen, time.Second) // it was given back anyway
	w.lost("settle after that", w.s.Settle(w.ctx(), c, d))
}

// openings checks Instant.Opening and the clock of decisions.
func openings(w *world) {
	var at bridge.Instant
	see := look(func(_ *bridge.ThreadState, m bridge.Instant) { at = m })
	w.accept("A", nil, see)
	first := at.Opening
	w.clock.Advance(time.Minute)
	w.accept("A", nil, seq(addMessage("1.0", 0), see))
	if at.Opening != first || !at.Now.Equal(w.clock.Now()) {
		w.Errorf("instant: got %+v, want boot %d at %v", at, first, w.clock.Now())
	}
	w.reopen()
	w.crash()
	c := w.claim(bridge.ToAgen)
	if c.At.Opening != first+2 || !c.At.Now.Equal(w.clock.Now()) {
		w.Errorf("instant of a claim after two openings: got %+v, want boot %d at %v", c.At, first+2, w.clock.Now())
	}
}

// aloneSince checks that the previous user of the store counts as known only if the store
// was cleanly closed a moment ago.
func aloneSince(w *world) {
	alone := func(what string, want time.Time) {
		w.Helper()
		w.accept("A", nil, look(func(_ *bridge.ThreadState, at bridge.Instant) {
			if !at.AloneSince.Equal(want) || at.Opened.Before(want) {
				w.Errorf("%s: alone since %v, want %v", what, at.AloneSince, want)
			}
		}))
	}
	alone("a new store", w.clock.Now())
	w.clock.Advance(10 * time.Minute)
	w.close()
	closed := w.clock.Now()
	w.clock.Advance(2 * time.Minute)
	w.open()
	alone("closed in good order two minutes ago", closed)
	w.clock.Advance(time.Minute)
	w.crash()
	alone("killed a moment ago", w.clock.Now())
	w.close()
	w.clock.Advance(2*time.Minute + time.Second)
	w.open()
	opened := w.clock.Now()
	alone("closed longer ago", opened)
	w.clock.Advance(time.Minute)
	alone("a minute later", opened)
}
