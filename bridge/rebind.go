package bridge

import "context"

// bound looks whether the thread had a session that a copy of the store, which
// was put back, does not know of: our card stands in the thread then and names
// it. The decision is nil where there is none.
func (r *Relay) bound(ctx context.Context, claim *Claim, m *MessageRow) (Decide, error) {
	if claim.At.Restored.IsZero() || claim.Rows.Thread.Session.Count > 0 {
		return nil, nil
	}
	session, err := r.cfg.Slack.Bound(ctx, m.Thread)
	if err != nil {
		return r.policy.vetted(m.ID(), r.policy.unready(m.ID(), false, err)), err
	}
	if session == "" {
		return nil, nil
	}
	return r.policy.rebound(m.ID(), session), nil
}

// rebound binds the thread to the session that its card names. That card is
// looked for, like everything that was said from the session so far.
func (p *Policy) rebound(id, session string) Decide {
	return func(r *Rows, at Moment) error {
		if r.Thread.Vacant() {
			return nil
		}
		asOf := at
		asOf.Now = at.Restored
		if err := p.opened(id, session)(r, asOf); err != nil {
			return err
		}
		r.Thread.Session.Primed = true // it had the thread's background
		for _, post := range r.Posts {
			if post.unproven(at) {
				post.prove(at)
				post.Touch()
			}
		}
		return nil
	}
}
