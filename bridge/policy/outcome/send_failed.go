package outcome

import (
	"errors"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// NoSession gives up a reply that has no session to go to. Only a mention or a button may
// open one.
func (p *Rules) NoSession(id string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if m := state.Messages[id]; m != nil && m.State == bridge.StateReady {
			p.giveUp(state, m, bridge.ClassNotFound, "", at)
			p.Apply(state, at)
		}
		return nil
	}
}

// ComposeFailed handles a failure to read from Slack what the prompt needs: the author,
// the text, or the earlier messages.
func (p *Rules) ComposeFailed(id string, composing bool, err error) bridge.Decision {
	class := bridge.ClassOf(err)
	switch class {
	case bridge.ClassTemporary, bridge.ClassNotInChannel:
	case bridge.ClassRateLimited, bridge.ClassUnauthorized:
		return p.holdSlack(id, err)
	default: // Agen is not at fault, and the note must not say so
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

// holdSlack postpones the steps that need Slack. Calls to Agen that need nothing from
// Slack continue.
func (p *Rules) holdSlack(id string, err error) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		until := at.Now.Add(Pause(err))
		record.HoldStep(state, bridge.StepSend, until)
		record.HoldStep(state, bridge.StepAuthorize, until)
		if m := state.Messages[id]; m != nil && m.Waiting() { // it may have been deleted in the meantime
			record.Blame(m, bridge.ToSlack)
			p.backToReady(state, m, at, false)
		}
		p.Apply(state, at)
		return nil
	}
}

// ReturnUnsent makes an in-flight message ready again that was definitely not sent.
func (p *Rules) ReturnUnsent(id string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if m := state.Messages[id]; m != nil && m.State == bridge.StateInFlight {
			p.backToReady(state, m, at, false)
			p.Apply(state, at)
		}
		return nil
	}
}

// SendFailed handles a failure of a send, or of a call before it.
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
// interrupted doesn't count.
func (p *Rules) retryLater(state *bridge.ThreadState, m *bridge.MessageRecord, err error, at bridge.Instant) {
	attempt := !errors.Is(err, bridge.ErrStopped)
	p.backToReady(state, m, at, attempt)
	if m.State != bridge.StateReady || !attempt {
		return
	}
	m.Due = at.Now.Add(max(p.backoff(m.Attempts), bridge.WaitOf(err)))
	m.Fault, m.Reason = bridge.ClassOf(err), bridge.ReasonOf(err)
}

// backToReady makes a message ready again that was definitely not sent. If the message
// was deleted in the meantime it is withdrawn, and if it has waited for MAX_AGE it is
// given up.
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

// MarkUnsure marks the message as in flight with an unknown outcome, so it is looked up
// before anything else happens to it.
func (p *Rules) MarkUnsure(state *bridge.ThreadState, m *bridge.MessageRecord, at bridge.Instant) {
	m.InFlightSince = at.Now // the request may have been sent as late as now
	m.State, m.Fault, m.Due = bridge.StateInFlight, bridge.ClassUnsure, at.Now
	m.Touch()
	record.HoldStep(state, bridge.StepLookUp, at.Now.Add(time.Second))
}

// countNotFound handles a 404 to a send as evidence that the session is gone. The
// timeline is read at once, and after a minute both calls are repeated.
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
