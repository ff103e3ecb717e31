package bridge

import (
	"context"
	"errors"
	"log/slog"
)

// AcceptMessage takes a message on. When it returns without an error the message is
// on disk, or was not for us. It is called by slackapp.
func (r *Relay) AcceptMessage(ctx context.Context, m Message) (Result, error) {
	var v Result
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
		ids = append(ids, asideKey(m.Author))
	}
	m.OverLimit = r.overLimit(m)
	err := r.accept(ctx, m.Thread, ids, &v, r.policy.AcceptMessage(m, r.draft(ctx, m), &v))
	if err == nil && v.New && m.Edited == "" {
		r.limits.messages.add(m.Author, r.usageOf(m))
	}
	return v, err
}

// AcceptDeletion takes a deletion on, like Hear.
func (r *Relay) AcceptDeletion(ctx context.Context, d Deletion) (Result, error) {
	var v Result
	if d.LinesFrom != "" {
		home, err := r.dmThreadOf(ctx, d.Thread, d.LinesFrom, nil)
		if err != nil {
			return v, err
		}
		d.Thread = home
	}
	err := r.accept(ctx, d.Thread, []string{d.TS, typoKey(d.TS)}, &v, r.policy.AcceptDeletion(d, &v))
	return v, err
}

// BotJoined takes an invitation to a channel on, like Hear.
func (r *Relay) BotJoined(ctx context.Context, a BotJoin) (Result, error) {
	var v Result
	err := r.accept(ctx, a.Thread, []string{greetingKey(a)}, &v, r.policy.BotJoined(a, &v))
	return v, err
}

// AcceptClick takes a click on, like Hear.
func (r *Relay) AcceptClick(ctx context.Context, c Click) (Result, error) {
	var v Result
	err := r.accept(ctx, c.Thread, []string{c.Post}, &v, r.policy.AcceptClick(c, &v))
	return v, err
}

func (r *Relay) accept(ctx context.Context, thread ThreadKey, ids []string, v *Result, decide Decision) error {
	decide, acts := captureAudit(decide)
	if err := r.cfg.Intake.Accept(ctx, thread, ids, decide); err != nil {
		if errors.Is(err, ClassPanic) {
			r.observ.PanicCaught("decision")
		}
		return err
	}
	r.observ.Received(v.Ignored)
	r.audit(ctx, thread, *acts)
	return nil
}

// captureAudit keeps what a decision did for the audit log. The store may run it
// more than once; the last time counts.
func captureAudit(decide Decision) (Decision, *[]AuditEvent) {
	var acts []AuditEvent
	return func(rows *ThreadState, at Instant) error {
		rows.Audit = nil
		err := decide(rows, at)
		acts = rows.Audit
		return err
	}, &acts
}

// audit writes one line for each act.
func (r *Relay) audit(ctx context.Context, thread ThreadKey, acts []AuditEvent) {
	for _, a := range acts {
		r.observ.Audited(a.Event)
		attrs := []slog.Attr{slog.String("act", a.Event), slog.String("thread", string(thread))}
		if a.Record != "" {
			attrs = append(attrs, slog.String("delivery", a.Record))
		}
		if a.Detail != "" {
			attrs = append(attrs, slog.String("detail", a.Detail))
		}
		r.log.LogAttrs(ctx, slog.LevelInfo, "audit", attrs...)
	}
}
