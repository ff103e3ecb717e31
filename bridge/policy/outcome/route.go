package outcome

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// NoRoute decides what becomes of a thread whose workspace is not set up any
// more: what waits is held for a person, and nobody else gets it. What may have
// been sent is looked up when somebody has it tried again, and is found by
// itself when the workspace is back.
func (p *Rules) NoRoute() bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		for _, m := range state.Messages {
			begun := m.InFlightSince
			switch {
			case !m.Waiting() || m.Command != "" || m.State == bridge.StateReady && (!m.Authorized || m.Stale):
				continue
			case m.DeletionPending:
				record.End(m, bridge.EndWithdrawn, at)
				continue
			}
			record.HoldMessage(m, bridge.HoldNoRoute)
			m.InFlightSince = begun
			record.Audit(state, "message_held", m.ID(), string(bridge.HoldNoRoute))
		}
		if record.Polled(&state.Thread.Session) {
			p.PollNext(state, 0, at)
		}
		p.Apply(state, at)
		return nil
	}
}
