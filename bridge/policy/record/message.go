package record

import (
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// BecomesTask reports whether an edit, or a second event with more content, turns the
// message into a task for the agent. Before, the message was an answered command, an
// aside, or a message with invalid options.
func BecomesTask(m *bridge.MessageRecord, edit bridge.Message) bool {
	fuller := m.Edited == edit.Edited && m.Digest != edit.Digest && m.Parts < edit.Parts
	return CanBecomeTask(m) && !m.DeletionPending && edit.Command == "" && (fuller || bridge.TSBefore(m.Edited, edit.Edited))
}

// CanBecomeTask reports whether an edit can still turn the message into a task: it is an
// answered command, an aside, or a message with invalid options.
func CanBecomeTask(m *bridge.MessageRecord) bool {
	return m.End == bridge.EndAnswered || m.End == bridge.EndAside || m.End == bridge.EndMistyped
}

// HoldMessage holds the message until a person decides. Its text is deleted.
func HoldMessage(m *bridge.MessageRecord, why bridge.HoldReason) {
	m.State, m.Hold, m.Fault = bridge.StateHeld, why, ""
	m.Misses, m.InFlightSince = 0, time.Time{}
	DropText(m)
	m.Touch()
}

// DropText deletes the text of the message, which can be read from Slack again. The
// content of a click is kept, because it isn't in Slack and nobody wrote it.
func DropText(m *bridge.MessageRecord) {
	m.Omitted = bridge.Omissions{}
	if !m.Clicked() {
		m.Body, m.Options = nil, nil
	}
}

// End settles a message that is not delivered. Everything that may contain its text is
// deleted: the body, the argument of a command, and Agen's error message, which may quote
// it.
func End(m *bridge.MessageRecord, how string, at bridge.Instant) {
	m.State, m.End, m.Hold, m.Body, m.Options, m.Settled = bridge.StateDone, how, "", nil, nil, at.Now
	m.Omitted, m.Session, m.Reason = bridge.Omissions{}, "", ""
	m.Touch()
}

// WrittenAt returns when the message was written, according to its ts.
func WrittenAt(m *bridge.MessageRecord) time.Time {
	if t := bridge.TSTime(m.TS); !t.IsZero() {
		return t
	}
	return m.Accepted
}

// Undelivered reports whether the message was meant for the agent and could not be
// delivered.
func Undelivered(m *bridge.MessageRecord) bool {
	return m.State == bridge.StateDead || m.State == bridge.StateHeld && m.Hold != bridge.HoldNoThread && m.Hold != bridge.HoldNearMiss
}

// InFailureNote reports whether the failure note names the message.
func InFailureNote(m *bridge.MessageRecord) bool {
	return m.State == bridge.StateDead || m.State == bridge.StateHeld && (m.Hold == bridge.HoldUnsure || m.Hold == bridge.HoldNoRoute)
}

// MayOpenSession reports whether the message may open a session.
func MayOpenSession(m *bridge.MessageRecord) bool { return m.Kind.StartsThread() || m.MayOpenSession }

// Blame records which remote delays the message.
func Blame(m *bridge.MessageRecord, remote bridge.Remote) {
	if m.FaultRemote != remote {
		m.FaultRemote = remote
		m.Touch()
	}
}

// OpenIn returns the messages whose status is still watched in a session that the thread
// left.
func OpenIn(state *bridge.ThreadState, session string) []*bridge.MessageRecord {
	return InOrder(state, func(m *bridge.MessageRecord) bool { return m.LeftSession == session && session != "" && !m.Final() })
}

// LeftSessions returns the sessions that the thread left and that have messages whose
// status is still watched.
func LeftSessions(state *bridge.ThreadState) []string {
	var sessions []string
	for _, m := range state.Messages {
		if m.LeftSession != "" && !m.Final() && !slices.Contains(sessions, m.LeftSession) {
			sessions = append(sessions, m.LeftSession)
		}
	}
	slices.Sort(sessions)
	return sessions
}

// StopWatching stops watching the message's status, and reports whether it was watched.
func StopWatching(m *bridge.MessageRecord) bool {
	if m.Final() {
		return false
	}
	m.End = bridge.EndAbandoned
	m.Touch()
	return true
}
