package bridge

import "context"

// listens reports whether replies without a mention are for the agent.
func (p *Policy) listens(t *Thread) bool {
	switch first(string(t.Replies), string(p.Replies)) {
	case string(RepliesMentions):
		return false
	case string(RepliesStarted):
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
func (p *Policy) reply(id, text string) Decision {
	return func(r *ThreadState, at Instant) error {
		if m := r.Messages[id]; m != nil && m.State == StateReady {
			p.answer(r, m, text, at)
		}
		return nil
	}
}

// answer ends a message that asked something of the bridge with an answer in
// private.
func (p *Policy) answer(r *ThreadState, m *MessageRecord, text string, at Instant) {
	m.end(EndAnswered, at)
	p.postPrivate(r, "answer:"+m.ID(), m.Author, text, at)
	r.audit("command_answered", m.ID(), m.Command)
	p.project(r, at)
}

// apply does what the command says and returns the answer.
func (p *Policy) apply(r *ThreadState, command string, at Instant) string {
	t := &r.Thread
	switch {
	case command == CommandHelp:
		return p.textHelp()
	case t.Unbound():
		return textNoSession
	case command == CommandQuiet || command == CommandListen:
		t.Replies, t.ListenSince = RepliesAll, formatTS(at.Now)
		if command == CommandQuiet {
			t.Replies = RepliesMentions
		}
		t.Touch()
		return textReplies(command == CommandListen)
	case command == CommandNew:
		p.startOver(r, at)
		return textNew
	case command == CommandRetry:
		return textAgain(len(p.requeue(r, idsOf(r.inOrder((*MessageRecord).undelivered)), at)))
	default:
		return p.textStatus(r)
	}
}

// startOver ends the thread's part in its session: the next message opens
// another. What is under way there is not followed any more.
func (p *Policy) startOver(r *ThreadState, at Instant) {
	s := &r.Thread.Session
	if s.ID != "" && !s.Closed {
		s.Closed = true
		s.Card.Phase, s.Card.Activity = PhaseLeft, ""
		p.showCard(r, at)
	}
	p.dropQuestions(r, at)
	for _, m := range r.Messages {
		m.stopWatching()
	}
	*s = Session{Count: s.Count, Requested: true}
	r.Thread.Touch()
}
