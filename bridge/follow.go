package bridge

import (
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// Sighting is one of our messages as the session has it.
type Sighting struct {
	EventID  string
	ClientID string
	Status   agen.Status
}

// Timeline is what a read found.
type Timeline struct {
	// Session is whose timeline it is.
	Session string
	// Ours are our messages in it, by client id, or by the id of the row
	// whose receipt names the event.
	Ours map[string]Sighting
	// News is what is to come into the thread, in the timeline's order; More
	// tells that there is more than one read takes on.
	News []News
	More bool
	// Work is the newest of the events that tell where the work stands, Fruits
	// are those that tell last of a branch and of a merge request.
	Work   *agen.Event
	Fruits []*agen.Event
	newest newest
	fruits [len(fruitKeys)]newest
	// Standing are our posts in the thread, if Looked says that they were read.
	Standing []Standing
	Looked   bool
	// Stranger: a message stands in it that only a bridge can have sent, and that
	// we know nothing of.
	Stranger bool
	// Said is when the newest message of a person was written.
	Said time.Time
	// Unmarked: messages of people without a client id stand in it.
	Unmarked bool
	// Print identifies the whole: the same print means no news.
	Print uint64
	// ETag is what Agen calls this state of it; empty when it does not.
	ETag string
	// Took is how long the read lasted.
	Took time.Duration
}

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
		for _, m := range r.inOrder() {
			if m.State == Begun {
				p.miss(r, m, t, at)
			}
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

// unread decides what follows from a read that failed.
func (p *Policy) unread(err error) Decide {
	class := classOf(err)
	return func(r *Rows, at Moment) error {
		r.Memo.Slot = time.Time{}
		switch class {
		case RateLimited, Unauthorized:
			p.holdKey(r, at.Now.Add(pause(err)))
			p.expire(r, at)
		case Missing:
			p.unreadable(r, at)
		default:
			p.readLater(r, err, at)
		}
		p.project(r, at)
		return nil
	}
}

// unseeing decides what follows when Slack does not say what stands in the
// thread: the timeline waits for it.
func (p *Policy) unseeing(err error) Decide {
	wait := pause(err)
	if class := classOf(err); class != RateLimited && class != Unauthorized {
		wait = 10 * time.Second
	}
	return func(r *Rows, at Moment) error {
		r.Memo.Slot = time.Time{}
		r.hold(StepRead, at.Now.Add(wait))
		r.hold(StepLookUp, at.Now.Add(wait))
		p.expire(r, at)
		p.project(r, at)
		return nil
	}
}

// readLater spaces the next try.
func (p *Policy) readLater(r *Rows, err error, at Moment) {
	r.Memo.Failures++
	again := at.Now.Add(max(p.backoff(r.Memo.Failures), waitOf(err)))
	r.Memo.PollDue = again
	r.hold(StepLookUp, again)
	p.expire(r, at)
}

// expire gives a message up whose fate could not be found out in MAX_AGE: a
// person decides.
func (p *Policy) expire(r *Rows, at Moment) {
	for _, m := range r.Messages {
		if m.State == Begun && at.Now.Sub(m.Accepted) >= p.maxAge() {
			m.hold(Unsure)
			r.act("held", m.ID(), string(Unsure))
		}
	}
}

// unreadable weighs a timeline that answers 404.
func (p *Policy) unreadable(r *Rows, at Moment) {
	d := &r.Thread.Session.Doubt
	began := r.begun()
	switch {
	case began != nil && d.Since.IsZero():
		*d = Doubt{Since: at.Now}
		r.Thread.Touch()
	case began != nil && at.Now.Sub(d.Since) >= unreadableFor, d.Again:
		p.gone(r, at)
		return
	case !d.Since.IsZero() && !d.Read:
		d.Read = true
		r.Thread.Touch()
	}
	p.readLater(r, nil, at)
}

// gone ends the session: what is under way loses its reaction, and what
// waits is held for a person under one note.
func (p *Policy) gone(r *Rows, at Moment) {
	s := &r.Thread.Session
	s.Gone, s.Doubt = true, Doubt{}
	r.Thread.Touch()
	r.act("session gone", "", s.ID)
	p.dropQuestions(r, at)
	for _, m := range r.Messages {
		switch {
		case m.waiting() && m.Unwanted:
			m.end(EndWithdrawn, at)
		case m.waiting() && m.Command == "":
			m.hold(Missing)
		default:
			m.abandon()
		}
	}
}

// abandon stops looking for the message's status.
func (m *MessageRow) abandon() bool {
	if m.final() {
		return false
	}
	m.End = EndAbandoned
	m.Touch()
	return true
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
