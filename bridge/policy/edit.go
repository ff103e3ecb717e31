package policy

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// acceptAgain decides about a message that is known: it came by another door,
// or it was edited. Link previews and repeated words are not edits. Slack
// stamps most edits with whole seconds: of two with the same stamp nobody can
// tell the newer, so the words are read again when they are needed.
func (p *Policy) acceptAgain(state *bridge.ThreadState, rec *bridge.MessageRecord, m bridge.Message, at bridge.Instant) bridge.Result {
	unclear := m.Edited != "" && m.Edited == rec.Edited
	if m.Digest == rec.Digest || !unclear && !bridge.TSBefore(rec.Edited, m.Edited) {
		return bridge.Result{Ignored: bridge.IgnoredKnown}
	}
	if rec.DeletionPending { // the deletion overtook the edit
		return bridge.Result{Ignored: bridge.IgnoredKnown}
	}
	if unclear {
		m.Body = nil
	}
	switch {
	case rec.State == bridge.StateReady && rec.Body != nil:
		rec.Body, rec.Command, rec.Kind, rec.Options = m.Body, m.Command, m.Kind, m.Options
	case rec.State == bridge.StateInFlight || rec.State == bridge.StateDone && rec.Receipt != "" && rec.End == "":
		if !p.correct(state, rec, m, at) {
			return bridge.Result{Ignored: bridge.IgnoredKnown}
		}
	}
	rec.Edited = m.Edited
	if !unclear {
		rec.Digest = m.Digest
	}
	rec.Touch()
	record.Audit(state, bridge.AuditEvent{Event: "message_edited", Record: rec.ID(), User: m.Author})
	return bridge.Result{New: true}
}

// correct lets the new words follow those that were sent already. A
// correction that has not left yet is replaced by a newer one. It reports
// false when the same one is on its way.
func (p *Policy) correct(state *bridge.ThreadState, rec *bridge.MessageRecord, m bridge.Message, at bridge.Instant) bool {
	m.Thread = state.Key
	c := &bridge.MessageRecord{Message: m, CorrectionOf: rec.TS, Authorized: rec.Authorized, NeedsReread: m.Body == nil}
	c.Delivery = bridge.Delivery{State: bridge.StateReady, Accepted: at.Now, Due: at.Now.Add(schedule.CorrectionQuiet)}
	c.TS = m.Edited
	if same := state.Messages[c.ID()]; same != nil && (same.State != bridge.StateReady || same.NeedsReread) {
		return false
	}
	for id, old := range state.Messages {
		if old.CorrectionOf == rec.TS && old.State == bridge.StateReady {
			delete(state.Messages, id)
		}
	}
	c.Touch()
	state.Messages[c.ID()] = c
	rec.CorrectionPending = true
	if state.Thread.Session.Closed {
		record.HoldMessage(c, bridge.HoldSessionClosed)
	}
	state.Volatile.NextPoll = time.Time{}
	return true
}
