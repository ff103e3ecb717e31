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

// captureAudit keeps the audit events of a decision. The store may run the decision
// more than once; the last run counts.
func captureAudit(decide bridge.Decision) (bridge.Decision, *[]bridge.AuditEvent) {
	var events []bridge.AuditEvent
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		state.Audit = nil
		err := decide(state, at)
		events = state.Audit
		return err
	}, &events
}

// audit logs one line for each event.
func (r *Relay) audit(ctx context.Context, thread bridge.ThreadKey, events []bridge.AuditEvent) {
	for _, a := range events {
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
