package policy

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// Command does what the message asks of the bridge, in its place in the lane,
// and answers in private.
func (p *Policy) Command(id string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		m := state.Messages[id]
		if m == nil || m.State != bridge.StateReady {
			return nil
		}
		command := m.Command
		p.answer(state, m, p.setReplies(state, command, at), at)
		return nil
	}
}

// Reply answers a message that asked something of the bridge.
func (p *Policy) Reply(id string, note *bridge.Note) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if m := state.Messages[id]; m != nil && m.State == bridge.StateReady {
			p.answer(state, m, note, at)
		}
		return nil
	}
}

// answer ends a message that asked something of the bridge with an answer in
// private.
func (p *Policy) answer(state *bridge.ThreadState, m *bridge.MessageRecord, note *bridge.Note, at bridge.Instant) {
	record.End(m, bridge.EndAnswered, at)
	p.PostPrivate(state, "answer:"+m.ID(), m.Author, note, at)
	record.Audit(state, "command_answered", m.ID(), m.Command)
	p.Apply(state, at)
}

// apply does what the command says and returns the answer.
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
		p.StartOver(state, at)
		return &bridge.Note{Kind: bridge.NoteNewSession}
	case command == bridge.CommandRetry:
		return &bridge.Note{Kind: bridge.NoteRetrying, Count: len(p.requeue(state, record.IdsOf(record.InOrder(state, record.Undelivered)), at))}
	default:
		return p.statusNote(state)
	}
}

// statusNote tells how a thread stands.
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

// Stop holds what was not sent yet, and passes the wish on: Agen has no call to
// stop a run. It does not wait for its turn.
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
			if other != m && other.State == bridge.StateReady && other.Command == "" && bridge.TSBefore(other.TS, m.TS) {
				record.HoldMessage(other, bridge.HoldStopped)
				other.NoteKey = project.StopKey(id)
			}
		}
		s := &state.Thread.Session
		passed := s.ID != "" && !s.Closed
		note := &bridge.Note{Kind: bridge.NoteStop, Passed: passed, Session: s.ID, Route: state.Thread.Route}
		p.UpsertPost(state, bridge.Post{Key: project.StopKey(id), Note: note}, nil, at)
		record.Audit(state, "thread_stopped", id, m.Author)
		if passed {
			m.Command = "" // for the agent to read
			m.Touch()
		} else {
			record.End(m, bridge.EndAnswered, at)
			record.ReassignStart(state, at)
		}
		p.Apply(state, at)
		return nil
	}
}
