package outcome

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// dropQuestions closes the questions of a session that is over: a click would
// answer another one.
func (p *Rules) dropQuestions(state *bridge.ThreadState, at bridge.Instant) {
	for _, post := range record.PostsInOrder(state) {
		if post.Ask && post.Open {
			p.UpsertPost(state, bridge.Post{Key: post.Key, Ask: true, Note: record.EndedNote(&post.Post, bridge.NoteOutcome{How: bridge.EndingSessionOver})}, nil, at)
			post.Open = false
			post.Touch()
		}
	}
}

// StartOver ends the thread's part in its session: the next message opens
// another. What is under way there is not followed any more.
func (p *Rules) StartOver(state *bridge.ThreadState, at bridge.Instant) {
	s := &state.Thread.Session
	if s.ID != "" && !s.Closed {
		s.Closed = true
		s.Card.Phase, s.Card.Activity = bridge.PhaseLeft, bridge.Activity{}
		p.ShowCard(state, at)
	}
	p.dropQuestions(state, at)
	for _, m := range state.Messages {
		record.StopWatching(m)
	}
	*s = bridge.Session{Count: s.Count, Requested: true}
	state.Thread.Touch()
}

// Opened binds the thread to a session.
func (p *Rules) Opened(id, session string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if m := state.Messages[id]; m != nil && !m.Authorized {
			m.Authorized = true
			m.Touch()
		}
		t := &state.Thread
		if t.Unbound() { // its first message was taken back meanwhile
			record.Audit(state, "session_left_empty", "", session)
			return nil
		}
		t.Session = bridge.Session{ID: session, OpenedFor: id, Count: t.Session.Count + 1, OpenedAt: at.Now, LastNews: at.Now}
		if m := state.Messages[id]; m != nil {
			t.Session.Card.Asker = m.Author
		}
		t.Touch()
		record.Audit(state, "session_opened", id, session)
		p.Apply(state, at)
		return nil
	}
}

// CloseSession ends the session: what is under way loses its reaction, and what
// waits is held for a person under one note.
func (p *Rules) CloseSession(state *bridge.ThreadState, at bridge.Instant) {
	if record.ReviewDue(&state.Thread, at) { // no read will do it
		p.ReviewReactions(state, at)
	}
	s := &state.Thread.Session
	s.Closed, s.NotFoundStreak = true, bridge.NotFoundStreak{}
	state.Thread.Touch()
	record.Audit(state, "session_closed", "", s.ID)
	p.dropQuestions(state, at)
	for _, m := range state.Messages {
		switch {
		case m.Waiting() && m.DeletionPending:
			record.End(m, bridge.EndWithdrawn, at)
		case m.Waiting() && m.Command == "":
			record.HoldMessage(m, bridge.HoldSessionClosed)
		default:
			record.StopWatching(m)
		}
	}
}
