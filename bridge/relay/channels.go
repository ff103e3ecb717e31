package relay

import (
	"context"
	"log/slog"

	"github.com/agenbridge/agenbridge/bridge"
)

// ChannelLeft pauses all threads of a channel that the bot is not in any more: it gets
// no events from there and may not post. When ChannelLeft or ChannelJoined returns
// without an error, the change is on disk. slackapp calls them, perhaps repeatedly.
func (r *Relay) ChannelLeft(ctx context.Context, channel bridge.ChannelKey) (bridge.Result, error) {
	rested, err := r.cfg.Channels.Pause(ctx, channel, r.policy.PauseThread())
	if err != nil || !rested {
		return bridge.Result{Ignored: bridge.IgnoredKnown}, err
	}
	r.auditChannel(ctx, "channel_left", channel)
	return bridge.Result{New: true}, nil
}

// ChannelJoined resumes the threads of a channel that the bot is in again.
func (r *Relay) ChannelJoined(ctx context.Context, channel bridge.ChannelKey) (bridge.Result, error) {
	woken, err := r.cfg.Channels.Resume(ctx, channel, r.policy.ResumeThread())
	if err != nil || !woken {
		return bridge.Result{Ignored: bridge.IgnoredKnown}, err
	}
	r.auditChannel(ctx, "channel_joined", channel)
	return bridge.Result{New: true}, nil
}

// pauseChannel pauses a thread because Slack said that the bot is not in its channel.
// The channel's other threads find out by their own calls, or an event says so.
func (r *Relay) pauseChannel(ctx context.Context, claim *bridge.Claim) {
	if r.cfg.Channels == nil {
		return
	}
	if _, err := r.ChannelLeft(ctx, bridge.ChannelKey(claim.Thread)); err != nil {
		r.log.LogAttrs(ctx, slog.LevelError, "put a thread to rest", slog.String("thread", string(claim.Thread)), slog.Any("err", err))
	}
}
