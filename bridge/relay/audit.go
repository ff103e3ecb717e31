package relay

import (
	"context"
	"log/slog"

	"github.com/agenbridge/agenbridge/bridge"
)

func (r *Relay) auditChannel(ctx context.Context, event string, channel bridge.ChannelKey) {
	r.observ.Audited(event)
	r.log.LogAttrs(ctx, slog.LevelInfo, "audit", slog.String("event", event), slog.String("channel", string(channel)))
}

// captureAudit keeps what a decision did for the audit log. The store may run it
// more than once; the last time counts.
func captureAudit(decide bridge.Decision) (bridge.Decision, *[]bridge.AuditEvent) {
	var acts []bridge.AuditEvent
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		state.Audit = nil
		err := decide(state, at)
		acts = state.Audit
		return err
	}, &acts
}

// audit writes one line for each act.
func (r *Relay) audit(ctx context.Context, thread bridge.ThreadKey, acts []bridge.AuditEvent) {
	for _, a := range acts {
		r.observ.Audited(a.Event)
		attrs := []slog.Attr{slog.String("event", a.Event), slog.String("thread", string(thread))}
		if a.Record != "" {
			attrs = append(attrs, slog.String("delivery", a.Record))
		}
		if a.Detail != "" {
			attrs = append(attrs, slog.String("detail", a.Detail))
		}
		r.log.LogAttrs(ctx, slog.LevelInfo, "audit", attrs...)
	}
}
