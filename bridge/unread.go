package bridge

import "time"

// readFailed decides what follows from a read that failed.
func (p *Policy) readFailed(err error) Decision {
	class := classOf(err)
	return func(r *ThreadState, at Instant) error {
		r.Volatile.ReadSlot = time.Time{}
		switch class {
		case ClassRateLimited, ClassUnauthorized:
			p.holdAgenLane(r, at.Now.Add(pause(err)))
			p.expireWatch(r, at)
		case ClassNotFound:
			p.refusedTimeline(r, at)
		default:
			p.pollLater(r, err, at)
		}
		p.project(r, at)
		return nil
	}
}

// ownPostsFailed decides what follows when Slack does not say what stands in the
// thread: the timeline waits for it.
func (p *Policy) ownPostsFailed(err error) Decision {
	wait := pause(err)
	if class := classOf(err); class != ClassRateLimited && class != ClassUnauthorized {
		wait = 10 * time.Second
	}
	return func(r *ThreadState, at Instant) error {
		r.Volatile.ReadSlot = time.Time{}
		r.hold(StepRead, at.Now.Add(wait))
		r.hold(StepLookUp, at.Now.Add(wait))
		p.expireWatch(r, at)
		p.project(r, at)
		return nil
	}
}

// pollLater spaces the next try.
func (p *Policy) pollLater(r *ThreadState, err error, at Instant) {
	r.Volatile.PollFailures++
	again := at.Now.Add(max(p.backoff(r.Volatile.PollFailures), waitOf(err)))
	r.Volatile.NextPoll = again
	r.hold(StepLookUp, again)
	p.expireWatch(r, at)
}

// expireWatch gives a message up whose fate could not be found out in MAX_AGE: a
// person decides.
func (p *Policy) expireWatch(r *ThreadState, at Instant) {
	for _, m := range r.Messages {
		if m.State == StateInFlight && at.Now.Sub(m.Accepted) >= p.maxAge() {
			m.hold(HoldUnsure)
			r.audit("message_held", m.ID(), string(HoldUnsure))
		}
	}
}

// refusedTimeline weighs a timeline that answers 404.
func (p *Policy) refusedTimeline(r *ThreadState, at Instant) {
	d := &r.Thread.Session.NotFoundStreak
	began := r.inFlight()
	switch {
	case began != nil && d.Since.IsZero():
		*d = NotFoundStreak{Since: at.Now}
		r.Thread.Touch()
	case began != nil && at.Now.Sub(d.Since) >= unreadableFor, d.StillAfter:
		p.sessionClosed(r, at)
		return
	case !d.Since.IsZero() && !d.TimelineToo:
		d.TimelineToo = true
		r.Thread.Touch()
	}
	p.pollLater(r, nil, at)
}

// sessionClosed ends the session: what is under way loses its reaction, and what
// waits is held for a person under one note.
func (p *Policy) sessionClosed(r *ThreadState, at Instant) {
	if r.Thread.reviewDue(at) { // no read will do it
		p.reviewReactions(r, at)
	}
	s := &r.Thread.Session
	s.Closed, s.NotFoundStreak = true, NotFoundStreak{}
	r.Thread.Touch()
	r.audit("session_closed", "", s.ID)
	p.dropQuestions(r, at)
	for _, m := range r.Messages {
		switch {
		case m.waiting() && m.DeletionPending:
			m.end(EndWithdrawn, at)
		case m.waiting() && m.Command == "":
			m.hold(HoldSessionClosed)
		default:
			m.stopWatching()
		}
	}
}

// stopWatching stops looking for the message's status.
func (m *MessageRecord) stopWatching() bool {
	if m.final() {
		return false
	}
	m.End = EndAbandoned
	m.Touch()
	return true
}
