package policy

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// Command executes a command when its turn in the lane comes, and answers with a private
// note.
func (p *Policy) Command(id string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		m := state.Messages[id]
		if m == nil || m.State != bridge.StateReady || m.Command == "" { // an edit may have made it a task
			return nil
		}
		command := m.Command
		p.answer(state, m, p.setReplies(state, command, at), at)
		return nil
	}
}

// Reply answers a command with the given note.
func (p *Policy) Reply(id string, note *bridge.Note) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if m := state.Messages[id]; m != nil && m.State == bridge.StateReady && m.Command != "" {
			p.answer(state, m, note, at)
		}
		return nil
	}
}

// answer ends a command with a private note.
func (p *Policy) answer(state *bridge.ThreadState, m *bridge.MessageRecord, note *bridge.Note, at bridge.Instant) {
	record.End(m, bridge.EndAnswered, at)
	p.PostPrivate(state, "answer:"+m.ID(), m.Author, note, at)
	record.Audit(state, bridge.AuditEvent{Event: "command_answered", Record: m.ID(), User: m.Author, Action: m.Command})
	p.Apply(state, at)
}

// setReplies executes the command and returns the answer.
func (p *Policy) setReplies(state *bridge.ThreadState, command string, at bridge.Instant) *bridge.Note {
	t := &state.Thread
	switch {
	case command == bridge.CommandHelp:
		return &bridge.Note{Kind: bridge.NoteHelp}
	case t.Unbound():
		return &bridge.Note{Kind: bridge.NoteNoSession}
	case command == bridge.CommandQuiet || command == bridge.CommandListen:
		t.Replies, t.ListenSince = bridge.RepliesAll, bridge.FormatTS(at.Now)
		if command == bridge.CommandQuiet {
			t.Replies = bridge.RepliesMentions
		}
		t.Touch()
		return &bridge.Note{Kind: bridge.NoteReplies, Listens: command == bridge.CommandListen}
	case command == bridge.CommandNew:
		note := &bridge.Note{Kind: bridge.NoteNewSession}
		if s := &t.Session; !s.Closed {
			note.Session, note.Route = s.ID, t.Route
		}
		p.StartOver(state, at)
		return note
	case command == bridge.CommandRetry:
		return &bridge.Note{Kind: bridge.NoteRetrying, Count: len(p.requeue(state, record.IdsOf(record.InOrder(state, record.Undelivered)), at))}
	default:
		return p.statusNote(state)
	}
}

// statusNote returns a note about the state of the thread.
func (p *Policy) statusNote(state *bridge.ThreadState) *bridge.Note {
	n := p.CardNote(&state.Thread)
	n.Kind = bridge.NoteStatus
	for _, m := range state.Messages {
		switch {
		case m.Waiting() && m.Command == "":
			n.Count++
		case record.Undelivered(m):
			n.Failed++
		}
	}
	return n
}

// Stop holds the messages that were not sent yet, and passes the request on to the agent,
// because Agen has no call that stops a run. It doesn't wait for its turn in the lane.
// Corrections are not held, because they belong to messages that the agent already has.
func (p *Policy) Stop(id string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		m := state.Messages[id]
		if m == nil || m.State != bridge.StateReady || m.Command != bridge.CommandStop {
			return nil
		}
		if state.Thread.Unbound() {
			p.answer(state, m, &bridge.Note{Kind: bridge.NoteNoSession}, at)
			return nil
		}
		for _, other := range state.Messages {
			if other != m && other.State == bridge.StateReady && other.Command == "" && other.CorrectionOf == "" && bridge.TSBefore(other.TS, m.TS) {
				record.HoldMessage(other, bridge.HoldStopped)
				other.NoteKey, other.Accepted = project.StopKey(id), at.Now // people get 24 hours to decide
			}
		}
		s := &state.Thread.Session
		passed := s.ID != "" && !s.Closed
		note := &bridge.Note{Kind: bridge.NoteStop, Passed: passed, Word: m.Word, Session: s.ID, Route: state.Thread.Route}
		p.UpsertPost(state, bridge.Post{Key: project.StopKey(id), Note: note}, nil, at)
		record.Audit(state, bridge.AuditEvent{Event: "thread_stopped", Record: id, User: m.Author})
		if passed {
			m.Command = "" // sent to the agent as text
			m.Touch()
		} else {
			record.End(m, bridge.EndAnswered, at)
			record.ReassignStart(state, at)
		}
		p.Apply(state, at)
		return nil
	}
}
