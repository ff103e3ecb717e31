package outcome

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// NoRoute handles a thread whose route is no longer configured. Waiting messages are held
// for a person, and never sent to another workspace. A message that may have been sent is
// looked up when somebody retries it. If the route is configured again, the timeline
// shows it without a retry.
func (p *Rules) NoRoute() bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		for _, m := range state.Messages {
			inFlightSince := m.InFlightSince
			switch {
			case !m.Waiting() || m.Command != "" || m.State == bridge.StateReady && (!m.Authorized || m.AwaitsQuestion()):
				continue
			case m.DeletionPending:
				record.End(m, bridge.EndWithdrawn, at)
				continue
			}
			record.HoldMessage(m, bridge.HoldNoRoute)
			m.InFlightSince = inFlightSince
			record.Audit(state, bridge.AuditEvent{Event: "message_held", Record: m.ID(), Reason: string(bridge.HoldNoRoute)})
		}
		if record.Polled(&state.Thread.Session) {
			p.PollNext(state, 0, at)
		}
		for _, session := range record.LeftSessions(state) {
			p.readLeftAgain(state, session, 10*time.Minute, at)
		}
		p.Apply(state, at)
		return nil
	}
}
