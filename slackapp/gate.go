package slackapp

import (
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// gate is the first half of deciding who may use the bot, and where: what the ids in an event alone can decide. The second
// half is [App.Authorize].
type gate struct {
	channels, users, shared         map[string]bool
	groups                          []string
	dms, guests, external, everyone bool
}

func newGate(g Gate) *gate {
	out := &gate{
		channels: setOf(g.AllowChannels), users: setOf(g.AllowUsers), shared: setOf(g.AllowSharedChannels),
		dms: g.AllowDMs, guests: g.AllowGuests, external: g.AllowExternal, everyone: len(g.AllowUsers) == 0,
	}
	for _, id := range g.AllowUsers {
		if strings.HasPrefix(id, "S") {
			out.groups = append(out.groups, id)
		}
	}
	return out
}

func setOf(ids []string) map[string]bool {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// refusal decides by the channel and the user.
func (g *gate) refusal(at eventContext, user string) bridge.Refusal {
	if why := g.channelRefusal(at); why != bridge.Allowed {
		return why
	}
	if !g.everyone && !g.users[user] && len(g.groups) == 0 {
		return bridge.RefusedPerson
	}
	return bridge.Allowed
}

// channelRefusal decides by the channel alone.
func (g *gate) channelRefusal(at eventContext) bridge.Refusal {
	switch {
	case at.direct() && !g.dms:
		return bridge.RefusedDirect
	case !at.direct() && len(g.channels) > 0 && !g.channels[at.channel]:
		return bridge.RefusedChannel
	case at.shared && !at.direct() && !g.shared[at.channel]:
		return bridge.RefusedShared
	default:
		return bridge.Allowed
	}
}
