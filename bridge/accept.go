package bridge

import "time"

// The reasons for which something that came in is ignored. Each is a label
// of a metric.
const (
	IgnoredNotOurs = "not_our_thread"
	IgnoredBefore  = "before_the_mention"
	IgnoredKnown   = "known_already"
	IgnoredUnknown = "unknown_message"
	IgnoredClosed  = "note_closed"
	IgnoredQuiet   = "quiet_thread"
	IgnoredAside   = "aside" // said among people
	IgnoredApp     = "app"   // goes along with the next message
)

// correctionQuiet is how long the words of a message that was sent already
// must have stayed the same before they go to the agent as a correction.
const correctionQuiet = 15 * time.Second

// Hear decides what becomes of a message that came in, by whichever door. Where
// it can go to the agent at once, ready composes it; nil for one that can't.
func (p *Policy) Hear(m Message, ready func() (Prompt, bool), v *Verdict) Decide {
	return func(r *Rows, at Moment) error {
		*v = p.hear(r, m, at)
		if !v.New {
			return nil
		}
		p.project(r, at)
		return p.depart(r, m.TS, ready, at)
	}
}

func (p *Policy) hear(r *Rows, m Message, at Moment) Verdict {
	row := r.Messages[m.TS]
	switch {
	case m.Aside != "":
		return p.hearAside(r, row, m, at)
	case m.Kind == Overheard:
		return overhear(&r.Thread, m)
	case row != nil && row.startsOver(m):
		delete(r.Messages, m.TS)
	case row != nil:
		return p.hearAgain(r, row, m, at)
	case m.Kind == Reply && r.Thread.Vacant():
		return Verdict{Ignored: IgnoredNotOurs}
	case m.Kind == Reply && tsBefore(m.TS, r.Thread.First):
		return Verdict{Ignored: IgnoredBefore}
	case m.Kind == Reply && (!p.listens(&r.Thread) || m.Swept && tsBefore(m.TS, r.Thread.Listens)):
		r.Thread.leaveUnseen(m)
		return Verdict{Ignored: IgnoredQuiet}
	}
	m.Thread = r.Key // its channel may have another id by now
	crowd := r.tooMany(m)
	fresh := &MessageRow{Message: m, Delivery: Delivery{State: Ready, Accepted: at.Now, Due: at.Now}}
	if row != nil {
		fresh.Rev, fresh.Wish = row.Rev, row.Wish
	}
	if m.Swept { // a process whose store this is not may have put a reaction there
		fresh.Wish.doubt(at)
	}
	fresh.Touch()
	r.Messages[m.TS] = fresh
	r.act("accepted", m.TS, m.Author)
	if m.Refused == Allowed {
		fresh.Refused = crowd
	}
	if fresh.Refused != Allowed {
		p.refuse(r, fresh, fresh.Refused, at)
		return Verdict{New: true}
	}
	if fresh.Overdue = p.overdue(fresh, at); !fresh.Overdue {
		p.join(r, fresh, at)
	}
	return Verdict{New: true}
}

// overhear notes that an app said something in a thread of ours.
func overhear(t *Thread, m Message) Verdict {
	if t.Vacant() {
		return Verdict{Ignored: IgnoredNotOurs}
	}
	t.leaveUnseen(m)
	return Verdict{Ignored: IgnoredApp}
}

// leaveUnseen has what was said ride along with the next message.
func (t *Thread) leaveUnseen(m Message) {
	if !tsBefore(t.LastSent, m.TS) || tsBefore(m.TS, t.First) || !tsBefore(t.Unseen.To, m.TS) {
		return
	}
	if t.Unseen == (Span{}) {
		t.Unseen.After = first(t.LastSent, t.First)
	}
	t.Unseen.To = m.TS
	t.Touch()
}

// hearAside leaves between people what they say among themselves. Where the
// thread listens to them its author is told so, once per person and thread. A
// message that an edit makes an aside is not sent any more.
func (p *Policy) hearAside(r *Rows, row *MessageRow, m Message, at Moment) Verdict {
	t := &r.Thread
	switch {
	case row != nil && tsBefore(row.Edited, m.Edited) && p.withdraw(row, at):
		row.Edited = m.Edited
		if row.State == Done {
			row.End = EndAside
		}
		p.reseat(r, at)
		r.act("withdrawn", m.TS, m.Author)
		return Verdict{New: true}
	case row != nil, m.Aside == AsideMark, m.Swept, m.Refused != Allowed, r.Posts[asideKey(m.Author)] != nil,
		t.Vacant(), tsBefore(m.TS, t.First), !p.listens(t):
		return Verdict{Ignored: IgnoredAside}
	}
	p.whisper(r, asideKey(m.Author), m.Author, textAside(m.Aside), at)
	return Verdict{New: true}
}

func asideKey(author string) string { return "aside:" + author }

// startsOver reports whether an edit makes a task of what was a command and
// has been answered, of an aside, or of what could not be started as it was.
func (m *MessageRow) startsOver(edit Message) bool {
	return m.mayRestart() && !m.Unwanted && edit.Command == "" && tsBefore(m.Edited, edit.Edited)
}

func (m *MessageRow) mayRestart() bool {
	return m.End == EndAnswered || m.End == EndAside || m.End == EndMistyped
}

// seat has what was said in a thread that was not started go to the agent now
// that it is: from its first message on.
func (p *Policy) seat(r *Rows, at Moment) {
	for _, m := range r.Messages {
		if m.State == Held && m.Fault == Unseated && !tsBefore(m.TS, r.Thread.First) {
			m.Delivery = Delivery{State: Ready, Accepted: at.Now, Due: at.Now}
			m.Vetted, m.Late = false, false
			m.Touch()
		}
	}
}

// join gives the message its place in the thread.
func (p *Policy) join(r *Rows, m *MessageRow, at Moment) {
	t := &r.Thread
	s := &t.Session
	task := m.Kind.starts() && m.Command == ""
	if task && !t.Vacant() && tsBefore(m.TS, t.First) {
		// It was on its way while a later mention started the thread. What was
		// said to it is found when the thread is read (Thread.rereads).
		t.First, t.FromRoot = m.TS, m.Root
		t.Touch()
	}
	switch {
	case t.Vacant() && task:
		t.Started, t.First, t.FromRoot, t.Route = at.Now, m.TS, m.Root, p.routeOf(r.Key)
		t.Touch()
	case s.Gone && task:
		*s = Session{Count: s.Count}
		t.Touch()
	case s.Gone && m.Command == "":
		m.hold(Missing)
	}
	if t.First == m.TS {
		p.seat(r, at)
	}
	r.Memo.PollDue = time.Time{}
}

// hold keeps the message for a person to decide on. Its text goes.
func (m *MessageRow) hold(why Class) {
	m.State, m.Fault = Held, why
	m.Misses, m.BegunAt = 0, time.Time{}
	m.dropText()
	m.Touch()
}

// dropText forgets what the message says: it can be read from Slack again. A
// chosen answer can't, and is nothing that a person wrote.
func (m *MessageRow) dropText() {
	if m.Words == "" {
		m.Body, m.Options = nil, nil
	}
}

// end settles the message other than by delivering it. Its text goes.
func (m *MessageRow) end(how string, at Moment) {
	m.State, m.End, m.Body, m.Options, m.Settled = Done, how, nil, nil, at.Now
	m.Touch()
}

// hearAgain decides about a message that is known: it came by another door,
// or it was edited. Link previews and repeated words are not edits. Slack
// stamps most edits with whole seconds: of two with the same stamp nobody can
// tell the newer, so the words are read again when they are needed.
func (p *Policy) hearAgain(r *Rows, row *MessageRow, m Message, at Moment) Verdict {
	unclear := m.Edited != "" && m.Edited == row.Edited
	if m.Digest == row.Digest || !unclear && !tsBefore(row.Edited, m.Edited) {
		return Verdict{Ignored: IgnoredKnown}
	}
	if row.Unwanted { // the deletion overtook the edit
		return Verdict{Ignored: IgnoredKnown}
	}
	if unclear {
		m.Body = nil
	}
	switch {
	case row.State == Ready && row.Body != nil:
		row.Body, row.Command, row.Kind, row.Options = m.Body, m.Command, m.Kind, m.Options
	case row.State == Begun || row.State == Done && row.Receipt != "" && row.End == "":
		if !p.correct(r, row, m, at) {
			return Verdict{Ignored: IgnoredKnown}
		}
	}
	row.Edited = m.Edited
	if !unclear {
		row.Digest = m.Digest
	}
	row.Touch()
	r.act("edited", row.ID(), m.Author)
	return Verdict{New: true}
}

// correct lets the new words follow those that were sent already. A
// correction that has not left yet is replaced by a newer one. It reports
// false when the same one is on its way.
func (p *Policy) correct(r *Rows, row *MessageRow, m Message, at Moment) bool {
	m.Thread = r.Key
	c := &MessageRow{Message: m, Of: row.TS, Vetted: row.Vetted, Unclear: m.Body == nil}
	c.Delivery = Delivery{State: Ready, Accepted: at.Now, Due: at.Now.Add(correctionQuiet)}
	c.TS = m.Edited
	if same := r.Messages[c.ID()]; same != nil && (same.State != Ready || same.Unclear) {
		return false
	}
	for id, old := range r.Messages {
		if old.Of == row.TS && old.State == Ready {
			delete(r.Messages, id)
		}
	}
	c.Touch()
	r.Messages[c.ID()] = c
	row.Correcting = true
	if r.Thread.Session.Gone {
		c.hold(Missing)
	}
	r.Memo.PollDue = time.Time{}
	return true
}

// Forget decides what becomes of a message that was taken back.
func (p *Policy) Forget(d Deletion, v *Verdict) Decide {
	return func(r *Rows, at Moment) error {
		*v = p.forget(r, d.TS, at)
		if v.New {
			p.project(r, at)
		}
		return nil
	}
}

// forget withdraws what has not left. What may have left is looked up first,
// and not sent again; for what has been sent there is nothing to do.
func (p *Policy) forget(r *Rows, ts string, at Moment) Verdict {
	row := r.Messages[ts]
	if row == nil {
		return Verdict{Ignored: IgnoredUnknown}
	}
	changed := p.withdraw(row, at)
	changed = p.retract(r, typoKey(ts), at) || changed
	if row.mayRestart() && !row.Unwanted { // an edit may have been overtaken
		row.Unwanted, changed = true, true
		row.Touch()
	}
	for _, c := range r.Messages {
		if c.Of == ts && p.withdraw(c, at) {
			changed = true
		}
	}
	if !changed {
		return Verdict{Ignored: IgnoredKnown}
	}
	p.reseat(r, at)
	r.act("withdrawn", ts, "")
	return Verdict{New: true}
}

// withdraw takes one message back and reports whether that changed anything.
func (p *Policy) withdraw(m *MessageRow, at Moment) bool {
	switch m.State {
	case Ready, Held, Dead:
		m.end(EndWithdrawn, at)
	case Begun:
		if m.Unwanted {
			return false
		}
		m.Unwanted = true
		m.Touch()
	default:
		return false
	}
	return true
}

// reseat finds the thread its first message when the one it had was refused
// or taken back before a session was opened: replies before the next mention
// are background to it, and without one the thread is not ours any more.
func (p *Policy) reseat(r *Rows, at Moment) {
	if r.Thread.Vacant() || r.Thread.Session.Count > 0 {
		return
	}
	first := ""
	if openers := r.inOrder((*MessageRow).mayBeFirst); len(openers) > 0 {
		first = openers[0].TS
	}
	for _, m := range r.Messages {
		if m.State == Ready && !m.opens() && (first == "" || tsBefore(m.TS, first)) {
			m.hold(Unseated)
		}
	}
	switch {
	case first == "":
		// The open notes are kept for the projection that follows, to end them.
		r.Thread = Thread{Rev: r.Thread.Rev + 1, Outage: r.Thread.Outage, Failure: r.Thread.Failure}
	case first != r.Thread.First:
		r.Thread.First = first
		r.Thread.Touch()
	}
}

// mayBeFirst reports whether the message can start its thread, and still may.
func (m *MessageRow) mayBeFirst() bool {
	return m.opens() && m.Command == "" && m.Of == "" && (m.waiting() && !m.Overdue || m.noted())
}
