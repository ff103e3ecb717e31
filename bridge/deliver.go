package bridge

import (
	"errors"
	"time"
)

// The times after which "not there" counts: an abandoned request may still
// be applied, and Slack's history lags behind its own posts.
const (
	missAfter = 60 * time.Second
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

// unready decides what follows when Slack would not give what the message
// needs on its way: who wrote it, what it says, what was said before.
func (p *Policy) unready(id string, composing bool, err error) Decide {
	class := classOf(err)
	switch class {
	case Temporary, Absent:
	case RateLimited, Unauthorized:
		return p.spareSlack(id, err)
	default: // not Agen's words: the note must not say that they are
		err = &Fault{Class: Rejected, Err: err}
	}
	next := p.unsent(id, err)
	return func(r *Rows, at Moment) error {
		if m := r.Messages[id]; m != nil && composing && class == Temporary {
			m.Composed++
			m.Touch()
		}
		return next(r, at)
	}
}

// spareSlack has the lane ask Slack nothing for a while. What it owes to Agen
// alone goes on.
func (p *Policy) spareSlack(id string, err error) Decide {
	return func(r *Rows, at Moment) error {
		m := r.Messages[id]
		if m == nil || !m.waiting() {
			return nil
		}
		until := at.Now.Add(pause(err))
		r.hold(StepSend, until)
		r.hold(StepVet, until)
		p.retreat(r, m, at, false)
		p.project(r, at)
		return nil
	}
}

// unsent decides what follows from a send, or what leads to it, that failed.
func (p *Policy) unsent(id string, err error) Decide {
	class := classOf(err)
	return func(r *Rows, at Moment) error {
		m := r.Messages[id]
		if m == nil || !m.waiting() {
			return nil
		}
		switch class {
		case RateLimited, Unauthorized:
			p.holdKey(r, at.Now.Add(pause(err)))
			p.retreat(r, m, at, false)
		case Absent: // the thread rests
			r.hold(StepSend, at.Now.Add(absentPause))
			r.hold(StepVet, at.Now.Add(absentPause))
			p.retreat(r, m, at, false)
		case Unsure:
			p.markUnsure(r, m, at)
		case Conflict:
			m.Conflicted = true
			p.markUnsure(r, m, at)
		case Missing:
			p.doubt(r, m, at)
		case Rejected, Forbidden:
			p.giveUp(r, m, class, reasonOf(err), at)
		default:
			p.tryLater(r, m, err, at)
		}
		p.project(r, at)
		return nil
	}
}

// tryLater puts a message back with a pause. What interrupted us is not an
// attempt.
func (p *Policy) tryLater(r *Rows, m *MessageRow, err error, at Moment) {
	attempt := !errors.Is(err, errStopped)
	p.retreat(r, m, at, attempt)
	if m.State != Ready || !attempt {
		return
	}
	m.Due = at.Now.Add(max(p.backoff(m.Attempts), waitOf(err)))
	m.Fault, m.Reason = classOf(err), reasonOf(err)
}

// holdKey spares Agen every kind of call.
func (p *Policy) holdKey(r *Rows, until time.Time) {
	for _, kind := range []StepKind{StepLookUp, StepSend, StepRead} {
		r.hold(kind, until)
	}
}

// retreat puts a message back in its place: it has certainly not been sent.
// One that was taken back meanwhile, or that has been tried for MAX_AGE, ends
// here.
func (p *Policy) retreat(r *Rows, m *MessageRow, at Moment, attempt bool) {
	switch {
	case m.Unwanted:
		m.end(EndWithdrawn, at)
		p.reseat(r, at)
		return
	case at.Now.Sub(m.Accepted) >= p.maxAge():
		p.giveUp(r, m, Temporary, m.Reason, at)
		return
	}
	changed := m.State != Ready
	m.State, m.BegunAt, m.Misses = Ready, time.Time{}, 0
	if attempt {
		m.Attempts++
		changed = true
	}
	if changed {
		m.Touch()
	}
}

// giveUp ends a message that will not reach the agent: the note says why.
func (p *Policy) giveUp(r *Rows, m *MessageRow, class Class, reason string, at Moment) {
	if m.Unwanted {
		m.end(EndWithdrawn, at)
		return
	}
	m.State, m.Fault, m.Reason = Dead, class, reason
	m.dropText()
	m.BegunAt, m.Misses = time.Time{}, 0
	m.Touch()
	r.act("dead", m.ID(), string(class))
}

// markUnsure has the message looked up before anything else happens to it.
func (p *Policy) markUnsure(r *Rows, m *MessageRow, at Moment) {
	if m.BegunAt.IsZero() {
		m.BegunAt = at.Now
	}
	m.State, m.Fault, m.Due = Begun, Unsure, at.Now
	m.Touch()
	r.hold(StepLookUp, at.Now.Add(time.Second))
}

// doubt weighs a 404 to a send: the timeline is asked at once, and both
// again after a minute.
func (p *Policy) doubt(r *Rows, m *MessageRow, at Moment) {
	p.retreat(r, m, at, true)
	if m.State != Ready {
		return
	}
	d := &r.Thread.Session.Doubt
	if d.Since.IsZero() {
		*d = Doubt{Since: at.Now}
	} else if d.Read && at.Now.Sub(d.Since) >= doubtFor {
		d.Again = true
	}
	m.Due = at.Now.Add(doubtFor)
	m.Fault = Missing
	r.Thread.Touch()
	r.Memo.PollDue = time.Time{}
	delete(r.Memo.Hold, StepRead)
}
