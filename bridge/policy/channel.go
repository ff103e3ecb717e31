package policy

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// PauseThread takes the words out of what waits: nobody knows for how long. They are
// read again, through the gate, when it goes on.
func (p *Policy) PauseThread() bridge.Decision {
	return func(state *bridge.ThreadState, _ bridge.Instant) error {
		for _, m := range state.Messages {
			if m.Waiting() && m.Body != nil && m.Choice == "" {
				record.DropText(m)
				m.Touch()
			}
		}
		return nil
	}
}

// ResumeThread has what rested go on at once, as if it had just come: nobody could do
// anything about it meanwhile, and nothing was out of reach.
func (p *Policy) ResumeThread() bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		state.Volatile = bridge.Volatile{}
		for _, m := range state.Messages {
			switch {
			case m.State == bridge.StateReady && !record.MayBeDoneElsewhere(&m.Delivery, at):
				m.Due, m.Authorized = at.Now, false
				if !m.Delayed {
					m.Accepted = at.Now
				}
				m.Touch()
			case m.State == bridge.StateInFlight && !m.Delayed, m.State == bridge.StateHeld && m.Hold == bridge.HoldStale:
				m.Accepted = at.Now
				m.Touch()
			}
		}
		p.Apply(state, at)
		return nil
	}
}
