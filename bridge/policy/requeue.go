package policy

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// requeue retries messages that are dead or held. Their text is read from Slack again,
// and their authors are authorized again. If the session is gone, they open a new one.
func (p *Policy) requeue(state *bridge.ThreadState, ids []string, at bridge.Instant) []string {
	var revived []string
	for _, id := range ids {
		m := state.Messages[id]
		if m == nil || m.State != bridge.StateDead && m.State != bridge.StateHeld {
			continue
		}
		mayBeSent := !m.InFlightSince.IsZero()
		m.Delivery = bridge.Delivery{State: bridge.StateReady, Accepted: at.Now, Due: at.Now}
		m.Authorized, m.Delayed, m.Conflicted, m.Panicked, m.Stale, m.NoteKey, m.MayOpenSession = false, false, false, false, false, "", true
		m.Touch()
		if mayBeSent {
			p.MarkUnsure(state, m, at)
		}
		revived = append(revived, id)
		if state.Thread.Unbound() { // in a thread that was not started, only a missed mention is held
			p.enqueue(state, m, at)
		}
	}
	if s := &state.Thread.Session; s.Closed && len(revived) > 0 {
		*s = bridge.Session{Count: s.Count}
		state.Thread.Touch()
	}
	state.Volatile.NextPoll = time.Time{}
	return revived
}

// dismiss settles dead messages without a retry. They keep their reaction.
func (p *Policy) dismiss(state *bridge.ThreadState, ids []string, at bridge.Instant) {
	for _, id := range ids {
		if m := state.Messages[id]; m != nil && !m.Waiting() && m.Settled.IsZero() {
			m.Settled = at.Now
			m.Touch()
		}
	}
}

// drop withdraws the waiting messages and returns how many there were.
func (p *Policy) drop(state *bridge.ThreadState, ids []string, at bridge.Instant) int {
	n := 0
	for _, id := range ids {
		if m := state.Messages[id]; m != nil && m.Waiting() && p.withdraw(m, at) {
			n++
		}
	}
	record.ReassignStart(state, at)
	return n
}
