package storetest

import (
	"errors"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

func volatileMovesDue(w *world) {
	w.accept("A", nil, seq(bind("s1"), poll(0)))
	c := w.claim(bridge.ToAgen)
	w.settle(c, poll(20*time.Second))
	w.noClaim(bridge.ToAgen)
	w.wait(bridge.ToAgen, 20*time.Second)
	_, changed := w.s.Due(bridge.ToAgen)
	w.accept("A", nil, poll(5*time.Second))
	if !closed(changed) {
		w.Error("the poll is due earlier and nobody was told")
	}
	w.wait(bridge.ToAgen, 5*time.Second)
	w.clock.Advance(5 * time.Second)
	if c := w.claim(bridge.ToAgen); !c.State.Volatile.NextPoll.Equal(w.clock.Now()) {
		w.Errorf("volatile: got a poll at %v, want %v", c.State.Volatile.NextPoll, w.clock.Now())
	}
}

func volatileForgotten(w *world) {
	hold := look(func(state *bridge.ThreadState, at bridge.Instant) {
		state.Volatile.PollFailures, state.Volatile.Fingerprint = 3, 7
		state.Volatile.HoldUntil = map[bridge.StepKind]time.Time{"read": at.Now}
	})
	w.accept("A", nil, seq(bind("s1"), poll(time.Minute), hold))
	c := w.rows("A").Volatile
	if c.PollFailures != 3 || c.Fingerprint != 7 || len(c.HoldUntil) != 1 {
		w.Errorf("volatile: got %+v, want what the decision left", c)
	}
	// Changes of a decision that fails are discarded.
	w.accept("A", nil, look(func(state *bridge.ThreadState, _ bridge.Instant) { state.Volatile.Fingerprint = 8 }))
	if err := w.s.Accept(w.ctx(), "A", nil, seq(look(func(state *bridge.ThreadState, at bridge.Instant) {
		state.Volatile.Fingerprint = 9
		state.Volatile.HoldUntil["send"] = at.Now
	}), fail(errors.New("no")))); err == nil {
		w.Error("accept: got no error, want the decision's")
	}
	if m := w.rows("A").Volatile; m.Fingerprint != 8 || len(m.HoldUntil) != 1 {
		w.Errorf("volatile after a failure: got %+v, want print 8 and one hold", m)
	}
	w.reopen()
	if m := w.rows("A").Volatile; m.Fingerprint != 0 || m.PollFailures != 0 || len(m.HoldUntil) != 0 || !m.NextPoll.IsZero() {
		w.Errorf("volatile after reopening: got %+v, want none", m)
	}
	w.wait(bridge.ToAgen, 0) // as the rows say without it
}
