package relay

import (
	"context"
	"errors"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy"
)

// AcceptMessage accepts a message from slackapp. When it returns without an error, the
// message is on disk or was ignored.
func (r *Relay) AcceptMessage(ctx context.Context, m bridge.Message) (bridge.Result, error) {
	var v bridge.Result
	if m.LinesFrom != "" {
		home, err := r.dmThreadOf(ctx, m.Thread, m.LinesFrom, &m)
		if err != nil {
			return v, err
		}
		m.Root = m.Root && home == m.Thread
		m.Thread = home
	}
	ids := []string{m.TS}
	if m.Aside != "" {
		ids = append(ids, policy.AsideKey(m.Author))
	}
	uncount := r.countMessage(&m)
	err := r.accept(ctx, m.Thread, ids, &v, r.policy.AcceptMessage(m, r.draft(ctx, m), &v))
	if err != nil || !v.New {
		uncount()
	}
	return v, err
}

// AcceptDeletion accepts a deletion in the same way.
func (r *Relay) AcceptDeletion(ctx context.Context, d bridge.Deletion) (bridge.Result, error) {
	var v bridge.Result
	if d.LinesFrom != "" {
		home, err := r.dmThreadOf(ctx, d.Thread, d.LinesFrom, nil)
		if err != nil {
			return v, err
		}
		d.Thread = home
	}
	err := r.accept(ctx, d.Thread, []string{d.TS, policy.TypoKey(d.TS)}, &v, r.policy.AcceptDeletion(d, &v))
	return v, err
}

// BotJoined accepts an invitation to a channel in the same way.
func (r *Relay) BotJoined(ctx context.Context, a bridge.BotJoin) (bridge.Result, error) {
	var v bridge.Result
	err := r.accept(ctx, a.Thread, []string{policy.GreetingKey(a)}, &v, r.policy.BotJoined(a, &v))
	return v, err
}

// AcceptClick accepts a click in the same way.
func (r *Relay) AcceptClick(ctx context.Context, c bridge.Click) (bridge.Result, error) {
	var v bridge.Result
	err := r.accept(ctx, c.Thread, []string{c.Post}, &v, r.policy.AcceptClick(c, &v))
	return v, err
}

func (r *Relay) accept(ctx context.Context, thread bridge.ThreadKey, ids []string, v *bridge.Result, decide bridge.Decision) error {
	decide, events := captureAudit(decide)
	if err := r.cfg.Intake.Accept(ctx, thread, ids, decide); err != nil {
		if errors.Is(err, bridge.ClassPanic) {
			r.observ.PanicCaught("decision")
		}
		return err
	}
	r.observ.Received(v.Ignored)
	r.audit(ctx, thread, *events)
	return nil
}
