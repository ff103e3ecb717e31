package policy

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// Read applies the result of reading the timeline. The timeline is the authority on the
// status of our messages, and on whether an unsure message was delivered. The posts that
// show the agent's messages are part of the same decision.
func (p *Policy) Read(t timeline.Read) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		s := &state.Thread.Session
		if s.ID != t.Session || s.Closed { // another thread uses the session now
			return nil
		}
		state.Volatile.PollFailures, state.Volatile.ReadSlot = 0, time.Time{}
		p.ResetNotFound(state, at)
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
			p.ApplyStatus(state, id, got, at)
		}
		for _, m := range record.InOrder(state, func(m *bridge.MessageRecord) bool { return m.State == bridge.StateInFlight }) {
			p.CountMiss(state, m, t, at)
		}
		if t.UnknownClientID && !record.ReviewDue(&state.Thread, at) { // this store is an old copy or a new one
			state.Thread.ReviewPending = true
			state.Thread.Touch()
		}
		for _, e := range t.WorkResults {
			p.updateCard(state, func(c *bridge.Card) { project.ApplyResults(c, e) })
		}
		if t.Work != nil {
			p.updateCard(state, func(c *bridge.Card) { project.ApplyNewest(c, t.Work) })
		}
		if len(t.News) > 0 {
			p.RetryBlocked(state, at)
		}
		reread := p.relayNews(state, t, at)
		p.PollNext(state, t.Took, at)
		state.Volatile.ETag = t.ETag
		if t.More || reread {
			state.Volatile.NextPoll, state.Volatile.ETag = at.Now, ""
		}
		p.Apply(state, at)
		return nil
	}
}

// relayNews shows the news in the thread, and reports whether the timeline must be read
// again at once.
func (p *Policy) relayNews(state *bridge.ThreadState, t timeline.Read, at bridge.Instant) (reread bool) {
	if !record.ReviewDue(&state.Thread, at) {
		return p.relayAll(state, t.News, t.News, at)
	}
	if !t.PostsRead { // the review became due while the timeline was being read
		return true
	}
	p.lookUpNewPosts(state, at, func() { reread = p.review(state, t, at) })
	p.ReviewReactions(state, at)
	if !t.More && !reread {
		record.FinishReview(&state.Thread, at)
	}
	return reread
}

// seesChange reports whether the timeline has anything new about our messages.
func (p *Policy) seesChange(state *bridge.ThreadState, t timeline.Read) bool {
	for id, got := range t.Ours {
		if m := state.Messages[id]; m != nil && (m.Waiting() || m.Status != got.Status) {
			return true
		}
	}
	return false
}
