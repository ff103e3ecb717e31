package record

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// NoteUnseen has what was said ride along with the next message.
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

// ReassignStart finds the thread its first message when the one it had was refused
// or taken back before a session was opened: replies before the next mention
// are background to it, and without one the thread is not ours any more.
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
		// The open notes are kept for the projection that follows, to end them.
		state.Thread = bridge.Thread{Rev: state.Thread.Rev + 1, Outage: state.Thread.Outage, FailureNote: state.Thread.FailureNote}
	case first != state.Thread.StartTS:
		state.Thread.StartTS = first
		state.Thread.Touch()
	}
}

// mayStartThread reports whether the message can start its thread, and still may.
func mayStartThread(m *bridge.MessageRecord) bool {
	return MayOpenSession(m) && m.Command == "" && m.CorrectionOf == "" && (m.Waiting() && !m.Stale || InFailureNote(m))
}

// OpenedJustFor reports whether the session was opened for the message and has nothing
// yet: there is nothing to look for.
func OpenedJustFor(s *bridge.Session, m *bridge.MessageRecord) bool {
	return s.OpenedFor == m.TS && !s.HasContext && s.OpenedAt.After(m.Accepted)
}

// NeedsHistory reports whether the message is the thread's first though a later one
// was sent before it: what was said in between counted as background.
func NeedsHistory(t *bridge.Thread, m *bridge.MessageRecord) bool {
	return m.TS == t.StartTS && bridge.TSBefore(m.TS, t.LastSent)
}

// ContinuesOrSelf is the thread that has what is said here.
func ContinuesOrSelf(state *bridge.ThreadState) bridge.ThreadKey {
	if state.Thread.Continues != "" {
		return state.Thread.Continues
	}
	return state.Key
}

// Held returns the messages that a person is asked about for this reason,
// those of one note together, in their order.
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

// HoldStep spares a remote a kind of step, in memory only.
func HoldStep(state *bridge.ThreadState, kind bridge.StepKind, until time.Time) {
	if state.Volatile.HoldUntil == nil {
		state.Volatile.HoldUntil = map[bridge.StepKind]time.Time{}
	}
	state.Volatile.HoldUntil[kind] = until
}

// Audit notes what a decision did.
func Audit(state *bridge.ThreadState, name, row, detail string) {
	state.Audit = append(state.Audit, bridge.AuditEvent{Event: name, Record: row, Detail: detail})
}

// Delayed returns the messages that are shown as delayed, oldest first.
func Delayed(state *bridge.ThreadState) []*bridge.MessageRecord {
	late := InOrder(state, func(m *bridge.MessageRecord) bool { return m.Waiting() && m.Delayed && !m.DeletionPending })
	slices.SortStableFunc(late, func(a, b *bridge.MessageRecord) int { return a.Accepted.Compare(b.Accepted) })
	return late
}

// TakenBack reports whether the message was withdrawn: nobody waits for it.
func TakenBack(state *bridge.ThreadState, id string) bool {
	m := state.Messages[id]
	return m != nil && m.State == bridge.StateDone && m.Receipt == ""
}

// Reached counts the messages that the agent got. One that is final rests
// already and is not among the rows.
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

// ReviewDue reports whether what stands in the thread of its session's timeline
// is not known.
func ReviewDue(t *bridge.Thread, at bridge.Instant) bool {
	return t.ReviewPending || !at.Restored.IsZero() && !t.Started.After(at.Restored) && !t.ReviewedAt.Equal(at.Restored)
}

// FinishReview notes that it is known now.
func FinishReview(t *bridge.Thread, at bridge.Instant) {
	t.ReviewPending, t.ReviewedAt = false, at.Restored
	t.Touch()
}

// Polled reports whether the timeline is read.
func Polled(s *bridge.Session) bool { return s.ID != "" && !s.Closed && !s.PollingStopped }

// InFlight returns the message whose look-up is due first.
func InFlight(state *bridge.ThreadState) *bridge.MessageRecord {
	var first *bridge.MessageRecord
	for _, m := range state.Messages {
		if m.State == bridge.StateInFlight && (first == nil || m.Due.Before(first.Due) || m.Due.Equal(first.Due) && bridge.TSBefore(m.TS, first.TS)) {
			first = m
		}
	}
	return first
}

// InOrder returns certain messages in the order in which they were written. Most
// of a thread's owe nothing but their last status.
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

// ByTime compares messages by when they were written.
func ByTime(a, b *bridge.MessageRecord) int {
	if a.TS == b.TS {
		return strings.Compare(a.ID(), b.ID())
	}
	if bridge.TSBefore(a.TS, b.TS) {
		return -1
	}
	return 1
}

// Skip ends messages that nobody wants sent any more.
func Skip(state *bridge.ThreadState, about []*bridge.MessageRecord, at bridge.Instant) {
	for _, m := range about {
		if m.State == bridge.StateHeld && (m.Hold == bridge.HoldStale || m.Hold == bridge.HoldStopped) {
			End(m, bridge.EndSkipped, at)
			Audit(state, "message_skipped", m.ID(), "")
		}
	}
}
