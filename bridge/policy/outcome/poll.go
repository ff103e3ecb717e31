package outcome

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// Unchanged handles Agen's answer that the timeline has not changed.
func (p *Rules) Unchanged(took time.Duration) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		state.Volatile.PollFailures, state.Volatile.ReadSlot = 0, time.Time{}
		p.ResetNotFound(state, at)
		p.PollNext(state, took, at)
		p.Apply(state, at)
		return nil
	}
}

// ResetNotFound ends a streak of 404s, because the timeline was read successfully.
func (p *Rules) ResetNotFound(state *bridge.ThreadState, at bridge.Instant) {
	s := &state.Thread.Session
	if s.NotFoundStreak == (bridge.NotFoundStreak{}) {
		return
	}
	s.NotFoundStreak = bridge.NotFoundStreak{}
	state.Thread.Touch()
	for _, m := range state.Messages {
		if m.State == bridge.StateReady && m.Fault == bridge.ClassNotFound {
			m.Due = at.Now.Add(p.backoff(m.Attempts))
			m.Touch()
		}
	}
}

// PollNext schedules the next read of the timeline. If nothing has happened for
// WATCH_MAX, it stops polling instead.
func (p *Rules) PollNext(state *bridge.ThreadState, took time.Duration, at bridge.Instant) {
	s := &state.Thread.Session
	silence := at.Now.Sub(s.LastNews)
	if silence < p.watchMax() {
		state.Volatile.NextPoll = at.Now.Add(pollInterval(silence, awaitsStatus(state), took))
		return
	}
	p.stopPolling(state, &bridge.Note{Kind: bridge.NotePollingStopped, Days: int(silence.Hours() / 24)}, at)
}

// stopPolling stops reading the timeline until the next message. If a message still waits
// for a status, the note is posted.
func (p *Rules) stopPolling(state *bridge.ThreadState, note *bridge.Note, at bridge.Instant) {
	s := &state.Thread.Session
	s.PollingStopped = true
	state.Thread.Touch()
	record.Audit(state, bridge.AuditEvent{Event: "polling_stopped", Session: s.ID})
	stopped := false
	for _, m := range state.Messages {
		if m.LeftSession == "" {
			stopped = record.StopWatching(m) || stopped
		}
	}
	if stopped {
		p.UpsertPost(state, bridge.Post{Key: "unfollowed:" + at.Now.UTC().Format(time.DateOnly), Note: note}, nil, at)
	}
}

// awaitsStatus reports whether the status of one of our messages can still change.
func awaitsStatus(state *bridge.ThreadState) bool {
	for _, m := range state.Messages {
		if m.State == bridge.StateInFlight || !m.Final() && m.LeftSession == "" {
			return true
		}
	}
	return false
}

// pollInterval returns how long to wait before the next read of the timeline: one second
// after news, and then longer with the length of the silence. Reading never takes more
// than a tenth of the time.
func pollInterval(silence time.Duration, open bool, took time.Duration) time.Duration {
	d := max(time.Second, silence/8)
	switch {
	case open && silence < 2*time.Hour:
		d = min(d, 20*time.Second)
	case silence < 48*time.Hour:
		d = min(d, 10*time.Minute)
	default:
		d = time.Hour
	}
	return max(d, 10*took)
}

func (p *Rules) watchMax() time.Duration {
	if p.WatchMax > 0 {
		return p.WatchMax
	}
	return 720 * time.Hour
}
