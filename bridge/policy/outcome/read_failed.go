package outcome

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// ReadFailed handles a failure to read the timeline.
func (p *Rules) ReadFailed(err error) bridge.Decision {
	class := bridge.ClassOf(err)
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		state.Volatile.ReadSlot = time.Time{}
		switch class {
		case bridge.ClassRateLimited, bridge.ClassUnauthorized:
			p.holdAgenLane(state, at.Now.Add(Pause(err)))
			p.expireWatch(state, at)
		case bridge.ClassNotFound:
			p.refusedTimeline(state, at)
		default:
			p.pollLater(state, err, at)
		}
		p.Apply(state, at)
		return nil
	}
}

// OwnPostsFailed handles a failure to read our posts in the Slack thread. The timeline is
// not read until that succeeds.
func (p *Rules) OwnPostsFailed(err error) bridge.Decision {
	wait := Pause(err)
	if class := bridge.ClassOf(err); class != bridge.ClassRateLimited && class != bridge.ClassUnauthorized {
		wait = 10 * time.Second
	}
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		state.Volatile.ReadSlot = time.Time{}
		record.HoldStep(state, bridge.StepRead, at.Now.Add(wait))
		record.HoldStep(state, bridge.StepLookUp, at.Now.Add(wait))
		p.expireWatch(state, at)
		p.Apply(state, at)
		return nil
	}
}

// pollLater schedules the next attempt after a failed read. If no message waits for a
// status, the timeline is not read more often than usual.
func (p *Rules) pollLater(state *bridge.ThreadState, err error, at bridge.Instant) {
	state.Volatile.PollFailures++
	again := at.Now.Add(max(p.backoff(state.Volatile.PollFailures), bridge.WaitOf(err)))
	record.HoldStep(state, bridge.StepLookUp, again)
	if usual := at.Now.Add(pollInterval(at.Now.Sub(state.Thread.Session.LastNews), false, 0)); !awaitsStatus(state) && again.Before(usual) {
		again = usual
	}
	state.Volatile.NextPoll = again
	p.expireWatch(state, at)
}

// expireWatch holds the messages whose outcome couldn't be determined within MAX_AGE, so
// that a person decides.
func (p *Rules) expireWatch(state *bridge.ThreadState, at bridge.Instant) {
	for _, m := range state.Messages {
		if m.State == bridge.StateInFlight && at.Now.Sub(m.Accepted) >= p.GiveUpAfter() {
			record.HoldMessage(m, bridge.HoldUnsure)
			record.Audit(state, bridge.AuditEvent{Event: "message_held", Record: m.ID(), Reason: string(bridge.HoldUnsure)})
		}
	}
}

// refusedTimeline handles a 404 from the timeline. It takes several 404s over some time,
// to sends as well as reads, until the session counts as gone.
func (p *Rules) refusedTimeline(state *bridge.ThreadState, at bridge.Instant) {
	d := &state.Thread.Session.NotFoundStreak
	inFlight := record.InFlight(state)
	switch {
	case inFlight != nil && d.Since.IsZero():
		*d = bridge.NotFoundStreak{Since: at.Now}
		state.Thread.Touch()
	case inFlight != nil && at.Now.Sub(d.Since) >= unreadableFor, d.StillAfter:
		p.CloseSession(state, at)
		return
	case !d.Since.IsZero() && !d.TimelineToo:
		d.TimelineToo = true
		state.Thread.Touch()
	case d.Since.IsZero() && d.Unread.IsZero():
		d.Unread = at.Now
		state.Thread.Touch()
	case d.Since.IsZero() && at.Now.Sub(d.Unread) >= unwatchedAfter && !waits(state):
		p.stopPolling(state, &bridge.Note{Kind: bridge.NotePollingStopped, Class: bridge.ClassNotFound}, at)
		return
	}
	p.pollLater(state, nil, at)
}

// waits reports whether a message waits. Sending it will show whether the session exists.
func waits(state *bridge.ThreadState) bool {
	for _, m := range state.Messages {
		if m.Waiting() {
			return true
		}
	}
	return false
}
