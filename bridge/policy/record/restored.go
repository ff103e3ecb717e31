package record

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// FreshFor is how long after it was written the first message of a thread can
// only be the first: nothing stands below it.
const FreshFor = time.Minute

// FirstOfThread reports whether nobody can have opened a session for the message: it
// came as soon as it was written, and whoever used the store before an old copy
// of it was put back did not live to see it.
func FirstOfThread(m *bridge.MessageRecord, at bridge.Instant) bool {
	return m.Root && !m.Backfilled && m.Accepted.Sub(WrittenAt(m)) < FreshFor && !WrittenAt(m).Before(at.Restored)
}

// MayBeDoneElsewhere reports whether the delivery may have been done by whoever used the
// store before an old copy of it was put back.
func MayBeDoneElsewhere(d *bridge.Delivery, at bridge.Instant) bool {
	return d.State == bridge.StateReady && !checkedSinceRestore(d, at) && !d.Accepted.After(at.Restored)
}

// checkedSinceRestore reports whether the delivery need not be looked up, or was after the
// store was last restored.
func checkedSinceRestore(d *bridge.Delivery, at bridge.Instant) bool {
	return at.Restored.IsZero() || d.CheckedAt.After(at.Restored)
}

// RequireLookup has it looked up before anything else happens to it. If it was done,
// it was begun before the copy was put back.
func RequireLookup(d *bridge.Delivery, at bridge.Instant) {
	d.State, d.Fault, d.CheckedAt = bridge.StateInFlight, bridge.ClassUnsure, at.Now
	d.InFlightSince, d.Due, d.Misses = at.Restored, at.Now, 0
}

// MayBeSentElsewhere reports the same of a message, also of one that this store does not
// know from then but that was written before, and of one that a sweep found.
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

// RequireMessageLookup has the message looked up. Whoever may have sent one that the
// backfill found did so before this opening of the store.
func RequireMessageLookup(m *bridge.MessageRecord, at bridge.Instant) {
	RequireLookup(&m.Delivery, at)
	if m.CorrectionOf == "" { // a correction shows nothing of its own
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
