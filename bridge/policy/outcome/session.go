package outcome

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// dropQuestions closes the open questions of a session that has ended, because an answer
// would go to another session.
func (p *Rules) dropQuestions(state *bridge.ThreadState, how bridge.Ending, at bridge.Instant) {
	for _, post := range record.PostsInOrder(state) {
		if post.Ask && post.Open {
			p.UpsertPost(state, bridge.Post{Key: post.Key, Ask: true, Note: record.EndedNote(&post.Post, bridge.NoteOutcome{How: how})}, nil, at)
			post.Open = false
			post.Touch()
		}
	}
}

// StartOver disconnects the thread from its session, and the next message opens a new
// one. The status of messages that are in progress in the old session is still watched.
func (p *Rules) StartOver(state *bridge.ThreadState, at bridge.Instant) {
	s := &state.Thread.Session
	if s.ID != "" && !s.Closed {
		s.Closed = true
		s.Card.Phase, s.Card.Activity = bridge.PhaseDisconnected, bridge.Activity{}
		p.ShowCard(state, at)
	}
	p.dropQuestions(state, bridge.EndingMoved, at)
	for _, m := range state.Messages {
		if !m.Final() && m.LeftSession == "" && s.ID != "" {
			m.LeftSession = s.ID
			m.Touch()
		}
	}
	*s = bridge.Session{Count: s.Count, Requested: true}
	state.Thread.Touch()
}

// Opening records that a session may be opened for the message. If the outcome can't be
// stored, the next session is opened only after a backoff.
func (p *Rules) Opening(id string, rev uint64) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		m, s := state.Messages[id], &state.Thread.Session
		if m == nil || m.State != bridge.StateReady || m.Rev != rev || s.ID != "" {
			return bridge.ErrChanged
		}
		s.Openings++
		state.Thread.Touch()
		m.Due = at.Now.Add(openingPause(s.Openings))
		m.Touch()
		return nil
	}
}

// OpenFailed handles a failure to open a session.
func (p *Rules) OpenFailed(id string, err error) bridge.Decision {
	next := p.SendFailed(id, err)
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		p.opened(state, id, at)
		return next(state, at)
	}
}

// opened clears the mark that Opening set.
func (p *Rules) opened(state *bridge.ThreadState, id string, at bridge.Instant) {
	state.Thread.Session.Openings = 0
	state.Thread.Touch()
	if m := state.Messages[id]; m != nil && m.State == bridge.StateReady {
		m.Due, m.Authorized = at.Now, true
		m.Touch()
	}
}

// Opened binds the thread to a session that was opened for it.
func (p *Rules) Opened(id, session string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		p.opened(state, id, at)
		t := &state.Thread
		if t.Unbound() { // its first message was deleted in the meantime
			record.Audit(state, bridge.AuditEvent{Event: "session_left_empty", Session: session})
			return nil
		}
		p.ContinueCard(state, at)
		t.Session = bridge.Session{ID: session, OpenedFor: id, Count: t.Session.Count + 1, OpenedAt: at.Now, LastNews: at.Now}
		if m := state.Messages[id]; m != nil {
			t.Session.Card.Asker = m.Author
		}
		t.Touch()
		record.Audit(state, bridge.AuditEvent{Event: "session_opened", Record: id, Session: session})
		p.Apply(state, at)
		return nil
	}
}

// CloseSession ends the session. Messages in progress lose their reaction, and waiting
// messages are held under one note.
func (p *Rules) CloseSession(state *bridge.ThreadState, at bridge.Instant) {
	if record.ReviewDue(&state.Thread, at) { // there will be no read that does this
		p.ReviewReactions(state, at)
	}
	s := &state.Thread.Session
	s.Closed, s.NotFoundStreak = true, bridge.NotFoundStreak{}
	state.Thread.Touch()
	record.Audit(state, bridge.AuditEvent{Event: "session_closed", Session: s.ID})
	p.dropQuestions(state, bridge.EndingSessionOver, at)
	for _, m := range state.Messages {
		switch {
		case m.Waiting() && m.DeletionPending:
			record.End(m, bridge.EndWithdrawn, at)
		case m.Waiting() && m.Command == "":
			record.HoldMessage(m, bridge.HoldSessionClosed)
		case m.LeftSession == "":
			record.StopWatching(m)
		}
	}
}
