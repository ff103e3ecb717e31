package outcome

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// HoldAgen postpones the lane's calls to Agen, and records Agen as the cause of the
// delay. The hold is kept in memory only.
func (p *Rules) HoldAgen(err error) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		p.holdAgenLane(state, at.Now.Add(Pause(err)))
		for _, m := range state.Messages {
			if m.State == bridge.StateReady && m.FaultRemote == bridge.ToSlack {
				record.Blame(m, bridge.ToAgen)
			}
		}
		p.Apply(state, at)
		return nil
	}
}

// Hold says how long a lane makes no calls to a remote. Busy means that the remote has
// the maximum number of calls in flight; otherwise the remote is down.
type Hold struct {
	Wait time.Duration
	Busy bool
}

// HoldBack postpones the lane's calls to the remote until BringBack. It is kept in memory
// only.
func (p *Rules) HoldBack(remote bridge.Remote, h Hold) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		v := &state.Volatile
		switch until := at.Now.Add(h.Wait); {
		case h.Busy:
			v.BusyUntil = until
		case remote == bridge.ToAgen:
			v.RetryAgenAt = until
		default:
			v.RetrySlackAt = until
		}
		return nil
	}
}

// BringBack ends a HoldBack.
func (p *Rules) BringBack(remote bridge.Remote) bridge.Decision {
	return func(state *bridge.ThreadState, _ bridge.Instant) error {
		v := &state.Volatile
		if remote == bridge.ToAgen {
			v.BusyUntil, v.RetryAgenAt = time.Time{}, time.Time{}
		} else {
			v.RetrySlackAt = time.Time{}
		}
		return nil
	}
}

// WaitForReadSlot postpones the reading of the timeline to its reserved time.
func (p *Rules) WaitForReadSlot(wait time.Duration) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		state.Volatile.ReadSlot = at.Now.Add(wait)
		record.HoldStep(state, bridge.StepRead, state.Volatile.ReadSlot)
		record.HoldStep(state, bridge.StepReadLeft, state.Volatile.ReadSlot)
		return nil
	}
}

// HoldStep postpones one kind of step. It is kept in memory only.
func (p *Rules) HoldStep(kind bridge.StepKind, wait time.Duration) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		record.HoldStep(state, kind, at.Now.Add(wait))
		return nil
	}
}

// LeaseLost handles a call whose outcome couldn't be stored. The call may have been made
// as late as now. So a look-up counts from now, and an update is repeated after
// record.RecheckAfter.
func (p *Rules) LeaseLost(s schedule.Step) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if m := state.Messages[s.ID]; s.Kind == bridge.StepSend && m != nil && m.State == bridge.StateInFlight {
			m.InFlightSince, m.Misses = at.Now, 0
			m.Touch()
		}
		if post := state.Posts[s.ID]; s.Kind == bridge.StepPost && post != nil && post.State == bridge.StateInFlight {
			post.InFlightSince, post.Misses = at.Now, 0
			post.Touch()
		}
		if post := state.Posts[s.ID]; s.Kind == bridge.StepUpdatePost && post != nil && post.State == bridge.StateDone {
			post.RecheckAt = at.Now.Add(record.RecheckAfter)
			post.Touch()
		}
		if s.Kind == bridge.StepAddReaction || s.Kind == bridge.StepRemoveReaction {
			if w, touch := record.ReactionOf(state, s.ID); w != nil {
				record.ExpectLateCall(w, s.Emoji, at)
				touch()
			}
		}
		return nil
	}
}

// holdAgenLane postpones every kind of call to Agen.
func (p *Rules) holdAgenLane(state *bridge.ThreadState, until time.Time) {
	for _, kind := range []bridge.StepKind{bridge.StepLookUp, bridge.StepSend, bridge.StepRead, bridge.StepReadLeft} {
		record.HoldStep(state, kind, until)
	}
}
