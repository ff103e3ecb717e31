package relay

import (
	"context"
	"log/slog"

	"github.com/agenbridge/agenbridge/bridge"
)

// ChannelLeft pauses all threads of a channel: we are not in it any more, and hear
// and may say nothing there. When it returns without an error that is on disk, and
// so it is with ChannelJoined. Both may be told the same again. They are called by
// slackapp.
func (r *Relay) ChannelLeft(ctx context.Context, channel bridge.ChannelKey) (bridge.Result, error) {
	rested, err := r.cfg.Channels.Pause(ctx, channel, r.policy.PauseThread())
	if err != nil || !rested {
		return bridge.Result{Ignored: bridge.IgnoredKnown}, err
	}
	r.auditChannel(ctx, "channel_left", channel)
	return bridge.Result{New: true}, nil
}

// ChannelJoined has the threads of a channel go on: something shows that we are in it.
func (r *Relay) ChannelJoined(ctx context.Context, channel bridge.ChannelKey) (bridge.Result, error) {
	woken, err := r.cfg.Channels.Resume(ctx, channel, r.policy.ResumeThread())
	if err != nil || !woken {
		return bridge.Result{Ignored: bridge.IgnoredKnown}, err
	}
	r.auditChannel(ctx, "channel_joined", channel)
	return bridge.Result{New: true}, nil
}

// pauseChannel has a thread rest whose channel Slack says we are not in. The others
// find out by themselves, or an event tells.
func (r *Relay) pauseChannel(ctx context.Context, claim *bridge.Claim) {
	if r.cfg.Channels == nil {
		return
	}
	if _, err := r.ChannelLeft(ctx, bridge.ChannelKey(claim.Thread)); err != nil {
		r.log.LogAttrs(ctx, slog.LevelError, "put a thread to rest", slog.String("thread", string(claim.Thread)), slog.Any("err", err))
	}
}
