package relay

import (
	"context"

	"github.com/agenbridge/agenbridge/bridge"
)

// runCommand does what a message asks of the bridge.
func (r *Relay) runCommand(ctx context.Context, claim *bridge.Claim, m *bridge.MessageRecord) (bridge.Decision, error) {
	switch m.Command {
	case bridge.CommandList:
		return r.list(ctx, m)
	case bridge.CommandLink:
		return r.link(ctx, claim, m)
	case bridge.CommandStop:
		return r.policy.Stop(m.ID()), nil
	default:
		return r.policy.Command(m.ID()), nil
	}
}
