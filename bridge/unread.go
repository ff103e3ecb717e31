package bridge

import "time"

// unread decides what follows from a read that failed.
func (p *Policy) unread(err error) Decide {
	class := classOf(err)
	return func(r *Rows, at Moment) error {
		r.Memo.Slot = time.Time{}
		switch class {
		case RateLimited, Unauthorized:
			p.holdKey(r, at.Now.Add(pause(err)))
			p.expire(r, at)
		case Missing:
			p.unreadable(r, at)
		default:
			p.readLater(r, err, at)
		}
		p.project(r, at)
		return nil
	}
}

// unseeing decides what follows when Slack does not say what stands in the
// thread: the timeline waits for it.
func (p *Policy) unseeing(err error) Decide {
	wait := pause(err)
	if class := classOf(err); class != RateLimited && class != Unauthorized {
		wait = 10 * time.Second
	}
	return func(r *Rows, at Moment) error {
		r.Memo.Slot = time.Time{}
		r.hold(StepRead, at.Now.Add(wait))
		r.hold(StepLookUp, at.Now.Add(wait))
		p.expire(r, at)
		p.project(r, at)
		return nil
	}
}

// readLater spaces the next try.
func (p *Policy) readLater(r *Rows, err error, at Moment) {
	r.Memo.Failures++
	again := at.Now.Add(max(p.backoff(r.Memo.Failures), waitOf(err)))
	r.Memo.PollDue = again
	r.hold(StepLookUp, again)
	p.expire(r, at)
}

// expire gives a message up whose fate could not be found out in MAX_AGE: a
// person decides.
func (p *Policy) expire(r *Rows, at Moment) {
	for _, m := range r.Messages {
		if m.State == Begun && at.Now.Sub(m.Accepted) >= p.maxAge() {
			m.hold(Unsure)
			r.act("held", m.ID(), string(Unsure))
		}
	}
}

// unreadable weighs a timeline that answers 404.
func (p *Policy) unreadable(r *Rows, at Moment) {
	d := &r.Thread.Session.Doubt
	began := r.begun()
	switch {
	case began != nil && d.Since.IsZero():
		*d = Doubt{Since: at.Now}
		r.Thread.Touch()
	case began != nil && at.Now.Sub(d.Since) >= unreadableFor, d.Again:
		p.gone(r, at)
		return
	case !d.Since.IsZero() && !d.Read:
		d.Read = true
		r.Thread.Touch()
	}
	p.readLater(r, nil, at)
}

// gone ends the session: what is under way loses its reaction, and what
// waits is held for a person under one note.
func (p *Policy) gone(r *Rows, at Moment) {
	if r.Thread.reviewing(at) { // no read will do it
		p.doubtSigns(r, at)
	}
	s := &r.Thread.Session
	s.Gone, s.Doubt = true, Doubt{}
	r.Thread.Touch()
	r.act("session gone", "", s.ID)
	p.dropQuestions(r, at)
	for _, m := range r.Messages {
		switch {
		case m.waiting() && m.Unwanted:
			m.end(EndWithdrawn, at)
		case m.waiting() && m.Command == "":
			m.hold(Missing)
		default:
			m.abandon()
		}
	}
}

// abandon stops looking for the message's status.
func (m *MessageRow) abandon() bool {
	if m.final() {
		return false
	}
	m.End = EndAbandoned
	m.Touch()
	return true
}
