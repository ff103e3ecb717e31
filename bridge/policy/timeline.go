package policy

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// Read decides what follows from the timeline. It is the authority on the
// status of our messages, and on whether one that is unsure is there.
// What the agent says becomes posts in this same decision.
func (p *Policy) Read(t timeline.Read) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		s := &state.Thread.Session
		if s.ID != t.Session || s.Closed { // it has gone to another thread meanwhile
			return nil
		}
		state.Volatile.PollFailures, state.Volatile.ReadSlot = 0, time.Time{}
		p.resetNotFound(state, at)
		if state.Volatile.Fingerprint != t.Fingerprint {
			if state.Volatile.Fingerprint != 0 || p.seesChange(state, t) {
				s.LastNews = at.Now
				state.Thread.Touch()
			}
			state.Volatile.Fingerprint = t.Fingerprint
		}
		for id, got := range t.Ours {
			if got.ClientID == id && !s.EchoesClientIDs {
				s.EchoesClientIDs = true
				state.Thread.Touch()
			}
			p.applyStatus(state, id, got, at)
		}
		for _, m := range record.InOrder(state, func(m *bridge.MessageRecord) bool { return m.State == bridge.StateInFlight }) {
			p.countMiss(state, m, t, at)
		}
		if t.UnknownClientID && !record.ReviewDue(&state.Thread, at) { // this store is an old copy, or a new one
			state.Thread.ReviewPending = true
			state.Thread.Touch()
		}
		for _, e := range t.WorkResults {
			p.updateCard(state, func(c *bridge.Card) { project.ApplyResults(c, e) })
		}
		if t.Work != nil {
			p.updateCard(state, func(c *bridge.Card) { project.ApplyNewest(c, t.Work) })
		}
		reread := p.relayNews(state, t, at)
		p.pollNext(state, t.Took, at)
		state.Volatile.ETag = t.ETag
		if t.More || reread {
			state.Volatile.NextPoll, state.Volatile.ETag = at.Now, ""
		}
		p.Apply(state, at)
		return nil
	}
}

// relayNews brings the news into the thread, and reports whether the timeline is to
// be read again at once.
func (p *Policy) relayNews(state *bridge.ThreadState, t timeline.Read, at bridge.Instant) (reread bool) {
	if !record.ReviewDue(&state.Thread, at) {
		return p.relayAll(state, t.News, t.News, at)
	}
	if !t.PostsRead { // it turned out while the timeline was read
		return true
	}
	p.lookUpNewPosts(state, at, func() { reread = p.review(state, t, at) })
	p.ReviewReactions(state, at)
	if !t.More && !reread {
		record.FinishReview(&state.Thread, at)
	}
	return reread
}

// Unchanged decides what follows from a timeline that Agen says is the same.
func (p *Policy) Unchanged(took time.Duration) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		state.Volatile.PollFailures, state.Volatile.ReadSlot = 0, time.Time{}
		p.resetNotFound(state, at)
		p.pollNext(state, took, at)
		p.Apply(state, at)
		return nil
	}
}

// resetNotFound lets a timeline that answers speak against the session being gone.
func (p *Policy) resetNotFound(state *bridge.ThreadState, at bridge.Instant) {
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

// seesChange reports whether the timeline tells anything new of our messages.
func (p *Policy) seesChange(state *bridge.ThreadState, t timeline.Read) bool {
	for id, got := range t.Ours {
		if m := state.Messages[id]; m != nil && (m.Waiting() || m.Status != got.Status) {
			return true
		}
	}
	return false
}

// applyStatus notes what the timeline says of one of our messages.
func (p *Policy) applyStatus(state *bridge.ThreadState, id string, got timeline.Entry, at bridge.Instant) {
	m := state.Messages[id]
	if m == nil {
		return
	}
	switch m.State {
	case bridge.StateInFlight, bridge.StateReady:
		if m.State == bridge.StateReady && m.CorrectionOf == "" { // it was sent by whoever had this store before
			record.ReadAgain(&m.Reaction, at)
		}
		p.deliver(state, m, got, at)
	case bridge.StateHeld:
		// What is missed may have been sent in the same way; what was under way
		// when its workspace went may have arrived.
		if m.Hold != bridge.HoldStale && m.Hold != bridge.HoldNoRoute {
			return
		}
		p.deliver(state, m, got, at)
	case bridge.StateDone:
		if m.Receipt == "" || m.FromTimeline && m.Status == got.Status {
			return
		}
	default:
		return
	}
	if m.Status != got.Status {
		record.Audit(state, "status_changed", id, string(got.Status))
	}
	m.Status, m.FromTimeline = got.Status, true
	m.Touch()
}

// countMiss weighs that an unsure message is not in the timeline. It counts only
// a minute after the call was begun, and twice.
func (p *Policy) countMiss(state *bridge.ThreadState, m *bridge.MessageRecord, t timeline.Read, at bridge.Instant) {
	age := at.Now.Sub(m.InFlightSince)
	if age < missAfter {
		record.HoldStep(state, bridge.StepLookUp, at.Now.Add(min(max(age, time.Second), missAfter-age)))
		return
	}
	m.Misses++
	m.Due = at.Now.Add(missGap)
	m.Touch()
	if m.Misses < missesNeeded {
		return
	}
	switch {
	case t.Unmarked && !state.Thread.Session.EchoesClientIDs:
		// It may be there without its mark: a person decides.
		record.HoldMessage(m, bridge.HoldUnsure)
		record.Audit(state, "message_held", m.ID(), string(bridge.HoldUnsure))
	case m.Panicked:
		p.giveUp(state, m, bridge.ClassPanic, "", at)
	case m.Conflicted:
		p.giveUp(state, m, bridge.ClassConflict, m.Reason, at)
	default:
		record.Audit(state, "message_not_sent", m.ID(), "")
		p.backToReady(state, m, at, true)
		m.Due = at.Now
	}
}

// pollNext sets when the timeline is read again, and ends that when nothing
// has happened for WATCH_MAX.
func (p *Policy) pollNext(state *bridge.ThreadState, took time.Duration, at bridge.Instant) {
	s := &state.Thread.Session
	silence := at.Now.Sub(s.LastNews)
	if silence < p.watchMax() {
		state.Volatile.NextPoll = at.Now.Add(pollInterval(silence, awaitsStatus(state), took))
		return
	}
	s.PollingStopped = true
	state.Thread.Touch()
	record.Audit(state, "polling_stopped", "", s.ID)
	stopped := false
	for _, m := range state.Messages {
		stopped = record.StopWatching(m) || stopped
	}
	if stopped {
		p.UpsertPost(state, bridge.Post{Key: "unfollowed:" + at.Now.UTC().Format(time.DateOnly), Note: &bridge.Note{Kind: bridge.NotePollingStopped, Days: int(silence.Hours() / 24)}}, nil, at)
	}
}

// awaitsStatus reports whether the timeline will tell more of a message of ours.
func awaitsStatus(state *bridge.ThreadState) bool {
	for _, m := range state.Messages {
		if m.State == bridge.StateInFlight || !m.Final() {
			return true
		}
	}
	return false
}

// pollInterval is how long to wait before the timeline is read again: after
// news a second, then longer with the silence, but never so often that reading
// takes more than a tenth of the time.
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
