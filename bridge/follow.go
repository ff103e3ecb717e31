package bridge

import (
	"time"
)

// read decides what follows from the timeline. It is the authority on the
// status of our messages, and on whether one that is unsure is there.
// What the agent says becomes posts in this same decision.
func (p *Policy) read(t TimelineRead) Decision {
	return func(r *ThreadState, at Instant) error {
		s := &r.Thread.Session
		if s.ID != t.Session || s.Closed { // it has gone to another thread meanwhile
			return nil
		}
		r.Volatile.PollFailures, r.Volatile.ReadSlot = 0, time.Time{}
		p.resetNotFound(r, at)
		if r.Volatile.Fingerprint != t.Fingerprint {
			if r.Volatile.Fingerprint != 0 || p.seesChange(r, t) {
				s.LastNews = at.Now
				r.Thread.Touch()
			}
			r.Volatile.Fingerprint = t.Fingerprint
		}
		for id, got := range t.Ours {
			if got.ClientID == id && !s.EchoesClientIDs {
				s.EchoesClientIDs = true
				r.Thread.Touch()
			}
			p.applyStatus(r, id, got, at)
		}
		for _, m := range r.inOrder(func(m *MessageRecord) bool { return m.State == StateInFlight }) {
			p.countMiss(r, m, t, at)
		}
		if t.UnknownClientID && !r.Thread.reviewDue(at) { // this store is an old copy, or a new one
			r.Thread.ReviewPending = true
			r.Thread.Touch()
		}
		for _, e := range t.WorkResults {
			p.updateCard(r, func(c *Card) { c.applyResults(e) })
		}
		if t.Work != nil {
			p.updateCard(r, func(c *Card) { c.applyNewest(t.Work) })
		}
		reread := p.relayNews(r, t, at)
		p.pollNext(r, t.Took, at)
		r.Volatile.ETag = t.ETag
		if t.More || reread {
			r.Volatile.NextPoll, r.Volatile.ETag = at.Now, ""
		}
		p.project(r, at)
		return nil
	}
}

// relayNews brings the news into the thread, and reports whether the timeline is to
// be read again at once.
func (p *Policy) relayNews(r *ThreadState, t TimelineRead, at Instant) (reread bool) {
	if !r.Thread.reviewDue(at) {
		return p.relayAll(r, t.News, t.News, at)
	}
	if !t.PostsRead { // it turned out while the timeline was read
		return true
	}
	p.lookUpNewPosts(r, at, func() { reread = p.review(r, t, at) })
	p.reviewReactions(r, at)
	if !t.More && !reread {
		r.Thread.finishReview(at)
	}
	return reread
}

// unchanged decides what follows from a timeline that Agen says is the same.
func (p *Policy) unchanged(took time.Duration) Decision {
	return func(r *ThreadState, at Instant) error {
		r.Volatile.PollFailures, r.Volatile.ReadSlot = 0, time.Time{}
		p.resetNotFound(r, at)
		p.pollNext(r, took, at)
		p.project(r, at)
		return nil
	}
}

// resetNotFound lets a timeline that answers speak against the session being gone.
func (p *Policy) resetNotFound(r *ThreadState, at Instant) {
	s := &r.Thread.Session
	if s.NotFoundStreak == (NotFoundStreak{}) {
		return
	}
	s.NotFoundStreak = NotFoundStreak{}
	r.Thread.Touch()
	for _, m := range r.Messages {
		if m.State == StateReady && m.Fault == ClassNotFound {
			m.Due = at.Now.Add(p.backoff(m.Attempts))
			m.Touch()
		}
	}
}

// seesChange reports whether the timeline tells anything new of our messages.
func (p *Policy) seesChange(r *ThreadState, t TimelineRead) bool {
	for id, got := range t.Ours {
		if m := r.Messages[id]; m != nil && (m.waiting() || m.Status != got.Status) {
			return true
		}
	}
	return false
}

// applyStatus notes what the timeline says of one of our messages.
func (p *Policy) applyStatus(r *ThreadState, id string, got TimelineEntry, at Instant) {
	m := r.Messages[id]
	if m == nil {
		return
	}
	switch m.State {
	case StateInFlight, StateReady:
		if m.State == StateReady && m.CorrectionOf == "" { // it was sent by whoever had this store before
			m.Reaction.readAgain(at)
		}
		p.deliver(r, m, got, at)
	case StateHeld:
		// What is missed may have been sent in the same way; what was under way
		// when its workspace went may have arrived.
		if m.Fault != HoldStale && m.Fault != HoldNoRoute {
			return
		}
		p.deliver(r, m, got, at)
	case StateDone:
		if m.Receipt == "" || m.FromTimeline && m.Status == got.Status {
			return
		}
	default:
		return
	}
	if m.Status != got.Status {
		r.audit("status", id, string(got.Status))
	}
	m.Status, m.FromTimeline = got.Status, true
	m.Touch()
}

// countMiss weighs that an unsure message is not in the timeline. It counts only
// a minute after the call was begun, and twice.
func (p *Policy) countMiss(r *ThreadState, m *MessageRecord, t TimelineRead, at Instant) {
	age := at.Now.Sub(m.InFlightSince)
	if age < missAfter {
		r.hold(StepLookUp, at.Now.Add(min(max(age, time.Second), missAfter-age)))
		return
	}
	m.Misses++
	m.Due = at.Now.Add(missGap)
	m.Touch()
	if m.Misses < missesNeeded {
		return
	}
	switch {
	case t.Unmarked && !r.Thread.Session.EchoesClientIDs:
		// It may be there without its mark: a person decides.
		m.hold(ClassUnsure)
		r.audit("held", m.ID(), string(ClassUnsure))
	case m.Panicked:
		p.giveUp(r, m, ClassPanic, "", at)
	case m.Conflicted:
		p.giveUp(r, m, ClassConflict, m.Reason, at)
	default:
		r.audit("not sent after all", m.ID(), "")
		p.backToReady(r, m, at, true)
		m.Due = at.Now
	}
}

// pollNext sets when the timeline is read again, and ends that when nothing
// has happened for WATCH_MAX.
func (p *Policy) pollNext(r *ThreadState, took time.Duration, at Instant) {
	s := &r.Thread.Session
	silence := at.Now.Sub(s.LastNews)
	open := false
	for _, m := range r.Messages {
		open = open || m.State == StateInFlight || !m.final()
	}
	if silence < p.watchMax() {
		r.Volatile.NextPoll = at.Now.Add(pollInterval(silence, open, took))
		return
	}
	s.PollingStopped = true
	r.Thread.Touch()
	r.audit("unfollowed", "", s.ID)
	stopped := false
	for _, m := range r.Messages {
		stopped = m.stopWatching() || stopped
	}
	if stopped {
		p.upsertPost(r, Post{Key: "unfollowed:" + at.Now.UTC().Format(time.DateOnly), Note: &Note{Kind: NotePollingStopped, Days: int(silence.Hours() / 24)}}, nil, at)
	}
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
