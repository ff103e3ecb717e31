package bridge

import (
	"cmp"
	"time"
)

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

// AcceptMessage decides what becomes of a message that came in, by whichever
// path. A draft lets one that can be sent at once be in flight as soon as it is
// accepted; nil for one that can't.
func (p *Policy) AcceptMessage(m Message, draft *Draft, v *Result) Decision {
	return func(r *ThreadState, at Instant) error {
		*v = p.acceptMessage(r, m, at)
		if !v.New {
			return nil
		}
		p.project(r, at)
		return p.beginFast(r, m.TS, draft, at)
	}
}

func (p *Policy) acceptMessage(r *ThreadState, m Message, at Instant) Result {
	row := r.Messages[m.TS]
	switch {
	case m.Aside != "":
		return p.acceptAside(r, row, m, at)
	case m.Kind == KindApp:
		return acceptFromApp(&r.Thread, m)
	case row != nil && row.becomesTask(m):
		delete(r.Messages, m.TS)
	case row != nil:
		return p.acceptAgain(r, row, m, at)
	case m.Kind == KindReply && r.Thread.Unbound():
		return Result{Ignored: IgnoredNotOurs}
	case m.Kind == KindReply && TSBefore(m.TS, r.Thread.StartTS):
		return Result{Ignored: IgnoredBefore}
	case m.Kind == KindReply && (!p.listens(&r.Thread) || m.Backfilled && TSBefore(m.TS, r.Thread.ListenSince)):
		r.Thread.noteUnseen(m)
		return Result{Ignored: IgnoredQuiet}
	}
	m.Thread = r.Key // its channel may have another id by now
	crowd := r.backlogFull(m)
	fresh := &MessageRecord{Message: m, Delivery: Delivery{State: StateReady, Accepted: at.Now, Due: at.Now}}
	if row != nil {
		fresh.Rev, fresh.Reaction = row.Rev, row.Reaction
	}
	if m.Backfilled { // a process whose store this is not may have put a reaction there
		fresh.Reaction.readAgain(at)
	}
	fresh.Touch()
	r.Messages[m.TS] = fresh
	r.audit("accepted", m.TS, m.Author)
	if m.Refused == Allowed {
		fresh.Refused = crowd
	}
	if fresh.Refused != Allowed {
		p.refuse(r, fresh, fresh.Refused, at)
		return Result{New: true}
	}
	if fresh.Stale = p.overdue(fresh, at); !fresh.Stale {
		p.enqueue(r, fresh, at)
	}
	return Result{New: true}
}

// acceptFromApp notes that an app said something in a thread of ours.
func acceptFromApp(t *Thread, m Message) Result {
	if t.Unbound() {
		return Result{Ignored: IgnoredNotOurs}
	}
	t.noteUnseen(m)
	return Result{Ignored: IgnoredApp}
}

// noteUnseen has what was said ride along with the next message.
func (t *Thread) noteUnseen(m Message) {
	if !TSBefore(t.LastSent, m.TS) || TSBefore(m.TS, t.StartTS) || !TSBefore(t.Unseen.To, m.TS) {
		return
	}
	if t.Unseen == (Span{}) {
		t.Unseen.After = cmp.Or(t.LastSent, t.StartTS)
	}
	t.Unseen.To = m.TS
	t.Touch()
}

// acceptAside leaves between people what they say among themselves. Where the
// thread listens to them its author is told so, once per person and thread. A
// message that an edit makes an aside is not sent any more.
func (p *Policy) acceptAside(r *ThreadState, row *MessageRecord, m Message, at Instant) Result {
	t := &r.Thread
	switch {
	case row != nil && TSBefore(row.Edited, m.Edited) && p.withdraw(row, at):
		row.Edited = m.Edited
		if row.State == StateDone {
			row.End = EndAside
		}
		p.reassignStart(r, at)
		r.audit("withdrawn", m.TS, m.Author)
		return Result{New: true}
	case row != nil, m.Aside == AsideMark, m.Backfilled, m.Refused != Allowed, r.Posts[asideKey(m.Author)] != nil,
		t.Unbound(), TSBefore(m.TS, t.StartTS), !p.listens(t):
		return Result{Ignored: IgnoredAside}
	}
	p.postPrivate(r, asideKey(m.Author), m.Author, &Note{Kind: NoteAside, Name: m.Aside}, at)
	return Result{New: true}
}

func asideKey(author string) string { return "aside:" + author }

// becomesTask reports whether an edit makes a task of what was a command and
// has been answered, of an aside, or of what could not be started as it was.
func (m *MessageRecord) becomesTask(edit Message) bool {
	return m.canBecomeTask() && !m.DeletionPending && edit.Command == "" && TSBefore(m.Edited, edit.Edited)
}

func (m *MessageRecord) canBecomeTask() bool {
	return m.End == EndAnswered || m.End == EndAside || m.End == EndMistyped
}

// release has what was said in a thread that was not started go to the agent now
// that it is: from its first message on.
func (p *Policy) release(r *ThreadState, at Instant) {
	for _, m := range r.Messages {
		if m.State == StateHeld && m.Fault == HoldNoThread && !TSBefore(m.TS, r.Thread.StartTS) {
			m.Delivery = Delivery{State: StateReady, Accepted: at.Now, Due: at.Now}
			m.Authorized, m.Delayed = false, false
			m.Touch()
		}
	}
}

// enqueue gives the message its place in the thread.
func (p *Policy) enqueue(r *ThreadState, m *MessageRecord, at Instant) {
	t := &r.Thread
	s := &t.Session
	task := m.Kind.startsThread() && m.Command == ""
	if task && !t.Unbound() && TSBefore(m.TS, t.StartTS) {
		// It was on its way while a later mention started the thread. What was
		// said to it is found when the thread is read (Thread.needsHistory).
		t.StartTS, t.StartedAtRoot = m.TS, m.Root
		t.Touch()
	}
	switch {
	case t.Unbound() && task:
		t.Started, t.StartTS, t.StartedAtRoot, t.Route = at.Now, m.TS, m.Root, p.routeOf(r.Key)
		t.Touch()
	case s.Closed && task:
		*s = Session{Count: s.Count}
		t.Touch()
	case s.Closed && m.Command == "":
		m.hold(ClassNotFound)
	}
	if t.StartTS == m.TS {
		p.release(r, at)
	}
	r.Volatile.NextPoll = time.Time{}
}

// hold keeps the message for a person to decide on. Its text goes.
func (m *MessageRecord) hold(why FaultClass) {
	m.State, m.Fault = StateHeld, why
	m.Misses, m.InFlightSince = 0, time.Time{}
	m.dropText()
	m.Touch()
}

// dropText forgets what the message says: it can be read from Slack again. A
// chosen answer can't, and is nothing that a person wrote.
func (m *MessageRecord) dropText() {
	if m.Choice == "" {
		m.Body, m.Options = nil, nil
	}
}

// end settles the message other than by delivering it. Its text goes.
func (m *MessageRecord) end(how string, at Instant) {
	m.State, m.End, m.Body, m.Options, m.Settled = StateDone, how, nil, nil, at.Now
	m.Touch()
}

// acceptAgain decides about a message that is known: it came by another door,
// or it was edited. Link previews and repeated words are not edits. Slack
// stamps most edits with whole seconds: of two with the same stamp nobody can
// tell the newer, so the words are read again when they are needed.
func (p *Policy) acceptAgain(r *ThreadState, row *MessageRecord, m Message, at Instant) Result {
	unclear := m.Edited != "" && m.Edited == row.Edited
	if m.Digest == row.Digest || !unclear && !TSBefore(row.Edited, m.Edited) {
		return Result{Ignored: IgnoredKnown}
	}
	if row.DeletionPending { // the deletion overtook the edit
		return Result{Ignored: IgnoredKnown}
	}
	if unclear {
		m.Body = nil
	}
	switch {
	case row.State == StateReady && row.Body != nil:
		row.Body, row.Command, row.Kind, row.Options = m.Body, m.Command, m.Kind, m.Options
	case row.State == StateInFlight || row.State == StateDone && row.Receipt != "" && row.End == "":
		if !p.correct(r, row, m, at) {
			return Result{Ignored: IgnoredKnown}
		}
	}
	row.Edited = m.Edited
	if !unclear {
		row.Digest = m.Digest
	}
	row.Touch()
	r.audit("edited", row.ID(), m.Author)
	return Result{New: true}
}

// correct lets the new words follow those that were sent already. A
// correction that has not left yet is replaced by a newer one. It reports
// false when the same one is on its way.
func (p *Policy) correct(r *ThreadState, row *MessageRecord, m Message, at Instant) bool {
	m.Thread = r.Key
	c := &MessageRecord{Message: m, CorrectionOf: row.TS, Authorized: row.Authorized, NeedsReread: m.Body == nil}
	c.Delivery = Delivery{State: StateReady, Accepted: at.Now, Due: at.Now.Add(correctionQuiet)}
	c.TS = m.Edited
	if same := r.Messages[c.ID()]; same != nil && (same.State != StateReady || same.NeedsReread) {
		return false
	}
	for id, old := range r.Messages {
		if old.CorrectionOf == row.TS && old.State == StateReady {
			delete(r.Messages, id)
		}
	}
	c.Touch()
	r.Messages[c.ID()] = c
	row.CorrectionPending = true
	if r.Thread.Session.Closed {
		c.hold(ClassNotFound)
	}
	r.Volatile.NextPoll = time.Time{}
	return true
}

// AcceptDeletion decides what becomes of a message that was taken back.
func (p *Policy) AcceptDeletion(d Deletion, v *Result) Decision {
	return func(r *ThreadState, at Instant) error {
		*v = p.acceptDeletion(r, d.TS, at)
		if v.New {
			p.project(r, at)
		}
		return nil
	}
}

// acceptDeletion withdraws what has not left. What may have left is looked up first,
// and not sent again; for what has been sent there is nothing to do.
func (p *Policy) acceptDeletion(r *ThreadState, ts string, at Instant) Result {
	row := r.Messages[ts]
	if row == nil {
		return Result{Ignored: IgnoredUnknown}
	}
	changed := p.withdraw(row, at)
	changed = p.deletePost(r, typoKey(ts), at) || changed
	if row.canBecomeTask() && !row.DeletionPending { // an edit may have been overtaken
		row.DeletionPending, changed = true, true
		row.Touch()
	}
	for _, c := range r.Messages {
		if c.CorrectionOf == ts && p.withdraw(c, at) {
			changed = true
		}
	}
	if !changed {
		return Result{Ignored: IgnoredKnown}
	}
	p.reassignStart(r, at)
	r.audit("withdrawn", ts, "")
	return Result{New: true}
}

// withdraw takes one message back and reports whether that changed anything.
func (p *Policy) withdraw(m *MessageRecord, at Instant) bool {
	switch m.State {
	case StateReady, StateHeld, StateDead:
		m.end(EndWithdrawn, at)
	case StateInFlight:
		if m.DeletionPending {
			return false
		}
		m.DeletionPending = true
		m.Touch()
	default:
		return false
	}
	return true
}

// reassignStart finds the thread its first message when the one it had was refused
// or taken back before a session was opened: replies before the next mention
// are background to it, and without one the thread is not ours any more.
func (p *Policy) reassignStart(r *ThreadState, at Instant) {
	if r.Thread.Unbound() || r.Thread.Session.Count > 0 {
		return
	}
	first := ""
	if openers := r.inOrder((*MessageRecord).mayStartThread); len(openers) > 0 {
		first = openers[0].TS
	}
	for _, m := range r.Messages {
		if m.State == StateReady && !m.mayOpenSession() && (first == "" || TSBefore(m.TS, first)) {
			m.hold(HoldNoThread)
		}
	}
	switch {
	case first == "":
		// The open notes are kept for the projection that follows, to end them.
		r.Thread = Thread{Rev: r.Thread.Rev + 1, Outage: r.Thread.Outage, FailureNote: r.Thread.FailureNote}
	case first != r.Thread.StartTS:
		r.Thread.StartTS = first
		r.Thread.Touch()
	}
}

// mayStartThread reports whether the message can start its thread, and still may.
func (m *MessageRecord) mayStartThread() bool {
	return m.mayOpenSession() && m.Command == "" && m.CorrectionOf == "" && (m.waiting() && !m.Stale || m.inFailureNote())
}
