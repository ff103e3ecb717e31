package bridge

import (
	"time"
)

// read decides what follows from the timeline. It is the authority on the
// status of our messages, and on whether one that is unsure is there.
// What the agent says becomes posts in this same decision.
func (p *Policy) read(t Timeline) Decide {
	return func(r *Rows, at Moment) error {
		s := &r.Thread.Session
		if s.ID != t.Session || s.Gone { // it has gone to another thread meanwhile
			return nil
		}
		r.Memo.Failures, r.Memo.Slot = 0, time.Time{}
		p.believe(r, at)
		if r.Memo.Print != t.Print {
			if r.Memo.Print != 0 || p.seesChange(r, t) {
				s.News = at.Now
				r.Thread.Touch()
			}
			r.Memo.Print = t.Print
		}
		for id, got := range t.Ours {
			if got.ClientID == id && !s.Echo {
				s.Echo = true
				r.Thread.Touch()
			}
			p.sight(r, id, got, at)
		}
		for _, m := range r.inOrder(func(m *MessageRow) bool { return m.State == Begun }) {
			p.miss(r, m, t, at)
		}
		if t.Stranger && !r.Thread.reviewing(at) { // this store is an old copy, or a new one
			r.Thread.Review = true
			r.Thread.Touch()
		}
		for _, e := range t.Fruits {
			p.progress(r, func(c *Card) { c.found(e) })
		}
		if t.Work != nil {
			p.progress(r, func(c *Card) { c.work(t.Work) })
		}
		reread := p.bring(r, t, at)
		p.pollNext(r, t.Took, at)
		r.Memo.ETag = t.ETag
		if t.More || reread {
			r.Memo.PollDue, r.Memo.ETag = at.Now, ""
		}
		p.project(r, at)
		return nil
	}
}

// bring brings the news into the thread, and reports whether the timeline is to
// be read again at once.
func (p *Policy) bring(r *Rows, t Timeline, at Moment) (reread bool) {
	if !r.Thread.reviewing(at) {
		return p.tellAll(r, t.News, t.News, at)
	}
	if !t.Looked { // it turned out while the timeline was read
		return true
	}
	p.doubting(r, at, func() { reread = p.review(r, t, at) })
	p.doubtSigns(r, at)
	if !t.More && !reread {
		r.Thread.reviewed(at)
	}
	return reread
}

// unchanged decides what follows from a timeline that Agen says is the same.
func (p *Policy) unchanged(took time.Duration) Decide {
	return func(r *Rows, at Moment) error {
		r.Memo.Failures, r.Memo.Slot = 0, time.Time{}
		p.believe(r, at)
		p.pollNext(r, took, at)
		p.project(r, at)
		return nil
	}
}

// believe lets a timeline that answers speak against the session being gone.
func (p *Policy) believe(r *Rows, at Moment) {
	s := &r.Thread.Session
	if s.Doubt == (Doubt{}) {
		return
	}
	s.Doubt = Doubt{}
	r.Thread.Touch()
	for _, m := range r.Messages {
		if m.State == Ready && m.Fault == Missing {
			m.Due = at.Now.Add(p.backoff(m.Attempts))
			m.Touch()
		}
	}
}

// seesChange reports whether the timeline tells anything new of our messages.
func (p *Policy) seesChange(r *Rows, t Timeline) bool {
	for id, got := range t.Ours {
		if m := r.Messages[id]; m != nil && (m.waiting() || m.Status != got.Status) {
			return true
		}
	}
	return false
}

// sight notes what the timeline says of one of our messages.
func (p *Policy) sight(r *Rows, id string, got Sighting, at Moment) {
	m := r.Messages[id]
	if m == nil {
		return
	}
	switch m.State {
	case Begun, Ready:
		if m.State == Ready && m.Of == "" { // it was sent by whoever had this store before
			m.Wish.doubt(at)
		}
		p.deliver(r, m, got, at)
	case Held:
		// What is missed may have been sent in the same way; what was under way
		// when its workspace went may have arrived.
		if m.Fault != Overdue && m.Fault != Unrouted {
			return
		}
		p.deliver(r, m, got, at)
	case Done:
		if m.Receipt == "" || m.FromTimeline && m.Status == got.Status {
			return
		}
	default:
		return
	}
	if m.Status != got.Status {
		r.act("status", id, string(got.Status))
	}
	m.Status, m.FromTimeline = got.Status, true
	m.Touch()
}

// miss weighs that an unsure message is not in the timeline. It counts only
// a minute after the call was begun, and twice.
func (p *Policy) miss(r *Rows, m *MessageRow, t Timeline, at Moment) {
	age := at.Now.Sub(m.BegunAt)
	if age < missAfter {
		r.hold(StepLookUp, at.Now.Add(min(max(age, time.Second), missAfter-age)))
		return
	}
	m.Misses++
	m.Due = at.Now.Add(missGap)
	m.Touch()
	if m.Misses < misses {
		return
	}
	switch {
	case t.Unmarked && !r.Thread.Session.Echo:
		// It may be there without its mark: a person decides.
		m.hold(Unsure)
		r.act("held", m.ID(), string(Unsure))
	case m.Broke:
		p.giveUp(r, m, Broken, "", at)
	case m.Conflicted:
		p.giveUp(r, m, Conflict, m.Reason, at)
	default:
		r.act("not sent after all", m.ID(), "")
		p.retreat(r, m, at, true)
		m.Due = at.Now
	}
}

// pollNext sets when the timeline is read again, and ends that when nothing
// has happened for WATCH_MAX.
func (p *Policy) pollNext(r *Rows, took time.Duration, at Moment) {
	s := &r.Thread.Session
	silence := at.Now.Sub(s.News)
	open := false
	for _, m := range r.Messages {
		open = open || m.State == Begun || !m.final()
	}
	if silence < p.watchMax() {
		r.Memo.PollDue = at.Now.Add(pollInterval(silence, open, took))
		return
	}
	s.Unfollowed = true
	r.Thread.Touch()
	r.act("unfollowed", "", s.ID)
	stopped := false
	for _, m := range r.Messages {
		stopped = m.abandon() || stopped
	}
	if stopped {
		p.say(r, Post{Key: "unfollowed:" + at.Now.UTC().Format(time.DateOnly), Text: textUnfollowed(silence)}, nil, at)
	}
}

// pollInterval is how long to wait before the timeline is read again: after
// news a second, then longer with the silence, but never so often that reading
// takes more than a tenth of the time.
func pollInterval(silence time.Duration, open bool, took time.Duration) time.Duration {
	d := max(time.Second, silence/8)
	switch {
	case open && silence < 2*time.Hour:
		d = min(d, 20*time.Second)
	case silence < 48*time.Hour:
		d = min(d, 10*time.Minute)
	default:
		d = time.Hour
	}
	return max(d, 10*took)
}
