package bridge

import (
	"errors"
	"time"
)

// FaultClass says what a failure means for what was being tried. It is an error,
// so that errors.Is(err, bridge.ClassRateLimited) asks for it, and it is the label
// of a metric.
type FaultClass string

// Error makes a class an error of its own.
func (c FaultClass) Error() string { return string(c) }

// Label is the class as metrics and logs name it. The store keeps some classes
// under older words.
func (c FaultClass) Label() string {
	switch c {
	case ClassRateLimited:
		return "rate_limited"
	case ClassNotFound:
		return "not_found"
	case ClassNotInChannel:
		return "not_in_channel"
	case ClassPanic:
		return "panic"
	case HoldNoThread:
		return "no_thread"
	case HoldStale:
		return "stale"
	case HoldNoRoute:
		return "no_route"
	default:
		return string(c)
	}
}

// The classes of failure.
const (
	// ClassTemporary: certainly not done; it may work later.
	ClassTemporary FaultClass = "temporary"
	// ClassRateLimited: certainly not done; the remote said how long to wait.
	ClassRateLimited FaultClass = "rate-limited"
	// ClassRejected: certainly not done, and it never will be.
	ClassRejected FaultClass = "rejected"
	// ClassUnauthorized: the credential is refused; nothing of that side works.
	ClassUnauthorized FaultClass = "unauthorized"
	// ClassUnsure: it may have been done; it has to be looked up first.
	ClassUnsure FaultClass = "unsure"
	// ClassNotFound: what it concerns is not there (any more).
	ClassNotFound FaultClass = "missing"
	// ClassConflict: the session refused it, perhaps because it has it already.
	ClassConflict FaultClass = "conflict"
	// HoldNoThread: it was said in a thread that was not started after all. When
	// that is mended it is for the agent again.
	HoldNoThread FaultClass = "unseated"
	// HoldStale: a message was found so late that a person is asked whether it is
	// still wanted.
	HoldStale FaultClass = "overdue"
	// HoldStopped: somebody wished to stop before the message was sent. A person
	// decides on it.
	HoldStopped FaultClass = "stopped"
	// HoldNoRoute: the thread belongs to an Agen workspace that is not set up any
	// more, and no other may have what is said in it.
	HoldNoRoute FaultClass = "unrouted"
	// ClassNotInChannel: certainly not done; we are not in the channel any more.
	ClassNotInChannel FaultClass = "absent"
	// ClassForbidden: certainly not done; this session, or the whole credential.
	ClassForbidden FaultClass = "forbidden"
	// ClassPanic: a bug of ours stopped it; where a request may have left before
	// that, it is looked up.
	ClassPanic FaultClass = "broken"
)

// Fault is a classified failure. Its text never holds a secret or what a
// person said.
type Fault struct {
	// Class is what the failure means.
	Class FaultClass
	// Wait is how long the remote asked to be left alone; 0 when it didn't.
	Wait time.Duration
	// Reason is the remote's own words, on one line and bounded, for the note
	// in the thread; empty when there are none.
	Reason string
	// Err is the cause.
	Err error
}

// Error implements error.
func (f *Fault) Error() string {
	if f.Err == nil {
		return string(f.Class)
	}
	return f.Err.Error()
}

// Unwrap yields the class and the cause.
func (f *Fault) Unwrap() []error { return []error{f.Class, f.Err} }

// classOf returns the class of err. What carries none came from ourselves or
// from a network before anything left: it is Temporary.
func classOf(err error) FaultClass {
	var c FaultClass
	if errors.As(err, &c) {
		return c
	}
	return ClassTemporary
}

// waitOf returns how long err asks to wait, 0 when it doesn't say.
func waitOf(err error) time.Duration {
	var f *Fault
	if errors.As(err, &f) {
		return f.Wait
	}
	return 0
}

// reasonOf returns the remote's own words in err.
func reasonOf(err error) string {
	var f *Fault
	if errors.As(err, &f) {
		return f.Reason
	}
	return ""
}
