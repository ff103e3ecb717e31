package outcome

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// LookUpMessages schedules a look-up of all messages that may have been sent before the
// store was restored.
func (p *Rules) LookUpMessages() bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		for _, m := range state.Messages {
			if record.MayBeSentElsewhere(m, at) {
				record.RequireMessageLookup(m, at)
			}
		}
		p.Apply(state, at)
		return nil
	}
}

// ApplyStatus records what the timeline says about one of our messages.
func (p *Rules) ApplyStatus(state *bridge.ThreadState, id string, got timeline.Entry, at bridge.Instant) {
	m := state.Messages[id]
	if m == nil {
		return
	}
	switch m.State {
	case bridge.StateInFlight, bridge.StateReady:
		if m.State == bridge.StateReady && m.CorrectionOf == "" { // another process sent it
			record.ReadAgain(&m.Reaction, at)
		}
		p.deliver(state, m, got, at)
	case bridge.StateHeld:
		// Another process may have sent a message that this process missed. A message
		// that was in flight when its route was removed may have been delivered.
		if m.Hold != bridge.HoldStale && m.Hold != bridge.HoldNoRoute {
			return
		}
		p.deliver(state, m, got, at)
	case bridge.StateDone:
		if m.Receipt == "" || m.FromTimeline && m.Status == got.Status {
			return
		}
	default:
		return
	}
	if m.Status != got.Status {
		record.Audit(state, bridge.AuditEvent{Event: "status_changed", Record: id, Status: got.Status})
	}
	m.Status, m.FromTimeline = got.Status, true
	m.Touch()
}

// CountMiss records that an unsure message is not in the timeline. A miss counts only if
// it is at least a minute after the call began, and two misses are needed. One miss at
// any time is enough if no process can have made the call.
func (p *Rules) CountMiss(state *bridge.ThreadState, m *bridge.MessageRecord, t timeline.Read, at bridge.Instant) {
	never := record.OneLookUpIsEnough(m, at)
	age := at.Now.Sub(m.InFlightSince)
	if age < missAfter && !never {
		record.HoldStep(state, bridge.StepLookUp, at.Now.Add(min(max(age, time.Second), missAfter-age)))
		return
	}
	m.Misses++
	m.Due = at.Now.Add(missGap)
	m.Touch()
	if m.Misses < missesNeeded && !never {
		return
	}
	switch {
	case t.Unmarked && !state.Thread.Session.EchoesClientIDs:
		// It may be in the timeline without its client id, so a person decides.
		record.HoldMessage(m, bridge.HoldUnsure)
		record.Audit(state, bridge.AuditEvent{Event: "message_held", Record: m.ID(), Reason: string(bridge.HoldUnsure)})
	case m.Panicked:
		p.giveUp(state, m, bridge.ClassPanic, "", at)
	case m.Conflicted:
		p.giveUp(state, m, bridge.ClassConflict, m.Reason, at)
	default:
		record.Audit(state, bridge.AuditEvent{Event: "message_not_sent", Record: m.ID()})
		p.backToReady(state, m, at, true)
		m.Due = at.Now
	}
}
