package bridge

import (
	"context"
	"log/slog"
)

// ChannelRenamed takes the threads of a channel that has another id along. When it
// returns without an error that is on disk, and so it is with Leave and Enter.
// All three may be told the same again. They are called by slackapp.
func (r *Relay) ChannelRenamed(ctx context.Context, from, to ChannelKey) (Result, error) {
	n, err := r.cfg.Channels.Move(ctx, from, to, merge)
	if err != nil {
		return Result{}, err
	}
	r.auditChannel(ctx, "channel_renamed", from, slog.String("to", string(to)), slog.Int("threads", n))
	return Result{New: true}, nil
}

// ChannelLeft has all threads of a channel rest: we are not in it any more, and hear
// and may say nothing there.
func (r *Relay) ChannelLeft(ctx context.Context, channel ChannelKey) (Result, error) {
	rested, err := r.cfg.Channels.Pause(ctx, channel, r.policy.pauseThread())
	if err != nil || !rested {
		return Result{Ignored: IgnoredKnown}, err
	}
	r.auditChannel(ctx, "channel_left", channel)
	return Result{New: true}, nil
}

// ChannelJoined has the threads of a channel go on: something shows that we are in it.
func (r *Relay) ChannelJoined(ctx context.Context, channel ChannelKey) (Result, error) {
	woken, err := r.cfg.Channels.Resume(ctx, channel, r.policy.resumeThread())
	if err != nil || !woken {
		return Result{Ignored: IgnoredKnown}, err
	}
	r.auditChannel(ctx, "channel_joined", channel)
	return Result{New: true}, nil
}

func (r *Relay) auditChannel(ctx context.Context, event string, channel ChannelKey, attrs ...slog.Attr) {
	r.observ.Audited(event)
	r.log.LogAttrs(ctx, slog.LevelInfo, "audit", append([]slog.Attr{slog.String("event", event), slog.String("channel", string(channel))}, attrs...)...)
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

// merge takes a thread along to its new key. What stands there already came
// under the new id before we heard of it: the thread that is older goes on, and
// what was said in the other one is known in it.
func merge(there, moved *ThreadState, _ Instant) error {
	if !moved.Thread.Unbound() {
		for _, m := range there.Messages {
			m.stopWatching()
		}
		rev := max(there.Thread.Rev, moved.Thread.Rev)
		there.Thread = moved.Thread
		there.Thread.Rev = rev
		there.Thread.Touch()
	}
	for id, m := range moved.Messages {
		m.Thread = there.Key
		m.Touch()
		there.Messages[id] = m
	}
	for key, p := range moved.Posts {
		p.Touch()
		there.Posts[key] = p
	}
	return nil
}
