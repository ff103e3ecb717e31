package bridge

import (
	"errors"
	"time"
)

// unready decides what follows when Slack would not give what the message
// needs on its way: who wrote it, what it says, what was said before.
func (p *Policy) unready(id string, composing bool, err error) Decide {
	class := classOf(err)
	switch class {
	case Temporary, Absent:
	case RateLimited, Unauthorized:
		return p.spareSlack(id, err)
	default: // not Agen's words: the note must not say that they are
		err = &Fault{Class: Rejected, Err: err}
	}
	next := p.unsent(id, err)
	return func(r *Rows, at Moment) error {
		if m := r.Messages[id]; m != nil && composing && class == Temporary {
			m.Composed++
			m.Touch()
		}
		return next(r, at)
	}
}

// spareSlack has the lane ask Slack nothing for a while. What it owes to Agen
// alone goes on.
func (p *Policy) spareSlack(id string, err error) Decide {
	return func(r *Rows, at Moment) error {
		until := at.Now.Add(pause(err))
		r.hold(StepSend, until)
		r.hold(StepVet, until)
		if m := r.Messages[id]; m != nil && m.waiting() { // or it was taken back meanwhile
			p.retreat(r, m, at, false)
		}
		p.project(r, at)
		return nil
	}
}

// unsent decides what follows from a send, or what leads to it, that failed.
func (p *Policy) unsent(id string, err error) Decide {
	class := classOf(err)
	return func(r *Rows, at Moment) error {
		m := r.Messages[id]
		if m == nil || !m.waiting() {
			return nil
		}
		switch class {
		case RateLimited, Unauthorized:
			p.holdKey(r, at.Now.Add(pause(err)))
			p.retreat(r, m, at, false)
		case Absent: // the thread rests
			r.hold(StepSend, at.Now.Add(absentPause))
			r.hold(StepVet, at.Now.Add(absentPause))
			p.retreat(r, m, at, false)
		case Unsure:
			p.markUnsure(r, m, at)
		case Conflict:
			m.Conflicted = true
			p.markUnsure(r, m, at)
		case Missing:
			p.doubt(r, m, at)
		case Rejected, Forbidden:
			p.giveUp(r, m, class, reasonOf(err), at)
		default:
			p.tryLater(r, m, err, at)
		}
		p.project(r, at)
		return nil
	}
}

// tryLater puts a message back with a pause. What interrupted us is not an
// attempt.
func (p *Policy) tryLater(r *Rows, m *MessageRow, err error, at Moment) {
	attempt := !errors.Is(err, errStopped)
	p.retreat(r, m, at, attempt)
	if m.State != Ready || !attempt {
		return
	}
	m.Due = at.Now.Add(max(p.backoff(m.Attempts), waitOf(err)))
	m.Fault, m.Reason = classOf(err), reasonOf(err)
}

// holdKey spares Agen every kind of call.
func (p *Policy) holdKey(r *Rows, until time.Time) {
	for _, kind := range []StepKind{StepLookUp, StepSend, StepRead} {
		r.hold(kind, until)
	}
}

// retreat puts a message back in its place: it has certainly not been sent.
// One that was taken back meanwhile, or that has been tried for MAX_AGE, ends
// here.
func (p *Policy) retreat(r *Rows, m *MessageRow, at Moment, attempt bool) {
	switch {
	case m.Unwanted:
		m.end(EndWithdrawn, at)
		p.reseat(r, at)
		return
	case at.Now.Sub(m.Accepted) >= p.maxAge():
		p.giveUp(r, m, Temporary, m.Reason, at)
		return
	}
	changed := m.State != Ready
	m.State, m.BegunAt, m.Misses = Ready, time.Time{}, 0
	if attempt {
		m.Attempts++
		changed = true
	}
	if changed {
		m.Touch()
	}
}

// giveUp ends a message that will not reach the agent: the note says why.
func (p *Policy) giveUp(r *Rows, m *MessageRow, class Class, reason string, at Moment) {
	if m.Unwanted {
		m.end(EndWithdrawn, at)
		return
	}
	m.State, m.Fault, m.Reason = Dead, class, reason
	m.dropText()
	m.BegunAt, m.Misses = time.Time{}, 0
	m.Touch()
	r.act("dead", m.ID(), string(class))
}

// markUnsure has the message looked up before anything else happens to it.
func (p *Policy) markUnsure(r *Rows, m *MessageRow, at Moment) {
	m.BegunAt = at.Now // it may have left until now
	m.State, m.Fault, m.Due = Begun, Unsure, at.Now
	m.Touch()
	r.hold(StepLookUp, at.Now.Add(time.Second))
}

// doubt weighs a 404 to a send: the timeline is asked at once, and both
// again after a minute.
func (p *Policy) doubt(r *Rows, m *MessageRow, at Moment) {
	p.retreat(r, m, at, true)
	if m.State != Ready {
		return
	}
	d := &r.Thread.Session.Doubt
	if d.Since.IsZero() {
		*d = Doubt{Since: at.Now}
	} else if d.Read && at.Now.Sub(d.Since) >= doubtFor {
		d.Again = true
	}
	m.Due = at.Now.Add(doubtFor)
	m.Fault = Missing
	r.Thread.Touch()
	r.Memo.PollDue = time.Time{}
	delete(r.Memo.Hold, StepRead)
}
