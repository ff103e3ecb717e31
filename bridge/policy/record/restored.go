package record

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// FreshFor bounds the age at which the first message of a thread is taken for new: no
// process can have opened a session for it before.
const FreshFor = time.Minute

// FirstOfThread reports whether no process can have opened a session for the message:
// it was accepted as soon as it was written, and it was written after the last
// restoration of the store.
func FirstOfThread(m *bridge.MessageRecord, at bridge.Instant) bool {
	return m.Root && !m.Backfilled && m.Accepted.Sub(WrittenAt(m)) < FreshFor && !WrittenAt(m).Before(at.Restored)
}

// MayBeDoneElsewhere reports whether the delivery may have been made by the process
// that used the store before an old copy of it was restored.
func MayBeDoneElsewhere(d *bridge.Delivery, at bridge.Instant) bool {
	return d.State == bridge.StateReady && !checkedSinceRestore(d, at) && !d.Accepted.After(at.Restored)
}

// checkedSinceRestore reports whether no look-up is needed, because the store was never
// restored or the delivery was looked up after that.
func checkedSinceRestore(d *bridge.Delivery, at bridge.Instant) bool {
	return at.Restored.IsZero() || d.CheckedAt.After(at.Restored)
}

// RequireLookup has the delivery looked up before anything else happens to it. If it
// was made, the call began before the copy was restored.
func RequireLookup(d *bridge.Delivery, at bridge.Instant) {
	d.State, d.Fault, d.CheckedAt = bridge.StateInFlight, bridge.ClassUnsure, at.Now
	d.InFlightSince, d.Due, d.Misses = at.Restored, at.Now, 0
}

// MayBeSentElsewhere reports the same of a message. It may also be one that was written
// before the restoration and that this store learned of later, or one that a backfill
// found.
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

// RequireMessageLookup has the message looked up. A message that the backfill found can
// only have been sent before this opening of the store.
func RequireMessageLookup(m *bridge.MessageRecord, at bridge.Instant) {
	RequireLookup(&m.Delivery, at)
	if m.CorrectionOf == "" { // a correction has no reaction of its own
		ReadAgain(&m.Reaction, at)
	}
	if m.Backfilled {
		m.InFlightSince = at.Opened
	}
	if !m.InFlightSince.Before(m.CheckedAt) { // as if it had been begun here
		m.InFlightSince = m.CheckedAt.Add(-time.Nanosecond)
	}
	m.Touch()
}

// NotBegunHere reports whether a message in flight is only looked up because somebody else
// may have sent it.
func NotBegunHere(m *bridge.MessageRecord) bool {
	return m.State == bridge.StateInFlight && m.InFlightSince.Before(m.CheckedAt)
}

// OneLookUpIsEnough reports whether nobody else can have sent a message that the backfill
// found, as far as this store can tell: the timeline has it at once, or never.
func OneLookUpIsEnough(m *bridge.MessageRecord, at bridge.Instant) bool {
	return m.Backfilled && NotBegunHere(m) && !at.AloneSince.IsZero() && WrittenAt(m).After(at.AloneSince)
}

// BroughtBySocket notes that a socket brings a message, and not an edit of it, that the
// backfill found first. Slack delivers again only what nobody acknowledged, so the
// backfill's look-up is over.
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
