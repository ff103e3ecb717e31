package relay

import (
	"context"

	"github.com/agenbridge/agenbridge/bridge"
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
	if err := to.unavailable(); err != nil {
		switch {
		case s.Kind != bridge.StepSend:
		case !m.Authorized: // only a message whose author is authorized is shown as delayed
			return r.authorizeMessage(ctx, m)
		case m.Command != "": // a command needs nothing from Agen
			return r.send(ctx, claim, to, m)
		}
		if to == nil {
			return r.policy.NoRoute(), err
		}
		return r.policy.HoldAgen(err), err
	}
	switch s.Kind {
	case bridge.StepSend:
		return r.send(ctx, claim, to, m)
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
