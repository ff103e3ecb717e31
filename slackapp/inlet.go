package slackapp

import (
	"context"

	"github.com/agenbridge/agenbridge/bridge"
)

// Inlet accepts events. Each call returns when the result is on disk, and only then the event is acknowledged. After an
// error it is not, and Slack delivers it again. The calls come from several goroutines, but those about one thread come one
// after the other.
type Inlet interface {
	AcceptMessage(ctx context.Context, m bridge.Message) (bridge.Result, error)
	AcceptDeletion(ctx context.Context, d bridge.Deletion) (bridge.Result, error)
	BotJoined(ctx context.Context, a bridge.BotJoin) (bridge.Result, error)
	// AcceptClick accepts a click, also one of a person who may not use the bot (Click.Refused).
	AcceptClick(ctx context.Context, c bridge.Click) (bridge.Result, error)
	Presence
}

// Presence accepts the fact that we are or aren't in a channel. The same fact may be reported again.
type Presence interface {
	// ChannelLeft says that we are no longer in a channel, ChannelJoined that something showed that we are.
	ChannelLeft(ctx context.Context, channel bridge.ChannelKey) (bridge.Result, error)
	ChannelJoined(ctx context.Context, channel bridge.ChannelKey) (bridge.Result, error)
}
