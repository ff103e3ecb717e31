package policy

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

func (p *Policy) acceptMessage(state *bridge.ThreadState, m bridge.Message, at bridge.Instant) bridge.Result {
	rec := state.Messages[m.TS]
	switch {
	case m.Aside != "":
		return p.acceptAside(state, rec, m, at)
	case m.Kind == bridge.KindApp:
		return acceptFromApp(&state.Thread, m)
	case rec != nil && record.BecomesTask(rec, m):
		delete(state.Messages, m.TS)
	case rec != nil:
		if !m.Backfilled && m.Edited == "" {
			record.BroughtBySocket(rec, at)
		}
		return p.acceptAgain(state, rec, m, at)
	case m.Supplement && at.Now.Sub(bridge.TSTime(m.TS)) > p.askAfter():
		return bridge.Result{Ignored: bridge.IgnoredUnknown} // it was forgotten, not missed
	case m.Kind == bridge.KindReply && state.Thread.Unbound():
		return bridge.Result{Ignored: bridge.IgnoredNotOurs}
	case m.Kind == bridge.KindReply && bridge.TSBefore(m.TS, state.Thread.StartTS):
		return bridge.Result{Ignored: bridge.IgnoredBefore}
	case m.Kind == bridge.KindReply && (!p.Listens(&state.Thread) || m.Backfilled && bridge.TSBefore(m.TS, state.Thread.ListenSince)):
		record.NoteUnseen(&state.Thread, m)
		return bridge.Result{Ignored: bridge.IgnoredQuiet}
	}
	m.Thread = state.Key // its channel may have another id by now
	crowd := backlogFull(state, m)
	fresh := &bridge.MessageRecord{Message: m, Delivery: bridge.Delivery{State: bridge.StateReady, Accepted: at.Now, Due: at.Now}}
	if m.AwaitsPreview {
		fresh.Due = at.Now.Add(previewWait)
	}
	if rec != nil {
		fresh.Rev, fresh.Reaction = rec.Rev, rec.Reaction
	}
	if m.Backfilled { // a process whose store this is not may have put a reaction there
		record.ReadAgain(&fresh.Reaction, at)
	}
	fresh.Touch()
	state.Messages[m.TS] = fresh
	if state.Thread.Deleted { // somebody writes there
		state.Thread.Deleted = false
		state.Thread.Touch()
	}
	record.Audit(state, bridge.AuditEvent{Event: "message_accepted", Record: m.TS, User: m.Author})
	if m.Refused == bridge.Allowed {
		fresh.Refused = crowd
	}
	if fresh.Refused != bridge.Allowed {
		p.refuse(state, fresh, fresh.Refused, at)
		return bridge.Result{New: true}
	}
	fresh.Command = p.commandOf(state, m)
	fresh.Stale = p.overdue(fresh, at)
	if fresh.Stale || asking(state) { // it goes as it stands
		fresh.Meant = ""
	}
	if !fresh.AwaitsQuestion() {
		p.enqueue(state, fresh, at)
	}
	return bridge.Result{New: true}
}

// acceptFromApp notes that an app said something in a thread of ours.
func acceptFromApp(t *bridge.Thread, m bridge.Message) bridge.Result {
	if t.Unbound() {
		return bridge.Result{Ignored: bridge.IgnoredNotOurs}
	}
	record.NoteUnseen(t, m)
	return bridge.Result{Ignored: bridge.IgnoredApp}
}

// acceptAside leaves between people what they say among themselves. Where the
// thread listens to them its author is told so, once per person and thread. A
// message that an edit makes an aside is not sent any more.
func (p *Policy) acceptAside(state *bridge.ThreadState, rec *bridge.MessageRecord, m bridge.Message, at bridge.Instant) bridge.Result {
	t := &state.Thread
	switch {
	case rec != nil && bridge.TSBefore(rec.Edited, m.Edited) && p.withdraw(rec, at):
		rec.Edited = m.Edited
		if rec.State == bridge.StateDone {
			rec.End = bridge.EndAside
		}
		record.ReassignStart(state, at)
		record.Audit(state, bridge.AuditEvent{Event: "message_withdrawn", Record: m.TS, User: m.Author})
		return bridge.Result{New: true}
	case rec != nil, m.Aside == bridge.AsideMark, m.Backfilled, m.Refused != bridge.Allowed, state.Posts[AsideKey(m.Author)] != nil,
		t.Unbound(), bridge.TSBefore(m.TS, t.StartTS), !p.Listens(t):
		return bridge.Result{Ignored: bridge.IgnoredAside}
	}
	p.PostPrivate(state, AsideKey(m.Author), m.Author, &bridge.Note{Kind: bridge.NoteAside, Name: m.Aside}, at)
	return bridge.Result{New: true}
}

// AsideKey is the key of the note that tells an author, once, about an aside.
func AsideKey(author string) string { return "aside:" + author }

// enqueue gives the message its place in the thread.
func (p *Policy) enqueue(state *bridge.ThreadState, m *bridge.MessageRecord, at bridge.Instant) {
	t := &state.Thread
	s := &t.Session
	task := m.Kind.StartsThread() && m.Command == ""
	if task && !t.Unbound() && bridge.TSBefore(m.TS, t.StartTS) {
		// It was on its way while a later mention started the thread. What was
		// said to it is found when the thread is read (Thread.needsHistory).
		t.StartTS, t.StartedAtRoot = m.TS, m.Root
		t.Touch()
	}
	switch {
	case t.Unbound() && task:
		t.Started, t.StartTS, t.StartedAtRoot, t.Route = at.Now, m.TS, m.Root, p.RouteOf(state.Key)
		t.Touch()
	case s.Closed && task:
		*s = bridge.Session{Count: s.Count}
		t.Touch()
	case s.Closed && m.Command == "":
		record.HoldMessage(m, bridge.HoldSessionClosed)
	}
	if t.StartTS == m.TS {
		p.release(state, at)
	}
	state.Volatile.NextPoll = time.Time{}
}

// backlogFull says why a new message is not taken on though its author may use the
// bot.
func backlogFull(state *bridge.ThreadState, m bridge.Message) bridge.Refusal {
	if m.OverLimit != bridge.Allowed {
		return m.OverLimit
	}
	waiting := 0
	for _, rec := range state.Messages {
		if rec.Waiting() {
			waiting++
		}
	}
	if waiting >= bridge.MaxWaiting {
		return bridge.RefusedFull
	}
	return bridge.Allowed
}

// overdue reports whether a message that a sweep found is so old that nobody
// may want it sent any more. What counts is when it got its present words.
func (p *Policy) overdue(m *bridge.MessageRecord, at bridge.Instant) bool {
	said := record.WrittenAt(m)
	if m.Edited != "" {
		if edited := bridge.TSTime(m.Edited); !edited.IsZero() {
			said = edited
		}
	}
	return m.Backfilled && at.Now.Sub(said) > p.askAfter()
}

// release has what was said in a thread that was not started go to the agent now
// that it is: from its first message on.
func (p *Policy) release(state *bridge.ThreadState, at bridge.Instant) {
	for _, m := range state.Messages {
		if m.State == bridge.StateHeld && m.Hold == bridge.HoldNoThread && !bridge.TSBefore(m.TS, state.Thread.StartTS) {
			m.Delivery = bridge.Delivery{State: bridge.StateReady, Accepted: at.Now, Due: at.Now}
			m.Authorized, m.Delayed = false, false
			m.Touch()
		}
	}
}
