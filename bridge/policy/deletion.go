package policy

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// acceptDeletion withdraws a message that was not sent. A message that may have been sent
// is looked up first and not sent again. If the agent already has the message, its author
// is told.
func (p *Policy) acceptDeletion(state *bridge.ThreadState, ts string, at bridge.Instant) bridge.Result {
	rec := state.Messages[ts]
	if rec == nil {
		return bridge.Result{Ignored: bridge.IgnoredUnknown}
	}
	changed := p.withdraw(rec, at)
	changed = p.NoteTooLate(state, rec, at) || changed
	changed = p.DeletePost(state, TypoKey(ts), at) || changed
	changed = p.DeletePost(state, project.NearMissKey(ts), at) || changed
	if record.CanBecomeTask(rec) && !rec.DeletionPending { // the deletion may have arrived before an edit
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
	name := "message_withdrawn"
	if rec.Receipt != "" {
		name = "message_deleted"
	}
	record.Audit(state, bridge.AuditEvent{Event: name, Record: ts})
	return bridge.Result{New: true}
}

// withdraw ends one message that was deleted, and reports whether that changed anything.
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

// retract queues a message that tells the agent to ignore a deleted message, because
// somebody clicked the button for it. It returns the ending of the note with that button.
func (p *Policy) retract(state *bridge.ThreadState, post *bridge.PostRecord, c bridge.Click, at bridge.Instant) bridge.Ending {
	if s := &state.Thread.Session; s.ID != post.Note.Session || s.Closed || len(post.Note.Messages) == 0 {
		return bridge.EndingSessionOver
	}
	m := &bridge.MessageRecord{
		Message: bridge.Message{
			Thread: state.Key, TS: c.TS, Author: c.By, Kind: bridge.KindReply, Retracts: post.Note.Messages[0].TS, Body: c.Body,
		},
		Delivery:   bridge.Delivery{State: bridge.StateReady, Accepted: at.Now, Due: at.Now},
		Authorized: true,
	}
	m.Touch()
	state.Messages[c.TS] = m
	p.enqueue(state, m, at)
	return bridge.EndingIgnored
}
