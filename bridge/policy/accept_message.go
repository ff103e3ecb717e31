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
		return bridge.Result{Ignored: bridge.IgnoredUnknown} // the record was pruned; the message was not missed
	case m.Kind == bridge.KindReply && state.Thread.Unbound():
		return bridge.Result{Ignored: bridge.IgnoredNotOurs}
	case m.Kind == bridge.KindReply && bridge.TSBefore(m.TS, state.Thread.StartTS):
		return bridge.Result{Ignored: bridge.IgnoredBefore}
	case m.Kind == bridge.KindReply && (!p.Listens(&state.Thread) || m.Backfilled && bridge.TSBefore(m.TS, state.Thread.ListenSince)):
		record.NoteUnseen(&state.Thread, m)
		return bridge.Result{Ignored: bridge.IgnoredQuiet}
	}
	m.Thread = state.Key // the channel's id may have changed
	limit := backlogFull(state, m)
	added := &bridge.MessageRecord{Message: m, Delivery: bridge.Delivery{State: bridge.StateReady, Accepted: at.Now, Due: at.Now}}
	if m.AwaitsPreview {
		added.Due = at.Now.Add(previewWait)
	}
	if rec != nil {
		added.Rev, added.Reaction = rec.Rev, rec.Reaction
	}
	if m.Backfilled { // a process with another store may have added a reaction
		record.ReadAgain(&added.Reaction, at)
	}
	added.Touch()
	state.Messages[m.TS] = added
	if state.Thread.Deleted { // the thread exists after all: somebody posted in it
		state.Thread.Deleted = false
		state.Thread.Touch()
	}
	record.Audit(state, bridge.AuditEvent{Event: "message_accepted", Record: m.TS, User: m.Author})
	if m.Refused == bridge.Allowed {
		added.Refused = limit
	}
	if added.Refused != bridge.Allowed {
		p.refuse(state, added, added.Refused, at)
		return bridge.Result{New: true}
	}
	added.Command = p.commandOf(state, m)
	added.Stale = p.overdue(added, at)
	if added.Stale || asking(state) { // send it to the agent as it is
		added.Meant = ""
	}
	if !added.AwaitsQuestion() {
		p.enqueue(state, added, at)
	}
	return bridge.Result{New: true}
}

// acceptFromApp records that an app posted in a thread that the bot takes part in.
func acceptFromApp(t *bridge.Thread, m bridge.Message) bridge.Result {
	if t.Unbound() {
		return bridge.Result{Ignored: bridge.IgnoredNotOurs}
	}
	record.NoteUnseen(t, m)
	return bridge.Result{Ignored: bridge.IgnoredApp}
}

// acceptAside ignores a message that is addressed to another person. If the bot listens
// to replies in the thread, the author is told once per person and thread that such
// messages are not sent. If an edit turns a waiting message into an aside, the message is
// withdrawn.
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

// AsideKey is the key of the note that tells an author that asides are not sent.
func AsideKey(author string) string { return "aside:" + author }

// enqueue adds the message to the thread. If necessary, the message starts the thread,
// opens a new session, or is held because the session is closed.
func (p *Policy) enqueue(state *bridge.ThreadState, m *bridge.MessageRecord, at bridge.Instant) {
	t := &state.Thread
	s := &t.Session
	task := m.Kind.StartsThread() && m.Command == ""
	if task && !t.Unbound() && bridge.TSBefore(m.TS, t.StartTS) {
		// This message was still being delivered when a later mention started the thread.
		// Replies to it are found when the thread's history is read
		// (record.NeedsHistory).
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

// backlogFull returns the limit that a new message exceeds, or Allowed.
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

// overdue reports whether a backfilled message is so old that a person must be asked
// before it is sent. The age counts from the last edit.
func (p *Policy) overdue(m *bridge.MessageRecord, at bridge.Instant) bool {
	said := record.WrittenAt(m)
	if m.Edited != "" {
		if edited := bridge.TSTime(m.Edited); !edited.IsZero() {
			said = edited
		}
	}
	return m.Backfilled && at.Now.Sub(said) > p.askAfter()
}

// release makes the messages ready that were held because the thread had not been
// started, from the first message of the thread on.
func (p *Policy) release(state *bridge.ThreadState, at bridge.Instant) {
	for _, m := range state.Messages {
		if m.State == bridge.StateHeld && m.Hold == bridge.HoldNoThread && !bridge.TSBefore(m.TS, state.Thread.StartTS) {
			m.Delivery = bridge.Delivery{State: bridge.StateReady, Accepted: at.Now, Due: at.Now}
			m.Authorized, m.Delayed = false, false
			m.Touch()
		}
	}
}
