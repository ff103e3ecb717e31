package bridge

import (
	"context"
	"errors"
	"log/slog"
)

// Hear takes a message on. When it returns without an error the message is
// on disk, or was not for us. It is called by slackapp.
func (r *Relay) Hear(ctx context.Context, m Message) (Verdict, error) {
	var v Verdict
	if r.twins.know(m, r.cfg.Now()) {
		v.Ignored = IgnoredKnown
		r.observ.Came(v.Ignored)
		return v, nil
	}
	told := m
	if m.Lines != "" {
		home, err := r.homeOf(ctx, m.Thread, m.Lines, &m)
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
	m.Over = r.over(m)
	err := r.accept(ctx, m.Thread, ids, &v, r.policy.Hear(m, r.ready(ctx, m), &v))
	if err == nil && v.New && m.Edited == "" {
		r.limits.messages.add(m.Author, r.deedOf(m))
		r.twins.add(told, r.cfg.Now())
	}
	return v, err
}

// Forget takes a deletion on, like Hear.
func (r *Relay) Forget(ctx context.Context, d Deletion) (Verdict, error) {
	var v Verdict
	if d.Lines != "" {
		home, err := r.homeOf(ctx, d.Thread, d.Lines, nil)
		if err != nil {
			return v, err
		}
		d.Thread = home
	}
	err := r.accept(ctx, d.Thread, []string{d.TS, typoKey(d.TS)}, &v, r.policy.Forget(d, &v))
	return v, err
}

// Greet takes an invitation to a channel on, like Hear.
func (r *Relay) Greet(ctx context.Context, a Arrival) (Verdict, error) {
	var v Verdict
	err := r.accept(ctx, a.Thread, []string{greetingKey(a)}, &v, r.policy.Greet(a, &v))
	return v, err
}

// Press takes a click on, like Hear.
func (r *Relay) Press(ctx context.Context, c Click) (Verdict, error) {
	var v Verdict
	err := r.accept(ctx, c.Thread, []string{c.Post}, &v, r.policy.Press(c, &v))
	return v, err
}

func (r *Relay) accept(ctx context.Context, thread ThreadKey, ids []string, v *Verdict, decide Decide) error {
	decide, acts := watched(decide)
	if err := r.cfg.Intake.Accept(ctx, thread, ids, decide); err != nil {
		if errors.Is(err, Broken) {
			r.observ.Broke("decision")
		}
		return err
	}
	r.observ.Came(v.Ignored)
	r.audit(ctx, thread, *acts)
	return nil
}

// watched keeps what a decision did for the audit log. The store may run it
// more than once; the last time counts.
func watched(decide Decide) (Decide, *[]Act) {
	var acts []Act
	return func(rows *Rows, at Moment) error {
		rows.Acts = nil
		err := decide(rows, at)
		acts = rows.Acts
		return err
	}, &acts
}

// audit writes one line for each act.
func (r *Relay) audit(ctx context.Context, thread ThreadKey, acts []Act) {
	for _, a := range acts {
		r.observ.Acted(a.Name)
		attrs := []slog.Attr{slog.String("act", a.Name), slog.String("thread", string(thread))}
		if a.Row != "" {
			attrs = append(attrs, slog.String("delivery", a.Row))
		}
		if a.Detail != "" {
			attrs = append(attrs, slog.String("detail", a.Detail))
		}
		r.log.LogAttrs(ctx, slog.LevelInfo, "audit", attrs...)
	}
}
