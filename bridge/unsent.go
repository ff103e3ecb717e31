package bridge

import (
	"errors"
	"time"
)

// composeFailed decides what follows when Slack would not give what the message
// needs on its way: who wrote it, what it says, what was said before.
func (p *Policy) composeFailed(id string, composing bool, err error) Decision {
	class := classOf(err)
	switch class {
	case ClassTemporary, ClassNotInChannel:
	case ClassRateLimited, ClassUnauthorized:
		return p.holdSlack(id, err)
	default: // not Agen's words: the note must not say that they are
		err = &Fault{Class: ClassRejected, Err: err}
	}
	next := p.sendFailed(id, err)
	return func(r *ThreadState, at Instant) error {
		if m := r.Messages[id]; m != nil && composing && class == ClassTemporary {
			m.ComposeFailures++
			m.Touch()
		}
		return next(r, at)
	}
}

// holdSlack has the lane ask Slack nothing for a while. What it owes to Agen
// alone goes on.
func (p *Policy) holdSlack(id string, err error) Decision {
	return func(r *ThreadState, at Instant) error {
		until := at.Now.Add(pause(err))
		r.hold(StepSend, until)
		r.hold(StepAuthorize, until)
		if m := r.Messages[id]; m != nil && m.waiting() { // or it was taken back meanwhile
			p.backToReady(r, m, at, false)
		}
		p.project(r, at)
		return nil
	}
}

// sendFailed decides what follows from a send, or what leads to it, that failed.
func (p *Policy) sendFailed(id string, err error) Decision {
	class := classOf(err)
	return func(r *ThreadState, at Instant) error {
		m := r.Messages[id]
		if m == nil || !m.waiting() {
			return nil
		}
		switch class {
		case ClassRateLimited, ClassUnauthorized:
			p.holdAgenLane(r, at.Now.Add(pause(err)))
			p.backToReady(r, m, at, false)
		case ClassNotInChannel: // the thread rests
			r.hold(StepSend, at.Now.Add(absentPause))
			r.hold(StepAuthorize, at.Now.Add(absentPause))
			p.backToReady(r, m, at, false)
		case ClassUnsure:
			p.markUnsure(r, m, at)
		case ClassConflict:
			m.Conflicted = true
			p.markUnsure(r, m, at)
		case ClassNotFound:
			p.countNotFound(r, m, at)
		case ClassRejected, ClassForbidden:
			p.giveUp(r, m, class, reasonOf(err), at)
		default:
			p.retryLater(r, m, err, at)
		}
		p.project(r, at)
		return nil
	}
}

// retryLater puts a message back with a pause. What interrupted us is not an
// attempt.
func (p *Policy) retryLater(r *ThreadState, m *MessageRecord, err error, at Instant) {
	attempt := !errors.Is(err, errStopped)
	p.backToReady(r, m, at, attempt)
	if m.State != StateReady || !attempt {
		return
	}
	m.Due = at.Now.Add(max(p.backoff(m.Attempts), waitOf(err)))
	m.Fault, m.Reason = classOf(err), reasonOf(err)
}

// holdAgenLane spares Agen every kind of call.
func (p *Policy) holdAgenLane(r *ThreadState, until time.Time) {
	for _, kind := range []StepKind{StepLookUp, StepSend, StepRead} {
		r.hold(kind, until)
	}
}

// backToReady puts a message back in its place: it has certainly not been sent.
// One that was taken back meanwhile, or that has been tried for MAX_AGE, ends
// here.
func (p *Policy) backToReady(r *ThreadState, m *MessageRecord, at Instant, attempt bool) {
	switch {
	case m.DeletionPending:
		m.end(EndWithdrawn, at)
		p.reassignStart(r, at)
		return
	case at.Now.Sub(m.Accepted) >= p.maxAge():
		p.giveUp(r, m, ClassTemporary, m.Reason, at)
		return
	}
	changed := m.State != StateReady
	m.State, m.InFlightSince, m.Misses = StateReady, time.Time{}, 0
	if attempt {
		m.Attempts++
		changed = true
	}
	if changed {
		m.Touch()
	}
}

// giveUp ends a message that will not reach the agent: the note says why.
func (p *Policy) giveUp(r *ThreadState, m *MessageRecord, class FaultClass, reason string, at Instant) {
	if m.DeletionPending {
		m.end(EndWithdrawn, at)
		return
	}
	m.State, m.Hold, m.Fault, m.Reason = StateDead, "", class, reason
	m.dropText()
	m.InFlightSince, m.Misses = time.Time{}, 0
	m.Touch()
	r.audit(AuditGivenUp, m.ID(), string(class))
}

// markUnsure has the message looked up before anything else happens to it.
func (p *Policy) markUnsure(r *ThreadState, m *MessageRecord, at Instant) {
	m.InFlightSince = at.Now // it may have left until now
	m.State, m.Fault, m.Due = StateInFlight, ClassUnsure, at.Now
	m.Touch()
	r.hold(StepLookUp, at.Now.Add(time.Second))
}

// countNotFound weighs a 404 to a send: the timeline is asked at once, and both
// again after a minute.
func (p *Policy) countNotFound(r *ThreadState, m *MessageRecord, at Instant) {
	p.backToReady(r, m, at, true)
	if m.State != StateReady {
		return
	}
	d := &r.Thread.Session.NotFoundStreak
	if d.Since.IsZero() {
		*d = NotFoundStreak{Since: at.Now}
	} else if d.TimelineToo && at.Now.Sub(d.Since) >= doubtFor {
		d.StillAfter = true
	}
	m.Due = at.Now.Add(doubtFor)
	m.Fault = ClassNotFound
	r.Thread.Touch()
	r.Volatile.NextPoll = time.Time{}
	delete(r.Volatile.HoldUntil, StepRead)
}
