package record

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// BecomesTask reports whether an edit, or a telling with more in it, makes a task of
// what was a command and has been answered, of an aside, or of what could not be
// started as it was.
func BecomesTask(m *bridge.MessageRecord, edit bridge.Message) bool {
	fuller := m.Edited == edit.Edited && m.Digest != edit.Digest && m.Parts < edit.Parts
	return CanBecomeTask(m) && !m.DeletionPending && edit.Command == "" && (fuller || bridge.TSBefore(m.Edited, edit.Edited))
}

// CanBecomeTask reports whether an edit can still make a task of the message: it was a
// command that has been answered, an aside, or had options that don't exist.
func CanBecomeTask(m *bridge.MessageRecord) bool {
	return m.End == bridge.EndAnswered || m.End == bridge.EndAside || m.End == bridge.EndMistyped
}

// HoldMessage keeps the message for a person to decide on. Its text goes.
func HoldMessage(m *bridge.MessageRecord, why bridge.HoldReason) {
	m.State, m.Hold, m.Fault = bridge.StateHeld, why, ""
	m.Misses, m.InFlightSince = 0, time.Time{}
	DropText(m)
	m.Touch()
}

// DropText forgets what the message says: it can be read from Slack again. A
// chosen answer can't, and is nothing that a person wrote.
func DropText(m *bridge.MessageRecord) {
	if m.Choice == "" {
		m.Body, m.Options = nil, nil
	}
}

// End settles the message other than by delivering it. Its text goes.
func End(m *bridge.MessageRecord, how string, at bridge.Instant) {
	m.State, m.End, m.Hold, m.Body, m.Options, m.Settled = bridge.StateDone, how, "", nil, nil, at.Now
	m.Touch()
}

// WrittenAt is when the message was written: its ts says so.
func WrittenAt(m *bridge.MessageRecord) time.Time {
	if t := bridge.TSTime(m.TS); !t.IsZero() {
		return t
	}
	return m.Accepted
}

// Undelivered reports whether the message did not reach the agent though it was for
// it.
func Undelivered(m *bridge.MessageRecord) bool {
	return m.State == bridge.StateDead || m.State == bridge.StateHeld && m.Hold != bridge.HoldNoThread
}

// InFailureNote reports whether the failure note tells of the message.
func InFailureNote(m *bridge.MessageRecord) bool {
	return m.State == bridge.StateDead || m.State == bridge.StateHeld && (m.Hold == bridge.HoldUnsure || m.Hold == bridge.HoldNoRoute)
}

// MayOpenSession reports whether the message may open a session.
func MayOpenSession(m *bridge.MessageRecord) bool { return m.Kind.StartsThread() || m.MayOpenSession }

// StopWatching stops looking for the message's status.
func StopWatching(m *bridge.MessageRecord) bool {
	if m.Final() {
		return false
	}
	m.End = bridge.EndAbandoned
	m.Touch()
	return true
}
