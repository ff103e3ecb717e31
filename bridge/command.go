package bridge

import "context"

// listens reports whether replies without a mention are for the agent.
func (p *Policy) listens(t *Thread) bool {
	switch first(string(t.Replies), string(p.Replies)) {
	case string(RepliesMentions):
		return false
	case string(RepliesStarted):
		return t.FromRoot
	default:
		return true
	}
}

// obey does what a message asks of the bridge.
func (r *Relay) obey(ctx context.Context, claim *Claim, m *MessageRow) (Decide, error) {
	switch m.Command {
	case List:
		return r.list(ctx, m)
	case Link:
		return r.link(ctx, claim, m)
	case Stop:
		return r.policy.stop(m.ID()), nil
	default:
		return r.policy.command(m.ID()), nil
	}
}

// command does what the message asks of the bridge, in its place in the lane,
// and answers in private.
func (p *Policy) command(id string) Decide {
	return func(r *Rows, at Moment) error {
		m := r.Messages[id]
		if m == nil || m.State != Ready {
			return nil
		}
		command := m.Command
		p.answer(r, m, p.apply(r, command, at), at)
		return nil
	}
}

// reply answers a message that asked something of the bridge.
func (p *Policy) reply(id, text string) Decide {
	return func(r *Rows, at Moment) error {
		if m := r.Messages[id]; m != nil && m.State == Ready {
			p.answer(r, m, text, at)
		}
		return nil
	}
}

// answer ends a message that asked something of the bridge with an answer in
// private.
func (p *Policy) answer(r *Rows, m *MessageRow, text string, at Moment) {
	m.end(EndAnswered, at)
	p.whisper(r, "answer:"+m.ID(), m.Author, text, at)
	r.act("answered", m.ID(), m.Command)
	p.project(r, at)
}

// apply does what the command says and returns the answer.
func (p *Policy) apply(r *Rows, command string, at Moment) string {
	t := &r.Thread
	switch {
	case command == Help:
		return p.textHelp()
	case t.Vacant():
		return textNoSession
	case command == Quiet || command == Listen:
		t.Replies, t.Listens = RepliesAll, tsAt(at.Now)
		if command == Quiet {
			t.Replies = RepliesMentions
		}
		t.Touch()
		return textReplies(command == Listen)
	case command == Anew:
		p.leaveSession(r, at)
		return textNew
	case command == Again:
		return textAgain(len(p.revive(r, idsOf(r.inOrder((*MessageRow).failed)), at)))
	default:
		return p.textStatus(r)
	}
}

// leaveSession ends the thread's part in its session: the next message opens
// another. What is under way there is not followed any more.
func (p *Policy) leaveSession(r *Rows, at Moment) {
	s := &r.Thread.Session
	if s.ID != "" && !s.Gone {
		s.Gone = true
		s.Card.Phase, s.Card.Doing = PhaseLeft, ""
		p.showCard(r, at)
	}
	p.dropQuestions(r, at)
	for _, m := range r.Messages {
		m.abandon()
	}
	*s = Session{Count: s.Count, Fresh: true}
	r.Thread.Touch()
}
