package record

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// FreshFor is the maximum age at which the first message of a thread counts as new. No
// other process can have opened a session for a new message.
const FreshFor = time.Minute

// FirstOfThread reports whether no other process can have opened a session for the
// message: it was accepted right after it was written, and after the store was last
// restored.
func FirstOfThread(m *bridge.MessageRecord, at bridge.Instant) bool {
	return m.Root && !m.Backfilled && m.Accepted.Sub(WrittenAt(m)) < FreshFor && !WrittenAt(m).Before(at.Restored)
}

// MayBeDoneElsewhere reports whether another process may have made the delivery: the one
// that used the store before an old copy of it was restored.
func MayBeDoneElsewhere(d *bridge.Delivery, at bridge.Instant) bool {
	return d.State == bridge.StateReady && !checkedSinceRestore(d, at) && !d.Accepted.After(at.Restored)
}

// checkedSinceRestore reports whether no look-up is needed, because the store was never
// restored or the delivery was looked up after the restore.
func checkedSinceRestore(d *bridge.Delivery, at bridge.Instant) bool {
	return at.Restored.IsZero() || d.CheckedAt.After(at.Restored)
}

// RequireLookup schedules a look-up of the delivery before anything else happens to it.
// If the delivery was made, its call began before the restore.
func RequireLookup(d *bridge.Delivery, at bridge.Instant) {
	d.State, d.Fault, d.CheckedAt = bridge.StateInFlight, bridge.ClassUnsure, at.Now
	d.InFlightSince, d.Due, d.Misses = at.Restored, at.Now, 0
}

// MayBeSentElsewhere reports whether another process may have sent the message. Besides
// the case of MayBeDoneElsewhere, that is possible if the message was written before the
// restore and the store received it later, or if it was found by a backfill.
func MayBeSentElsewhere(m *bridge.MessageRecord, at bridge.Instant) bool {
	switch {
	case m.State != bridge.StateReady:
		return false
	case m.Backfilled && m.CheckedAt.IsZero():
		return true
	default:
		return !checkedSinceRestore(&m.Delivery, at) && (WrittenAt(m).Before(at.Restored) || MayBeDoneElsewhere(&m.Delivery, at))
	}
}

// RequireMessageLookup schedules a look-up of the message. A backfilled message can only
// have been sent before the store was opened.
func RequireMessageLookup(m *bridge.MessageRecord, at bridge.Instant) {
	RequireLookup(&m.Delivery, at)
	if m.CorrectionOf == "" { // a correction has no reaction of its own
		ReadAgain(&m.Reaction, at)
	}
	if m.Backfilled {
		m.InFlightSince = at.Opened
	}
	if !m.InFlightSince.Before(m.CheckedAt) { // keep it recognizable for NotBegunHere
		m.InFlightSince = m.CheckedAt.Add(-time.Nanosecond)
	}
	m.Touch()
}

// NotBegunHere reports whether this store never began to send the in-flight message: it
// is looked up only because another process may have sent it.
func NotBegunHere(m *bridge.MessageRecord) bool {
	return m.State == bridge.StateInFlight && m.InFlightSince.Before(m.CheckedAt)
}

// OneLookUpIsEnough reports whether no other process can have sent a backfilled message,
// as far as this store can tell. Then the message is either in the timeline already or
// will never be.
func OneLookUpIsEnough(m *bridge.MessageRecord, at bridge.Instant) bool {
	return m.Backfilled && NotBegunHere(m) && !at.AloneSince.IsZero() && WrittenAt(m).After(at.AloneSince)
}

// BroughtBySocket records that Socket Mode delivered a message that the backfill had
// found first. It isn't called for edits. Slack redelivers only what no process has
// acknowledged, so no other process has the message and the look-up isn't needed.
func BroughtBySocket(m *bridge.MessageRecord, at bridge.Instant) {
	if !m.Backfilled || !m.Waiting() {
		return
	}
	m.Backfilled = false
	m.Touch()
	ready := *m
	ready.State, ready.CheckedAt = bridge.StateReady, time.Time{}
	if NotBegunHere(m) && !MayBeSentElsewhere(&ready, at) {
		m.State, m.Fault, m.InFlightSince, m.Misses, m.Due = bridge.StateReady, "", time.Time{}, 0, at.Now
	}
}
