package slackapp

import (
	"context"

	"github.com/agenbridge/agenbridge/bridge"
)

// channelJoined reports that we are in a channel, under each id that its threads are stored under.
func (a *App) channelJoined(ctx context.Context, p Presence, channel bridge.ChannelKey) (bridge.Result, error) {
	return a.forEachKey(ctx, channel, p.ChannelJoined)
}

// channelLeft reports that we are no longer in a channel.
func (a *App) channelLeft(ctx context.Context, p Presence, channel bridge.ChannelKey) (bridge.Result, error) {
	v, err := a.forEachKey(ctx, channel, p.ChannelLeft)
	if err == nil {
		a.backlog.Load().channelLeft(a.aliases.channelKeys(channel))
	}
	return v, err
}

// forEachKey calls tell with each key of a channel. The result is new if it is new for one of them.
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
