package policy

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// acceptDeletion withdraws a message that was not sent. One that may have been sent is
// looked up first, and not sent again. For one that was sent there is nothing to do.
func (p *Policy) acceptDeletion(state *bridge.ThreadState, ts string, at bridge.Instant) bridge.Result {
	rec := state.Messages[ts]
	if rec == nil {
		return bridge.Result{Ignored: bridge.IgnoredUnknown}
	}
	changed := p.withdraw(rec, at)
	changed = p.DeletePost(state, TypoKey(ts), at) || changed
	if record.CanBecomeTask(rec) && !rec.DeletionPending { // the deletion may have overtaken an edit
		rec.DeletionPending, changed = true, true
		rec.Touch()
	}
	for _, c := range state.Messages {
		if c.CorrectionOf == ts && p.withdraw(c, at) {
			changed = true
		}
	}
	if !changed {
		return bridge.Result{Ignored: bridge.IgnoredKnown}
	}
	record.ReassignStart(state, at)
	record.Audit(state, bridge.AuditEvent{Event: "message_withdrawn", Record: ts})
	return bridge.Result{New: true}
}

// withdraw ends one message that was deleted, and reports whether that changed
// anything.
func (p *Policy) withdraw(m *bridge.MessageRecord, at bridge.Instant) bool {
	switch m.State {
	case bridge.StateReady, bridge.StateHeld, bridge.StateDead:
		record.End(m, bridge.EndWithdrawn, at)
	case bridge.StateInFlight:
		if m.DeletionPending {
			return false
		}
		m.DeletionPending = true
		m.Touch()
	default:
		return false
	}
	return true
}
