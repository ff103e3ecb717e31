package project

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// noteQueuedAnswers posts a note about each answer that stays queued, and closes the note
// when the agent has received the answer.
func (p *Projector) noteQueuedAnswers(state *bridge.ThreadState, at bridge.Instant) {
	for id, m := range state.Messages {
		since, queued := schedule.QueuedAnswerAt(m)
		post := state.Posts[record.QueuedAnswerKey(id)]
		switch {
		case queued && post == nil && !at.Now.Before(since):
			note := &bridge.Note{Kind: bridge.NoteAnswerQueued, Person: m.Author, Session: state.Thread.Session.ID, Route: state.Thread.Route}
			p.UpsertPost(state, bridge.Post{Key: record.QueuedAnswerKey(id), Note: note}, nil, at)
			state.Posts[record.QueuedAnswerKey(id)].Open = true
		case m.AnswersQuestion && !queued && post != nil && post.Open:
			post.Open = false
			post.Touch()
			p.closePost(state, post.Key, bridge.NoteOutcome{How: bridge.EndingReceived}, at)
		}
	}
}
