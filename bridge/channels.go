package bridge

import (
	"context"
	"log/slog"
)

// ChannelLeft pauses all threads of a channel: we are not in it any more, and hear
// and may say nothing there. When it returns without an error that is on disk, and
// so it is with ChannelJoined. Both may be told the same again. They are called by
// slackapp.
func (r *Relay) ChannelLeft(ctx context.Context, channel ChannelKey) (Result, error) {
	rested, err := r.cfg.Channels.Pause(ctx, channel, r.policy.pauseThread())
	if err != nil || !rested {
		return Result{Ignored: IgnoredKnown}, err
	}
	r.auditChannel(ctx, "channel left", channel)
	return Result{New: true}, nil
}

// ChannelJoined has the threads of a channel go on: something shows that we are in it.
func (r *Relay) ChannelJoined(ctx context.Context, channel ChannelKey) (Result, error) {
	woken, err := r.cfg.Channels.Resume(ctx, channel, r.policy.resumeThread())
	if err != nil || !woken {
		return Result{Ignored: IgnoredKnown}, err
	}
	r.auditChannel(ctx, "channel entered", channel)
	return Result{New: true}, nil
}

func (r *Relay) auditChannel(ctx context.Context, act string, channel ChannelKey) {
	r.observ.Audited(act)
	r.log.LogAttrs(ctx, slog.LevelInfo, "audit", slog.String("act", act), slog.String("channel", string(channel)))
}

// pauseChannel has a thread rest whose channel Slack says we are not in. The others
// find out by themselves, or an event tells.
func (r *Relay) pauseChannel(ctx context.Context, claim *Claim) {
	if r.cfg.Channels == nil {
		return
	}
	if _, err := r.ChannelLeft(ctx, ChannelKey(claim.Thread)); err != nil {
		r.log.LogAttrs(ctx, slog.LevelError, "put a thread to rest", slog.String("thread", string(claim.Thread)), slog.Any("err", err))
	}
}

// pauseThread takes the words out of what waits: nobody knows for how long. They are
// read again, through the gate, when it goes on.
func (p *Policy) pauseThread() Decision {
	return func(r *ThreadState, _ Instant) error {
		for _, m := range r.Messages {
			if m.waiting() && m.Body != nil && m.Choice == "" {
				m.dropText()
				m.Touch()
			}
		}
		return nil
	}
}

// resumeThread has what rested go on at once, as if it had just come: nobody could do
// anything about it meanwhile, and nothing was out of reach.
func (p *Policy) resumeThread() Decision {
	return func(r *ThreadState, at Instant) error {
		r.Volatile = Volatile{}
		for _, m := range r.Messages {
			switch {
			case m.State == StateReady && !m.Delivery.mayBeDoneElsewhere(at):
				m.Due, m.Authorized = at.Now, false
				if !m.Delayed {
					m.Accepted = at.Now
				}
				m.Touch()
			case m.State == StateInFlight && !m.Delayed, m.State == StateHeld && m.Fault == HoldStale:
				m.Accepted = at.Now
				m.Touch()
			}
		}
		p.project(r, at)
		return nil
	}
}
