package bridge

import (
	"cmp"
	"context"
)

// listens reports whether replies without a mention are for the agent.
func (p *Policy) listens(t *Thread) bool {
	switch cmp.Or(t.Replies, p.Replies) {
	case RepliesMentions:
		return false
	case RepliesStarted:
		return t.StartedAtRoot
	default:
		return true
	}
}

// runCommand does what a message asks of the bridge.
func (r *Relay) runCommand(ctx context.Context, claim *Claim, m *MessageRecord) (Decision, error) {
	switch m.Command {
	case CommandList:
		return r.list(ctx, m)
	case CommandLink:
		return r.link(ctx, claim, m)
	case CommandStop:
		return r.policy.stop(m.ID()), nil
	default:
		return r.policy.command(m.ID()), nil
	}
}

// command does what the message asks of the bridge, in its place in the lane,
// and answers in private.
func (p *Policy) command(id string) Decision {
	return func(r *ThreadState, at Instant) error {
		m := r.Messages[id]
		if m == nil || m.State != StateReady {
			return nil
		}
		command := m.Command
		p.answer(r, m, p.apply(r, command, at), at)
		return nil
	}
}

// reply answers a message that asked something of the bridge.
func (p *Policy) reply(id string, note *Note) Decision {
	return func(r *ThreadState, at Instant) error {
		if m := r.Messages[id]; m != nil && m.State == StateReady {
			p.answer(r, m, note, at)
		}
		return nil
	}
}

// answer ends a message that asked something of the bridge with an answer in
// private.
func (p *Policy) answer(r *ThreadState, m *MessageRecord, note *Note, at Instant) {
	m.end(EndAnswered, at)
	p.postPrivate(r, "answer:"+m.ID(), m.Author, note, at)
	r.audit("answered", m.ID(), m.Command)
	p.project(r, at)
}

// apply does what the command says and returns the answer.
func (p *Policy) apply(r *ThreadState, command string, at Instant) *Note {
	t := &r.Thread
	switch {
	case command == CommandHelp:
		return &Note{Kind: NoteHelp}
	case t.Unbound():
		return &Note{Kind: NoteNoSession}
	case command == CommandQuiet || command == CommandListen:
		t.Replies, t.ListenSince = RepliesAll, FormatTS(at.Now)
		if command == CommandQuiet {
			t.Replies = RepliesMentions
		}
		t.Touch()
		return &Note{Kind: NoteReplies, Listens: command == CommandListen}
	case command == CommandNew:
		p.startOver(r, at)
		return &Note{Kind: NoteNewSession}
	case command == CommandRetry:
		return &Note{Kind: NoteRetrying, Count: len(p.requeue(r, idsOf(r.inOrder((*MessageRecord).undelivered)), at))}
	default:
		return p.statusNote(r)
	}
}

// statusNote tells how a thread stands.
func (p *Policy) statusNote(r *ThreadState) *Note {
	n := p.cardNote(&r.Thread)
	n.Kind = NoteStatus
	for _, m := range r.Messages {
		switch {
		case m.waiting() && m.Command == "":
			n.Count++
		case m.undelivered():
			n.Failed++
		}
	}
	return n
}

// startOver ends the thread's part in its session: the next message opens
// another. What is under way there is not followed any more.
func (p *Policy) startOver(r *ThreadState, at Instant) {
	s := &r.Thread.Session
	if s.ID != "" && !s.Closed {
		s.Closed = true
		s.Card.Phase, s.Card.Activity = PhaseLeft, Activity{}
		p.showCard(r, at)
	}
	p.dropQuestions(r, at)
	for _, m := range r.Messages {
		m.stopWatching()
	}
	*s = Session{Count: s.Count, Requested: true}
	r.Thread.Touch()
}
