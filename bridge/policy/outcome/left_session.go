package outcome

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// After a thread has moved on to another session, it still shows the status of its
// messages in the session that it left. It shows nothing else of that session.

// LeftRead records what the timeline of a session that the thread left says about the
// thread's messages there.
func (p *Rules) LeftRead(session string, ours map[string]timeline.Entry, took time.Duration) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		state.Volatile.ReadSlot = time.Time{}
		for id, got := range ours {
			if m := state.Messages[id]; m != nil && m.LeftSession == session {
				p.ApplyStatus(state, id, got, at)
			}
		}
		silence := time.Duration(-1)
		for _, m := range record.OpenIn(state, session) {
			if d := at.Now.Sub(m.Settled); silence < 0 || d < silence {
				silence = d
			}
		}
		p.readLeftAgain(state, session, pollInterval(silence, true, took), at)
		p.Apply(state, at)
		return nil
	}
}

// LeftReadFailed handles a failure to read that timeline.
func (p *Rules) LeftReadFailed(session string, err error) bridge.Decision {
	class := bridge.ClassOf(err)
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		state.Volatile.ReadSlot = time.Time{}
		wait := max(time.Minute, bridge.WaitOf(err))
		switch class {
		case bridge.ClassRateLimited, bridge.ClassUnauthorized:
			p.holdAgenLane(state, at.Now.Add(Pause(err)))
		case bridge.ClassNotFound, bridge.ClassForbidden, bridge.ClassRejected:
			wait = 10 * time.Minute // a gateway may answer that during a deployment
		default:
		}
		p.readLeftAgain(state, session, wait, at)
		p.Apply(state, at)
		return nil
	}
}

// readLeftAgain schedules the next read of the timeline of a session that the thread
// left. Messages whose status has been open for WATCH_MAX are no longer watched.
func (p *Rules) readLeftAgain(state *bridge.ThreadState, session string, wait time.Duration, at bridge.Instant) {
	for _, m := range record.OpenIn(state, session) {
		if at.Now.Sub(m.Settled) >= p.watchMax() {
			record.StopWatching(m)
		}
	}
	if state.Volatile.LeftReads == nil {
		state.Volatile.LeftReads = map[string]time.Time{}
	}
	state.Volatile.LeftReads[session] = at.Now.Add(wait)
	if len(record.OpenIn(state, session)) == 0 {
		delete(state.Volatile.LeftReads, session)
	}
}
