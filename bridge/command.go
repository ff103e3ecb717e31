package bridge

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

// command does what the message asks of the bridge, in its place in the lane,
// and answers in private.
func (p *Policy) command(id string) Decide {
	return func(r *Rows, at Moment) error {
		m := r.Messages[id]
		if m == nil || m.State != Ready {
			return nil
		}
		command := m.Command
		m.end(EndAnswered, at)
		p.whisper(r, "answer:"+id, m.Author, p.obey(r, command, at), at)
		r.act("answered", id, command)
		p.project(r, at)
		return nil
	}
}

// obey does it and returns the answer.
func (p *Policy) obey(r *Rows, command string, at Moment) string {
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
		var ids []string
		for _, m := range r.inOrder() {
			if m.failed() {
				ids = append(ids, m.ID())
			}
		}
		return textAgain(len(p.revive(r, ids, at)))
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
