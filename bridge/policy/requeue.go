package policy

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// requeue puts messages that were given up or kept back in their place. Their
// text is read from Slack again, through the gate. Where the session is gone
// they open a new one.
func (p *Policy) requeue(state *bridge.ThreadState, ids []string, at bridge.Instant) []string {
	var revived []string
	for _, id := range ids {
		m := state.Messages[id]
		if m == nil || m.State != bridge.StateDead && m.State != bridge.StateHeld {
			continue
		}
		begun := !m.InFlightSince.IsZero()
		m.Delivery = bridge.Delivery{State: bridge.StateReady, Accepted: at.Now, Due: at.Now}
		m.Authorized, m.Delayed, m.Conflicted, m.Panicked, m.Stale, m.NoteKey, m.MayOpenSession = false, false, false, false, false, "", true
		m.Touch()
		if begun {
			p.MarkUnsure(state, m, at)
		}
		revived = append(revived, id)
		if state.Thread.Unbound() { // a mention that was missed: nobody else is held where nothing began
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

// dismiss lets messages that were given up be: their sign stays.
func (p *Policy) dismiss(state *bridge.ThreadState, ids []string, at bridge.Instant) {
	for _, id := range ids {
		if m := state.Messages[id]; m != nil && !m.Waiting() && m.Settled.IsZero() {
			m.Settled = at.Now
			m.Touch()
		}
	}
}

// drop withdraws messages that wait and returns how many.
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
