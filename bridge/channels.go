package bridge

import (
	"context"
	"log/slog"
)

// Move takes the threads of a channel that has another id along. When it
// returns without an error that is on disk, and so it is with Leave and Enter.
// All three may be told the same again. They are called by slackapp.
func (r *Relay) Move(ctx context.Context, from, to ChannelKey) (Verdict, error) {
	n, err := r.cfg.Channels.Move(ctx, from, to, merge)
	if err != nil {
		return Verdict{}, err
	}
	r.auditChannel(ctx, "channel moved", from, slog.String("to", string(to)), slog.Int("threads", n))
	return Verdict{New: true}, nil
}

// Leave has all threads of a channel rest: we are not in it any more, and hear
// and may say nothing there.
func (r *Relay) Leave(ctx context.Context, channel ChannelKey) (Verdict, error) {
	rested, err := r.cfg.Channels.Rest(ctx, channel, r.policy.rests())
	if err != nil || !rested {
		return Verdict{Ignored: IgnoredKnown}, err
	}
	r.auditChannel(ctx, "channel left", channel)
	return Verdict{New: true}, nil
}

// Enter has the threads of a channel go on: something shows that we are in it.
func (r *Relay) Enter(ctx context.Context, channel ChannelKey) (Verdict, error) {
	woken, err := r.cfg.Channels.Wake(ctx, channel, r.policy.wakes())
	if err != nil || !woken {
		return Verdict{Ignored: IgnoredKnown}, err
	}
	r.auditChannel(ctx, "channel entered", channel)
	return Verdict{New: true}, nil
}

func (r *Relay) auditChannel(ctx context.Context, act string, channel ChannelKey, attrs ...slog.Attr) {
	r.observ.Acted(act)
	r.log.LogAttrs(ctx, slog.LevelInfo, "audit", append([]slog.Attr{slog.String("act", act), slog.String("channel", string(channel))}, attrs...)...)
}

// absent has a thread rest whose channel Slack says we are not in. The others
// find out by themselves, or an event tells.
func (r *Relay) absent(ctx context.Context, claim *Claim) {
	if r.cfg.Channels == nil {
		return
	}
	if _, err := r.Leave(ctx, ChannelKey(claim.Thread)); err != nil {
		r.log.LogAttrs(ctx, slog.LevelError, "put a thread to rest", slog.String("thread", string(claim.Thread)), slog.Any("err", err))
	}
}

// rests takes the words out of what waits: nobody knows for how long. They are
// read again, through the gate, when it goes on.
func (p *Policy) rests() Decide {
	return func(r *Rows, _ Moment) error {
		for _, m := range r.Messages {
			if m.waiting() && m.Body != nil && m.Words == "" {
				m.dropText()
				m.Touch()
			}
		}
		return nil
	}
}

// wakes has what rested go on at once, as if it had just come: nobody could do
// anything about it meanwhile, and nothing was out of reach.
func (p *Policy) wakes() Decide {
	return func(r *Rows, at Moment) error {
		r.Memo = Memo{}
		for _, m := range r.Messages {
			switch {
			case m.State == Ready && !m.Delivery.unproven(at):
				m.Due, m.Vetted = at.Now, false
				if !m.Late {
					m.Accepted = at.Now
				}
				m.Touch()
			case m.State == Begun && !m.Late, m.State == Held && m.Fault == Overdue:
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
func merge(there, moved *Rows, _ Moment) error {
	if !moved.Thread.Vacant() {
		for _, m := range there.Messages {
			m.abandon()
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
