package relay

import (
	"context"

	"github.com/agenbridge/agenbridge/bridge"
)

// draft composes the message if it can probably be sent at once and composing needs no
// call to Slack; otherwise it returns nil. The state that it looks at may be out of
// date: it decides only whether composing is worth it. If composing panics, the later
// step that composes the message reports that.
func (r *Relay) draft(ctx context.Context, m bridge.Message) (d *bridge.Draft) {
	if m.Backfilled || m.Edited != "" || m.Command != "" || m.Aside != "" || m.Refused != bridge.Allowed || m.OverLimit != bridge.Allowed ||
		m.Kind == bridge.KindApp || r.stopping.Load() {
		return nil
	}
	name, ok := "", false
	r.cfg.Intake.Look(m.Thread, func(state *bridge.ThreadState) {
		name, ok = state.Thread.Route, r.policy.MayDraft(state, m)
	})
	if to := r.routes[name]; !ok || to.unavailable() != nil {
		return nil
	}
	defer func() {
		if recover() != nil {
			d = nil
		}
	}()
	prompt, ok := r.cfg.Slack.ComposeCached(ctx, m)
	if !ok {
		return nil
	}
	return &bridge.Draft{Digest: m.Digest, Route: name, Prompt: prompt}
}
