package bridge

import (
	"errors"
	"time"
)

// FaultClass says what a failure means for the call that failed. It is an error, so
// that errors.Is(err, bridge.ClassRateLimited) works, and it is the label value of a
// metric.
type FaultClass string

// Error makes a class an error of its own.
func (c FaultClass) Error() string { return string(c) }

// The classes of failure.
const (
	// ClassTemporary: certainly not done; it may work later.
	ClassTemporary FaultClass = "temporary"
	// ClassRateLimited: certainly not done; the remote said how long to wait.
	ClassRateLimited FaultClass = "rate_limited"
	// ClassRejected: certainly not done, and it never will be.
	ClassRejected FaultClass = "rejected"
	// ClassUnauthorized: the credential is refused; no call to that remote works.
	ClassUnauthorized FaultClass = "unauthorized"
	// ClassUnsure: it may have been done; it has to be looked up first.
	ClassUnsure FaultClass = "unsure"
	// ClassNotFound: the session, message or post of the call is not there (any more).
	ClassNotFound FaultClass = "not_found"
	// ClassConflict: the session refused it, perhaps because it has got it already.
	ClassConflict FaultClass = "conflict"
	// ClassNoRoute: certainly not done; the thread's Agen workspace is not
	// configured any more.
	ClassNoRoute FaultClass = "no_route"
	// ClassNotInChannel: certainly not done; the bot is not in the channel any more.
	ClassNotInChannel FaultClass = "not_in_channel"
	// ClassBlocked: certainly not done; Slack doesn't allow it there for now, for
	// example because the channel is archived. People can change that.
	ClassBlocked FaultClass = "blocked"
	// ClassFormRefused: certainly not done, and never will be in this form. The
	// words can still be shown as plain text.
	ClassFormRefused FaultClass = "form_refused"
	// ClassThreadDeleted: the thread isn't in Slack any more.
	ClassThreadDeleted FaultClass = "thread_deleted"
	// ClassForbidden: certainly not done; the credential may not use this session, or
	// may do nothing at all.
	ClassForbidden FaultClass = "forbidden"
	// ClassPanic: a bug of ours stopped it; where a request may have left before
	// that, it is looked up.
	ClassPanic FaultClass = "panic"
)

// Fault is a classified failure. Its text never holds a secret or message text.
type Fault struct {
	// Class is what the failure means.
	Class FaultClass
	// TooLong: the remote refused what was sent for its length, or as invalid, which can
	// mean its length.
	TooLong bool
	// Remote is the system that failed; empty if we did ourselves.
	Remote Remote
	// Wait is how long the remote asked to be left alone; 0 if it didn't ask.
	Wait time.Duration
	// Reason is the remote's own error message, on one line and bounded, for the note
	// in the thread; empty if there is none.
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

// ClassOf returns the class of err. An error without one came from this process, or
// from the network before anything was sent: it is ClassTemporary.
func ClassOf(err error) FaultClass {
	var c FaultClass
	if errors.As(err, &c) {
		return c
	}
	return ClassTemporary
}

// WaitOf returns how long err asks to wait; 0 if it doesn't say.
func WaitOf(err error) time.Duration {
	var f *Fault
	if errors.As(err, &f) {
		return f.Wait
	}
	return 0
}

// IsTooLong reports whether err can mean that what was sent is too long.
func IsTooLong(err error) bool {
	var f *Fault
	return errors.As(err, &f) && f.TooLong
}

// RemoteOf returns the system that failed; empty if err doesn't say.
func RemoteOf(err error) Remote {
	var f *Fault
	if errors.As(err, &f) {
		return f.Remote
	}
	return ""
}

// ReasonOf returns the remote's own error message in err.
func ReasonOf(err error) string {
	var f *Fault
	if errors.As(err, &f) {
		return f.Reason
	}
	return ""
}

// ErrStopped is the cause of a step's context that ended because the process is
// shutting down. The interrupted step doesn't count as an attempt.
var ErrStopped = errors.New("stopped in the middle of a step")
