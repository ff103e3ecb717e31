package slackapp

import (
	"context"

	"github.com/agenbridge/agenbridge/bridge"
)

// Inlet takes on what comes in. Each call returns when the result is on disk, and only then is Slack told that it
// arrived; after an error it is not, and Slack delivers it again. The calls come from several goroutines, those about
// one thread one after the other.
type Inlet interface {
	AcceptMessage(ctx context.Context, m bridge.Message) (bridge.Result, error)
	AcceptDeletion(ctx context.Context, d bridge.Deletion) (bridge.Result, error)
	BotJoined(ctx context.Context, a bridge.BotJoin) (bridge.Result, error)
	// AcceptClick takes a click, also one of somebody who may not (Click.Refused).
	AcceptClick(ctx context.Context, c bridge.Click) (bridge.Result, error)
	Presence
}

// Presence takes on news of channels as such, like Inlet. Each may be told again.
type Presence interface {
	// ChannelLeft tells that we are not in a channel any more, ChannelJoined that something shows that we are.
	ChannelLeft(ctx context.Context, channel bridge.ChannelKey) (bridge.Result, error)
	ChannelJoined(ctx context.Context, channel bridge.ChannelKey) (bridge.Result, error)
}
