package bridge

import (
	"time"
)

// The times after which "not there" counts: an abandoned request may still
// be applied, and Slack's history lags behind its own posts.
const (
	missAfter    = time.Minute + beginTime
	missGap      = 10 * time.Second
	missesNeeded = 2
	// doubtFor is how long a session must have answered 404 to be gone.
	doubtFor = time.Minute
	// unreadableFor is how long a timeline that may hold an unsure message
	// must have answered 404 until the session counts as gone.
	unreadableFor = 5 * time.Minute
)

// authorized notes that the author may use the bot, and applies what else the
// step led to.
func (p *Policy) authorized(id string, next Decision) Decision {
	return func(r *ThreadState, at Instant) error {
		if m := r.Messages[id]; m != nil && !m.Authorized {
			m.Authorized = true
			m.Touch()
			if m.Stale && m.State == StateReady {
				m.hold(HoldStale)
				r.audit("held", id, string(HoldStale))
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
func (p *Policy) refused(id string, why Refusal) Decision {
	return func(r *ThreadState, at Instant) error {
		if m := r.Messages[id]; m != nil && m.State == StateReady {
			p.refuse(r, m, why, at)
			p.project(r, at)
		}
		return nil
	}
}

// refuse ends the message, and tells its author why: once per person, thread
// and day.
func (p *Policy) refuse(r *ThreadState, m *MessageRecord, why Refusal, at Instant) {
	m.end(EndRefused, at)
	r.audit("refused", m.ID(), string(why))
	p.postRefusal(r, m.Author, false, why, at)
	p.reassignStart(r, at)
}

// postRefusal tells a person why a message or a click of theirs led to nothing:
// once per thread and day.
func (p *Policy) postRefusal(r *ThreadState, person string, click bool, why Refusal, at Instant) {
	if why == RefusedSilently {
		return
	}
	limits := map[Refusal]int{RefusedPace: p.MessagesPerMinute, RefusedSessions: p.SessionsPerDay, RefusedFull: maxWaiting}
	key := "refused:" + person + ":" + at.Now.UTC().Format(time.DateOnly)
	p.postPrivate(r, key, person, &Note{Kind: NoteRefused, Refusal: why, Click: click, Limit: limits[why]}, at)
}

// reread replaces the text of a message whose words were not kept; nil when it
// is not in Slack any more.
func (p *Policy) reread(id string, m *Message) Decision {
	return func(r *ThreadState, at Instant) error {
		row := r.Messages[id]
		if row == nil || row.State != StateReady {
			return nil
		}
		base := r.Messages[row.CorrectionOf]
		switch {
		case m == nil:
			row.end(EndWithdrawn, at)
			r.audit("withdrawn", id, "")
			p.reassignStart(r, at)
		case row.NeedsReread && base != nil && base.Digest == m.Digest:
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
func (p *Policy) opened(id, session string) Decision {
	return func(r *ThreadState, at Instant) error {
		if m := r.Messages[id]; m != nil && !m.Authorized {
			m.Authorized = true
			m.Touch()
		}
		t := &r.Thread
		if t.Unbound() { // its first message was taken back meanwhile
			r.audit("session left empty", "", session)
			return nil
		}
		t.Session = Session{ID: session, OpenedFor: id, Count: t.Session.Count + 1, OpenedAt: at.Now, LastNews: at.Now}
		if m := r.Messages[id]; m != nil {
			t.Session.Card.Asker = m.Author
		}
		t.Touch()
		r.audit("session opened", id, session)
		p.project(r, at)
		return nil
	}
}

// begin marks the message as one that may have been sent, if it is still the
// one that was composed and no earlier one has come meanwhile, and takes on
// what was said after it.
func (p *Policy) begin(id string, rev uint64, framing PromptContext, prompt Prompt) Decision {
	return func(r *ThreadState, at Instant) error {
		m := r.Messages[id]
		if m == nil || m.State != StateReady || m.Rev != rev || !r.isNextToSend(id) {
			return ErrChanged
		}
		m.State, m.InFlightSince, m.Due, m.Misses = StateInFlight, at.Now, at.Now, 0
		m.Authorized, m.CarriesUnseen = true, framing.NewSession || framing.Since != ""
		m.Touch()
		if s := &r.Thread.Session; !s.HasContext && s.Card.Earlier != prompt.Earlier {
			s.Card.Earlier = prompt.Earlier
			r.Thread.Touch()
		}
		p.deletePost(r, typoKey(id), at)
		p.answerInWords(r, m, at)
		for _, l := range prompt.EarlyReplies {
			p.acceptMessage(r, l, at)
		}
		p.project(r, at)
		return nil
	}
}

// lookUpMessages has all messages looked up that may have been sent before the
// store was restored.
func (p *Policy) lookUpMessages() Decision {
	return func(r *ThreadState, at Instant) error {
		for _, m := range r.Messages {
			if m.mayBeSentElsewhere(at) {
				m.requireLookup(at)
			}
		}
		p.project(r, at)
		return nil
	}
}

// sent notes the session's receipt for a message.
func (p *Policy) sent(id string, got TimelineEntry, unread []string) Decision {
	return func(r *ThreadState, at Instant) error {
		m := r.Messages[id]
		if m == nil || m.State != StateInFlight {
			return nil
		}
		if got.ClientID == id {
			r.Thread.Session.EchoesClientIDs = true
		}
		p.deliver(r, m, got, at)
		if len(unread) > 0 {
			p.postPrivate(r, "files:"+id, m.Author, &Note{Kind: NoteUnreadFiles, Files: unread}, at)
		}
		// The agent needs a moment; but a thread that never falls silent is
		// read all the same.
		if until := r.Volatile.HoldUntil[StepRead]; !until.After(at.Now) {
			r.hold(StepRead, at.Now.Add(time.Second))
		}
		p.project(r, at)
		return nil
	}
}

// deliver settles a message that is in the timeline. The answer to a send
// sets the status only where no read has.
func (p *Policy) deliver(r *ThreadState, m *MessageRecord, got TimelineEntry, at Instant) {
	m.State, m.Receipt, m.Body, m.Settled = StateDone, got.EventID, nil, at.Now
	m.Fault, m.Reason = "", ""
	if !m.FromTimeline {
		m.Status = got.Status
	}
	m.Touch()
	t := &r.Thread
	if TSBefore(t.LastSent, m.TS) {
		t.LastSent, t.Asker = m.TS, m.Author
	}
	if m.CarriesUnseen {
		t.Unseen.After = m.TS
		if !TSBefore(m.TS, t.Unseen.To) {
			t.Unseen = Span{}
		}
	}
	// Its event is ours, also when this row is long forgotten.
	t.Seen = t.Seen.with([]mark{{id: hash64([]byte(got.EventID))}})
	t.Session.HasContext, t.Session.NotFoundStreak, t.Session.LastNews, t.Session.PollingStopped = true, NotFoundStreak{}, at.Now, false
	t.Touch()
	r.Volatile.NextPoll = time.Time{}
	r.audit("sent", m.ID(), got.EventID)
}
