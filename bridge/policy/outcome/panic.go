package outcome

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// AfterPanic removes the cause of a panic from the lane, so that the lane can go on. A
// message that was not sent is given up, and a post that was not made is not made. What
// may have been done already is looked up. If the look-up itself panics, a person decides
// after some minutes.
func (p *Rules) AfterPanic(s schedule.Step) bridge.Decision {
	switch s.Kind {
	case bridge.StepAuthorize, bridge.StepSend:
		return p.afterSendPanic(s.ID)
	case bridge.StepLookUp, bridge.StepRead:
		return p.afterReadPanic()
	case bridge.StepPost, bridge.StepFindPost, bridge.StepUpdatePost:
		return p.afterPostPanic(s)
	case bridge.StepReadReactions, bridge.StepAddReaction, bridge.StepRemoveReaction:
		return p.reactionRefused(s)
	case bridge.StepMark:
		return p.HoldStep(bridge.StepMark, time.Minute)
	default:
		return p.PauseAfterPanic()
	}
}

func (p *Rules) afterSendPanic(id string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		m := state.Messages[id]
		switch {
		case m == nil:
		case m.State == bridge.StateReady:
			p.giveUp(state, m, bridge.ClassPanic, "", at)
		case m.State == bridge.StateInFlight:
			m.Panicked = true
			p.MarkUnsure(state, m, at)
		}
		p.Apply(state, at)
		return nil
	}
}

func (p *Rules) afterReadPanic() bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		state.Volatile.ReadSlot = time.Time{}
		for _, m := range state.Messages {
			if m.State == bridge.StateInFlight && at.Now.Sub(m.InFlightSince) >= unreadableFor {
				record.HoldMessage(m, bridge.HoldUnsure)
				record.Audit(state, bridge.AuditEvent{Event: "message_held", Record: m.ID(), Reason: string(bridge.HoldUnsure)})
			}
		}
		p.pollLater(state, nil, at)
		p.Apply(state, at)
		return nil
	}
}

func (p *Rules) afterPostPanic(s schedule.Step) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		rec := state.Posts[s.ID]
		switch {
		case rec == nil:
			return nil
		case rec.State == bridge.StateInFlight && at.Now.Sub(rec.InFlightSince) < unreadableFor:
			rec.Fault = bridge.ClassUnsure
			record.HoldStep(state, bridge.StepFindPost, at.Now.Add(time.Minute))
		default:
			p.postRefused(state, rec, s.Kind, "", at)
			rec.Fault = bridge.ClassPanic
		}
		rec.Touch()
		return nil
	}
}

// PauseAfterPanic pauses a thread for some minutes. It is used if it is unknown which
// record makes the steps panic.
func (p *Rules) PauseAfterPanic() bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		for _, kind := range bridge.AllSteps {
			record.HoldStep(state, kind, at.Now.Add(unreadableFor))
		}
		return nil
	}
}
