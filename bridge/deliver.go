package bridge

import (
	"time"
)

// The times after which "not there" counts: an abandoned request may still
// be applied, and Slack's history lags behind its own posts.
const (
	missAfter = time.Minute + beginTime
	missGap   = 10 * time.Second
	misses    = 2
	// doubtFor is how long a session must have answered 404 to be gone.
	doubtFor = time.Minute
	// unreadableFor is how long a timeline that may hold an unsure message
	// must have answered 404 until the session counts as gone.
	unreadableFor = 5 * time.Minute
)

// vetted notes that the author may use the bot, and applies what else the
// step led to.
func (p *Policy) vetted(id string, next Decide) Decide {
	return func(r *Rows, at Moment) error {
		if m := r.Messages[id]; m != nil && !m.Vetted {
			m.Vetted = true
			m.Touch()
			if m.Overdue && m.State == Ready {
				m.hold(Overdue)
				r.act("held", id, string(Overdue))
			}
		}
		if next != nil {
			return next(r, at)
		}
		p.project(r, at)
		return nil
	}
}

// refused ends a message whose author may not use the bot here.
func (p *Policy) refused(id string, why Refusal) Decide {
	return func(r *Rows, at Moment) error {
		if m := r.Messages[id]; m != nil && m.State == Ready {
			p.refuse(r, m, why, at)
			p.project(r, at)
		}
		return nil
	}
}

// refuse ends the message, and tells its author why: once per person, thread
// and day.
func (p *Policy) refuse(r *Rows, m *MessageRow, why Refusal, at Moment) {
	m.end(EndRefused, at)
	r.act("refused", m.ID(), string(why))
	p.whisperRefusal(r, m.Author, messageRefused, why, at)
	p.reseat(r, at)
}

// whisperRefusal tells a person why something of theirs led to nothing: once
// per thread and day.
func (p *Policy) whisperRefusal(r *Rows, person, what string, why Refusal, at Moment) {
	if why != RefusedSilently {
		key := "refused:" + person + ":" + at.Now.UTC().Format(time.DateOnly)
		p.whisper(r, key, person, p.textRefused(what, why), at)
	}
}

// reread replaces the text of a message whose words were not kept; nil when it
// is not in Slack any more.
func (p *Policy) reread(id string, m *Message) Decide {
	return func(r *Rows, at Moment) error {
		row := r.Messages[id]
		if row == nil || row.State != Ready {
			return nil
		}
		base := r.Messages[row.Of]
		switch {
		case m == nil:
			row.end(EndWithdrawn, at)
			r.act("withdrawn", id, "")
			p.reseat(r, at)
		case row.Unclear && base != nil && base.Digest == m.Digest:
			row.end(EndWithdrawn, at) // the session has these words
		default:
			row.Body, row.Command, row.Digest, row.Refused, row.Options = m.Body, m.Command, m.Digest, m.Refused, m.Options
			row.Touch()
			if base != nil {
				base.Digest = m.Digest
				base.Touch()
			}
		}
		p.project(r, at)
		return nil
	}
}

// opened binds the thread to a session.
func (p *Policy) opened(id, session string) Decide {
	return func(r *Rows, at Moment) error {
		if m := r.Messages[id]; m != nil && !m.Vetted {
			m.Vetted = true
			m.Touch()
		}
		t := &r.Thread
		if t.Vacant() { // its first message was taken back meanwhile
			r.act("session left empty", "", session)
			return nil
		}
		t.Session = Session{ID: session, For: id, Count: t.Session.Count + 1, Opened: at.Now, News: at.Now}
		if m := r.Messages[id]; m != nil {
			t.Session.Card.Asker = m.Author
		}
		t.Touch()
		r.act("session opened", id, session)
		p.project(r, at)
		return nil
	}
}

// begin marks the message as one that may have been sent, if it is still the
// one that was composed and no earlier one has come meanwhile, and takes on
// what was said after it.
func (p *Policy) begin(id string, rev uint64, framing Framing, prompt Prompt) Decide {
	return func(r *Rows, at Moment) error {
		m := r.Messages[id]
		if m == nil || m.State != Ready || m.Rev != rev || !r.turnOf(id) {
			return ErrChanged
		}
		m.State, m.BegunAt, m.Due, m.Misses = Begun, at.Now, at.Now, 0
		m.Vetted, m.Carries = true, framing.First || framing.Since != ""
		m.Touch()
		if s := &r.Thread.Session; !s.Primed && s.Card.Earlier != prompt.Earlier {
			s.Card.Earlier = prompt.Earlier
			r.Thread.Touch()
		}
		p.retract(r, typoKey(id), at)
		p.answerInWords(r, m, at)
		for _, l := range prompt.Later {
			p.hear(r, l, at)
		}
		p.project(r, at)
		return nil
	}
}

// proveMessages has all messages looked up that may have been sent before the
// store was restored.
func (p *Policy) proveMessages() Decide {
	return func(r *Rows, at Moment) error {
		for _, m := range r.Messages {
			if m.unproven(at) {
				m.prove(at)
			}
		}
		p.project(r, at)
		return nil
	}
}

// sent notes the session's receipt for a message.
func (p *Policy) sent(id string, got Sighting, unread []string) Decide {
	return func(r *Rows, at Moment) error {
		m := r.Messages[id]
		if m == nil || m.State != Begun {
			return nil
		}
		if got.ClientID == id {
			r.Thread.Session.Echo = true
		}
		p.deliver(r, m, got, at)
		if len(unread) > 0 {
			p.whisper(r, "files:"+id, m.Author, textUnread(unread), at)
		}
		// The agent needs a moment; but a thread that never falls silent is
		// read all the same.
		if until := r.Memo.Hold[StepRead]; !until.After(at.Now) {
			r.hold(StepRead, at.Now.Add(time.Second))
		}
		p.project(r, at)
		return nil
	}
}

// deliver settles a message that is in the timeline. The answer to a send
// sets the status only where no read has.
func (p *Policy) deliver(r *Rows, m *MessageRow, got Sighting, at Moment) {
	m.State, m.Receipt, m.Body, m.Settled = Done, got.EventID, nil, at.Now
	m.Fault, m.Reason = "", ""
	if !m.FromTimeline {
		m.Status = got.Status
	}
	m.Touch()
	t := &r.Thread
	if tsBefore(t.LastSent, m.TS) {
		t.LastSent, t.Asker = m.TS, m.Author
	}
	if m.Carries {
		t.Unseen.After = m.TS
		if !tsBefore(m.TS, t.Unseen.To) {
			t.Unseen = Span{}
		}
	}
	// Its event is ours, also when this row is long forgotten.
	t.Seen = t.Seen.with([]mark{{id: hash64([]byte(got.EventID))}})
	t.Session.Primed, t.Session.Doubt, t.Session.News, t.Session.Unfollowed = true, Doubt{}, at.Now, false
	t.Touch()
	r.Memo.PollDue = time.Time{}
	r.act("sent", m.ID(), got.EventID)
}
