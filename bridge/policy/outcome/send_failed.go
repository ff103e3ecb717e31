package outcome

import (
	"errors"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// NoSession gives up a reply whose session could not be opened: only a mention, or a
// button, opens one.
func (p *Rules) NoSession(id string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if m := state.Messages[id]; m != nil && m.State == bridge.StateReady {
			p.giveUp(state, m, bridge.ClassNotFound, "", at)
			p.Apply(state, at)
		}
		return nil
	}
}

// ComposeFailed decides what follows if Slack did not provide what the prompt needs:
// the author, the text, the earlier messages.
func (p *Rules) ComposeFailed(id string, composing bool, err error) bridge.Decision {
	class := bridge.ClassOf(err)
	switch class {
	case bridge.ClassTemporary, bridge.ClassNotInChannel:
	case bridge.ClassRateLimited, bridge.ClassUnauthorized:
		return p.holdSlack(id, err)
	default: // it is not Agen's error, and the note must not say so
		err = &bridge.Fault{Class: bridge.ClassRejected, Remote: bridge.RemoteOf(err), Err: err}
	}
	next := p.SendFailed(id, err)
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if m := state.Messages[id]; m != nil && composing && class == bridge.ClassTemporary {
			m.ComposeFailures++
			m.Touch()
		}
		return next(state, at)
	}
}

// holdSlack has the lane make no call to Slack for a while. Calls to Agen that need
// none from Slack go on.
func (p *Rules) holdSlack(id string, err error) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		until := at.Now.Add(Pause(err))
		record.HoldStep(state, bridge.StepSend, until)
		record.HoldStep(state, bridge.StepAuthorize, until)
		if m := state.Messages[id]; m != nil && m.Waiting() { // it may have been deleted meanwhile
			record.Blame(m, bridge.ToSlack)
			p.backToReady(state, m, at, false)
		}
		p.Apply(state, at)
		return nil
	}
}

// ReturnUnsent makes a message ready again that was in flight and was certainly not
// sent.
func (p *Rules) ReturnUnsent(id string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if m := state.Messages[id]; m != nil && m.State == bridge.StateInFlight {
			p.backToReady(state, m, at, false)
			p.Apply(state, at)
		}
		return nil
	}
}

// SendFailed decides what follows if a send, or a call before it, failed.
func (p *Rules) SendFailed(id string, err error) bridge.Decision {
	class := bridge.ClassOf(err)
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		m := state.Messages[id]
		if m == nil || !m.Waiting() {
			return nil
		}
		record.Blame(m, bridge.RemoteOf(err))
		switch class {
		case bridge.ClassRateLimited, bridge.ClassUnauthorized:
			p.holdAgenLane(state, at.Now.Add(Pause(err)))
			p.backToReady(state, m, at, false)
		case bridge.ClassNotInChannel: // the thread is paused
			record.HoldStep(state, bridge.StepSend, at.Now.Add(absentPause))
			record.HoldStep(state, bridge.StepAuthorize, at.Now.Add(absentPause))
			p.backToReady(state, m, at, false)
		case bridge.ClassUnsure:
			p.MarkUnsure(state, m, at)
		case bridge.ClassConflict:
			m.Conflicted = true
			p.MarkUnsure(state, m, at)
		case bridge.ClassNotFound:
			p.countNotFound(state, m, at)
		case bridge.ClassRejected, bridge.ClassForbidden:
			if bridge.IsTooLong(err) && m.CarriesEarlier && !m.RootOnly {
				m.RootOnly, m.Due = true, at.Now
				p.backToReady(state, m, at, false)
				break
			}
			p.giveUp(state, m, class, bridge.ReasonOf(err), at)
		default:
			p.retryLater(state, m, err, at)
		}
		p.Apply(state, at)
		return nil
	}
}

// retryLater makes a message ready again after a backoff. An attempt that a shutdown
// interrupted is not counted.
func (p *Rules) retryLater(state *bridge.ThreadState, m *bridge.MessageRecord, err error, at bridge.Instant) {
	attempt := !errors.Is(err, bridge.ErrStopped)
	p.backToReady(state, m, at, attempt)
	if m.State != bridge.StateReady || !attempt {
		return
	}
	m.Due = at.Now.Add(max(p.backoff(m.Attempts), bridge.WaitOf(err)))
	m.Fault, m.Reason = bridge.ClassOf(err), bridge.ReasonOf(err)
}

// backToReady makes a message ready again that was certainly not sent. If it was
// deleted meanwhile, or has been tried for MAX_AGE, it ends here.
func (p *Rules) backToReady(state *bridge.ThreadState, m *bridge.MessageRecord, at bridge.Instant, attempt bool) {
	switch {
	case m.DeletionPending:
		record.End(m, bridge.EndWithdrawn, at)
		record.ReassignStart(state, at)
		return
	case at.Now.Sub(m.Accepted) >= p.GiveUpAfter():
		p.giveUp(state, m, bridge.ClassTemporary, m.Reason, at)
		return
	}
	changed := m.State != bridge.StateReady
	m.State, m.InFlightSince, m.Misses = bridge.StateReady, time.Time{}, 0
	if attempt {
		m.Attempts++
		changed = true
	}
	if changed {
		m.Touch()
	}
}

// giveUp ends a message that will not reach the agent. The failure note says why.
func (p *Rules) giveUp(state *bridge.ThreadState, m *bridge.MessageRecord, class bridge.FaultClass, reason string, at bridge.Instant) {
	if m.DeletionPending {
		record.End(m, bridge.EndWithdrawn, at)
		return
	}
	m.State, m.Hold, m.Fault, m.Reason = bridge.StateDead, "", class, reason
	record.DropText(m)
	m.InFlightSince, m.Misses = time.Time{}, 0
	m.Touch()
	record.Audit(state, bridge.AuditEvent{Event: bridge.AuditGivenUp, Record: m.ID(), Reason: string(class)})
}

// MarkUnsure has the message looked up before anything else happens to it.
func (p *Rules) MarkUnsure(state *bridge.ThreadState, m *bridge.MessageRecord, at bridge.Instant) {
	m.InFlightSince = at.Now // the request may have left until now
	m.State, m.Fault, m.Due = bridge.StateInFlight, bridge.ClassUnsure, at.Now
	m.Touch()
	record.HoldStep(state, bridge.StepLookUp, at.Now.Add(time.Second))
}

// countNotFound counts a 404 to a send as evidence that the session is gone. The
// timeline is read at once, and after a minute both calls are made again.
func (p *Rules) countNotFound(state *bridge.ThreadState, m *bridge.MessageRecord, at bridge.Instant) {
	p.backToReady(state, m, at, true)
	if m.State != bridge.StateReady {
		return
	}
	d := &state.Thread.Session.NotFoundStreak
	if d.Since.IsZero() {
		*d = bridge.NotFoundStreak{Since: at.Now}
	} else if d.TimelineToo && at.Now.Sub(d.Since) >= doubtFor {
		d.StillAfter = true
	}
	m.Due = at.Now.Add(doubtFor)
	m.Fault = bridge.ClassNotFound
	state.Thread.Session.PollingStopped = false
	state.Thread.Touch()
	state.Volatile.NextPoll = time.Time{}
	delete(state.Volatile.HoldUntil, bridge.StepRead)
}
