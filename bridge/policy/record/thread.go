package record

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// NoteUnseen records that the agent has not seen the message. The next prompt will
// include it.
func NoteUnseen(t *bridge.Thread, m bridge.Message) {
	if !bridge.TSBefore(t.LastSent, m.TS) || bridge.TSBefore(m.TS, t.StartTS) || !bridge.TSBefore(t.Unseen.To, m.TS) {
		return
	}
	if t.Unseen == (bridge.Span{}) {
		t.Unseen.After = cmp.Or(t.LastSent, t.StartTS)
	}
	t.Unseen.To = m.TS
	t.Touch()
}

// ReassignStart chooses a new first message for the thread, if the old one was refused or
// deleted before a session was opened. Replies before the next mention become context.
// Without another mention, the bot no longer takes part in the thread.
func ReassignStart(state *bridge.ThreadState, at bridge.Instant) {
	if state.Thread.Unbound() || state.Thread.Session.Count > 0 {
		return
	}
	first := ""
	if openers := InOrder(state, mayStartThread); len(openers) > 0 {
		first = openers[0].TS
	}
	for _, m := range state.Messages {
		if m.State == bridge.StateReady && !MayOpenSession(m) && (first == "" || bridge.TSBefore(m.TS, first)) {
			HoldMessage(m, bridge.HoldNoThread)
		}
	}
	switch {
	case first == "":
		// Apply, which follows, closes the open notes, so they are kept.
		state.Thread = bridge.Thread{Rev: state.Thread.Rev + 1, Outage: state.Thread.Outage, FailureNote: state.Thread.FailureNote}
	case first != state.Thread.StartTS:
		state.Thread.StartTS = first
		state.Thread.Touch()
	}
}

// mayStartThread reports whether the message can start its thread and may still be sent.
func mayStartThread(m *bridge.MessageRecord) bool {
	return MayOpenSession(m) && m.Command == "" && m.CorrectionOf == "" && (m.Waiting() && !m.AwaitsQuestion() || InFailureNote(m))
}

// OpenedJustFor reports whether the session was opened for the message and is still
// empty, so that no look-up is needed.
func OpenedJustFor(s *bridge.Session, m *bridge.MessageRecord) bool {
	return s.OpenedFor == m.TS && !s.HasContext && s.OpenedAt.After(m.Accepted)
}

// NeedsHistory reports whether the message is the thread's first although a later one was
// sent before it. Then the messages between them were treated as context.
func NeedsHistory(t *bridge.Thread, m *bridge.MessageRecord) bool {
	return m.TS == t.StartTS && bridge.TSBefore(m.TS, t.LastSent)
}

// ContinuesOrSelf returns the thread that messages in this thread belong to.
func ContinuesOrSelf(state *bridge.ThreadState) bridge.ThreadKey {
	if state.Thread.Continues != "" {
		return state.Thread.Continues
	}
	return state.Key
}

// Held returns the messages that are held for the reason. They are grouped by their note,
// in the order in which they were written.
func Held(state *bridge.ThreadState, why bridge.HoldReason) map[string][]*bridge.MessageRecord {
	var notes map[string][]*bridge.MessageRecord
	for _, m := range state.Messages {
		if m.State == bridge.StateHeld && m.Hold == why {
			if notes == nil {
				notes = map[string][]*bridge.MessageRecord{}
			}
			notes[m.NoteKey] = append(notes[m.NoteKey], m)
		}
	}
	for _, rows := range notes {
		slices.SortFunc(rows, ByTime)
	}
	return notes
}

// HoldStep postpones steps of the kind. It is kept in memory only.
func HoldStep(state *bridge.ThreadState, kind bridge.StepKind, until time.Time) {
	if state.Volatile.HoldUntil == nil {
		state.Volatile.HoldUntil = map[bridge.StepKind]time.Time{}
	}
	state.Volatile.HoldUntil[kind] = until
}

// Audit adds an entry for the audit log.
func Audit(state *bridge.ThreadState, event bridge.AuditEvent) {
	state.Audit = append(state.Audit, event)
}

// Delayed returns the messages that are shown as delayed, oldest first.
func Delayed(state *bridge.ThreadState) []*bridge.MessageRecord {
	late := InOrder(state, func(m *bridge.MessageRecord) bool { return m.Waiting() && m.Delayed && !m.DeletionPending })
	slices.SortStableFunc(late, func(a, b *bridge.MessageRecord) int { return a.Accepted.Compare(b.Accepted) })
	return late
}

// TakenBack reports whether the message was settled without being sent.
func TakenBack(state *bridge.ThreadState, id string) bool {
	m := state.Messages[id]
	return m != nil && m.State == bridge.StateDone && m.Receipt == ""
}

// Reached counts the messages that the agent received. A missing record counts, because
// final messages are at rest and not loaded.
func Reached(state *bridge.ThreadState, ids []string) int {
	n := 0
	for _, id := range ids {
		if m := state.Messages[id]; m == nil || m.State == bridge.StateDone {
			n++
		}
	}
	return n
}

// IdsOf returns the ids of the messages.
func IdsOf(rows []*bridge.MessageRecord) []string {
	ids := make([]string, 0, len(rows))
	for _, m := range rows {
		ids = append(ids, m.ID())
	}
	return ids
}

// Named returns the messages with the ids.
func Named(state *bridge.ThreadState, ids []string) []*bridge.MessageRecord {
	rows := make([]*bridge.MessageRecord, 0, len(ids))
	for _, id := range ids {
		if m := state.Messages[id]; m != nil {
			rows = append(rows, m)
		}
	}
	return rows
}

// ReviewDue reports whether the thread must be compared with the timeline, because it is
// unknown which events the thread already shows.
func ReviewDue(t *bridge.Thread, at bridge.Instant) bool {
	return t.ReviewPending || !at.Restored.IsZero() && !t.Started.After(at.Restored) && !t.ReviewedAt.Equal(at.Restored)
}

// FinishReview records that the comparison is done.
func FinishReview(t *bridge.Thread, at bridge.Instant) {
	t.ReviewPending, t.ReviewedAt = false, at.Restored
	t.Touch()
}

// Polled reports whether the session's timeline is polled.
func Polled(s *bridge.Session) bool { return s.ID != "" && !s.Closed && !s.PollingStopped }

// InFlight returns the in-flight message whose look-up is due first.
func InFlight(state *bridge.ThreadState) *bridge.MessageRecord {
	var first *bridge.MessageRecord
	for _, m := range state.Messages {
		if m.State == bridge.StateInFlight && (first == nil || m.Due.Before(first.Due) || m.Due.Equal(first.Due) && bridge.TSBefore(m.TS, first.TS)) {
			first = m
		}
	}
	return first
}

// InOrder returns the matching messages in the order in which they were written. It sorts
// only the matches, because in most threads there are few.
func InOrder(state *bridge.ThreadState, which func(*bridge.MessageRecord) bool) []*bridge.MessageRecord {
	var rows []*bridge.MessageRecord
	for _, m := range state.Messages {
		if which(m) {
			rows = append(rows, m)
		}
	}
	slices.SortFunc(rows, ByTime)
	return rows
}

// ByTime compares messages by the time at which they were written.
func ByTime(a, b *bridge.MessageRecord) int {
	if a.TS == b.TS {
		return strings.Compare(a.ID(), b.ID())
	}
	if bridge.TSBefore(a.TS, b.TS) {
		return -1
	}
	return 1
}

// Skip ends held messages that nobody wants to send.
func Skip(state *bridge.ThreadState, about []*bridge.MessageRecord, at bridge.Instant) {
	for _, m := range about {
		if m.State == bridge.StateHeld && (m.Hold == bridge.HoldStale || m.Hold == bridge.HoldStopped) {
			End(m, bridge.EndSkipped, at)
			Audit(state, bridge.AuditEvent{Event: "message_skipped", Record: m.ID()})
		}
	}
}
