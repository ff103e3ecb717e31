package bridge

import (
	"context"
	"time"
)

// freshFor is how long after it was written the first message of a thread can
// only be the first: nothing stands below it.
const freshFor = time.Minute

// rebind binds the thread to the session that our own card in it names: a
// process whose store was lost had opened it. A nil decision says that there is
// none.
func (r *Relay) rebind(ctx context.Context, claim *Claim, m *MessageRow) (Decide, error) {
	if claim.Rows.Thread.Session.Count > 0 || m.Root && !m.Swept && m.Accepted.Sub(m.written()) < freshFor {
		return nil, nil
	}
	session, err := r.cfg.Slack.Bound(ctx, claim.Thread)
	switch classOf(err) {
	case Rejected, Missing: // the thread can't be read, and Compose says so
		err = nil
	default:
	}
	switch {
	case err != nil:
		return r.policy.vetted(m.ID(), r.policy.unready(m.ID(), false, err)), err
	case session == "":
		return nil, nil
	}
	return r.policy.rebound(m.ID(), session), nil
}

// rebound binds the thread. What was sent and said before is not known, so the
// message is looked up before it is sent, and posts before they are made.
func (p *Policy) rebound(id, session string) Decide {
	return func(r *Rows, at Moment) error {
		t := &r.Thread
		if t.Vacant() { // its first message was taken back meanwhile
			return nil
		}
		t.Session = Session{ID: session, Count: 1, Opened: at.Now, News: at.Now}
		t.Review = true
		t.Touch()
		for _, m := range r.Messages {
			if m.State == Ready && m.Command == "" {
				m.Swept = true
				m.Touch()
			}
		}
		if m := r.Messages[id]; m != nil {
			m.Vetted = true
			t.Session.Card.Asker = m.Author
		}
		r.act("session bound again", id, session)
		p.doubting(r, at, func() { p.project(r, at) })
		return nil
	}
}

// reviewing reports whether what stands in the thread of its session's timeline
// is not known.
func (t *Thread) reviewing(at Moment) bool {
	return t.Review || !at.Restored.IsZero() && !t.Started.After(at.Restored) && !t.Reviewed.Equal(at.Restored)
}

// reviewed notes that it is known now.
func (t *Thread) reviewed(at Moment) {
	t.Review, t.Reviewed = false, at.Restored
	t.Touch()
}

// doubting does something, and has the posts that come of it looked up before
// they are made.
func (p *Policy) doubting(r *Rows, at Moment, do func()) {
	known := map[string]bool{}
	for key := range r.Posts {
		known[key] = true
	}
	do()
	for key, post := range r.Posts {
		if known[key] || post.State != Ready || post.To != "" {
			continue
		}
		post.prove(at)
		if r.Thread.Review { // whoever did it may have done it just now
			post.BegunAt = at.Now
		}
		post.Touch()
	}
}
