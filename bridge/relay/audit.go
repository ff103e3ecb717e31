package relay

import (
	"context"
	"log/slog"

	"github.com/agenbridge/agenbridge/bridge"
)

func (r *Relay) auditChannel(ctx context.Context, event string, channel bridge.ChannelKey) {
	r.observ.Audited(bridge.AuditEvent{Event: event})
	r.log.LogAttrs(ctx, slog.LevelInfo, "audit", slog.String("event", event), slog.String("channel", channel.ID()))
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
		r.observ.Audited(a)
		level := slog.LevelInfo
		if a.Debug {
			level = slog.LevelDebug
		}
		if r.log.Enabled(ctx, level) {
			r.log.LogAttrs(ctx, level, "audit", auditAttrs(thread, a)...)
		}
	}
}

// auditAttrs returns the fields of an audit line. Those that the event doesn't have
// are left out.
func auditAttrs(thread bridge.ThreadKey, a bridge.AuditEvent) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("event", a.Event), slog.String("thread", string(thread)), slog.String("channel", thread.Channel().ID()),
	}
	for _, field := range [...]struct{ name, value string }{
		{"delivery", a.Record},
		{"user", a.User},
		{"session", a.Session},
		{"agen_event", a.AgenEvent},
		{"ts", a.TS},
		{"action", a.Action},
		{"emoji", a.Emoji},
		{"status", string(a.Status)},
		{"reason", a.Reason},
	} {
		if field.value != "" {
			attrs = append(attrs, slog.String(field.name, field.value))
		}
	}
	if a.Delay > 0 {
		attrs = append(attrs, slog.Float64("delay_seconds", a.Delay.Seconds()))
	}
	return attrs
}
