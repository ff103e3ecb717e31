package relay

import (
	"context"
	"errors"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/outcome"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// stepToAgen makes one step of a lane to Agen. It returns the decision that follows,
// and the fault if there was one.
func (r *Relay) stepToAgen(ctx context.Context, claim *bridge.Claim, s schedule.Step) (bridge.Decision, error) {
	m := claim.State.Messages[s.ID]
	if s.Kind == bridge.StepAuthorize {
		return r.authorizeMessage(ctx, m)
	}
	to := r.routes[claim.State.Thread.Route]
	if s.Kind == bridge.StepSend && m.Command != "" { // a command needs nothing from Agen
		return r.send(ctx, claim, to, m)
	}
	hold, err := to.enter(claim, s)
	switch {
	case err == nil:
		defer to.breaker.done()
		return r.callAgen(ctx, claim, to, s)
	case s.Kind == bridge.StepSend && !m.Authorized: // only a message whose author is authorized is shown as delayed
		return r.authorizeMessage(ctx, m)
	case to == nil:
		return r.policy.NoRoute(), err
	case errors.Is(err, errHeldBack):
		return r.policy.HoldBack(bridge.ToAgen, hold), err
	default:
		return r.policy.HoldAgen(err), err
	}
}

// enter asks whether a call may be made to the workspace now; breaker.done must
// follow if so. to may be nil.
func (to *route) enter(claim *bridge.Claim, s schedule.Step) (outcome.Hold, error) {
	if err := to.unavailable(); err != nil {
		return outcome.Hold{}, err
	}
	hold, ok := to.breaker.admit(claim.Thread, schedule.FirstTry(claim.State, s))
	if !ok {
		return hold, errHeldBack
	}
	return hold, nil
}

func (r *Relay) callAgen(ctx context.Context, claim *bridge.Claim, to *route, s schedule.Step) (bridge.Decision, error) {
	switch s.Kind {
	case bridge.StepSend:
		return r.send(ctx, claim, to, claim.State.Messages[s.ID])
	case bridge.StepLookUp:
		return r.readTimeline(ctx, claim, to, s.Kind, "")
	case bridge.StepRead:
		wait, ok := to.throttle.reserve(claim.State.Volatile.ReadSlot)
		if !ok {
			return r.policy.WaitForReadSlot(wait), nil
		}
		defer to.throttle.release()
		return r.poll(ctx, claim, to)
	default:
		panic("no such step to Agen: " + s.Kind)
	}
}
