package slackapp

import (
	"context"

	"github.com/agenbridge/agenbridge/bridge"
)

// channelJoined tells that something shows that we are in a channel, under whichever ids its threads are stored.
func (a *App) channelJoined(ctx context.Context, p Presence, channel bridge.ChannelKey) (bridge.Result, error) {
	return a.forEachKey(ctx, channel, p.ChannelJoined)
}

// channelLeft tells that we are not in a channel any more.
func (a *App) channelLeft(ctx context.Context, p Presence, channel bridge.ChannelKey) (bridge.Result, error) {
	v, err := a.forEachKey(ctx, channel, p.ChannelLeft)
	if err == nil {
		a.backlog.Load().channelLeft(a.aliases.channelKeys(channel))
	}
	return v, err
}

// forEachKey tells the same about a channel under each of its keys. It is news if it is news about one of them.
func (a *App) forEachKey(
	ctx context.Context, channel bridge.ChannelKey, tell func(context.Context, bridge.ChannelKey) (bridge.Result, error),
) (all bridge.Result, err error) {
	for _, key := range a.aliases.channelKeys(channel) {
		v, err := tell(ctx, key)
		if err != nil {
			return v, err
		}
		if !all.New {
			all = v
		}
	}
	return all, nil
}
