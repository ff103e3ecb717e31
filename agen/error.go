package agen

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Class says what a failed call means and what can be done about it. It is itself an error, so that
// errors.Is(err, agen.ClassUnsure) works on every error of this package.
//
// The API documents neither status codes nor error bodies. The meanings are this package's cautious reading of HTTP
// (https://www.rfc-editor.org/rfc/rfc9110#section-15).
type Class string

// The classes. Every error of a call has exactly one.
const (
	// ClassTemporary means that nothing was applied, for certain, or that the call was a read: try again.
	ClassTemporary Class = "temporary"
	// ClassRateLimited means that nothing was applied because the key makes too many calls (429): try again after
	// Error.RetryAfter.
	ClassRateLimited Class = "rate_limited"
	// ClassUnsure means that a send or a create may have been applied, or may still be applied: find out before
	// repeating it.
	ClassUnsure Class = "unsure"
	// ClassConflict means that Agen refused a send with 409. Agen may already have the message, or the session can't
	// take one; the timeline tells which.
	ClassConflict Class = "conflict"
	// ClassNotFound means 404: the session doesn't exist, or a gateway has no backend at the moment.
	ClassNotFound Class = "not_found"
	// ClassUnauthorized means that the key is wrong: 401, or a key that no header can carry.
	ClassUnauthorized Class = "unauthorized"
	// ClassForbidden means that the key is not allowed to do this (403).
	ClassForbidden Class = "forbidden"
	// ClassRejected means that repeating the call can't help: an invalid argument, another 4xx, or any 3xx.
	ClassRejected Class = "rejected"
)

// Error returns the class's name.
func (c Class) Error() string { return string(c) }

// ErrNotModified is returned by Timeline when nothing has changed since the ETag that was passed.
var ErrNotModified = errors.New("agen: timeline not modified")

// Error is the failure of one call. errors.Is finds its Class, and the context's error and cause if the context ended
// the call.
type Error struct {
	// Op names the call: "send message", "read events", "create session", "list sessions".
	Op string
	// HTTPStatus is the status of the answer, 0 if there was none.
	HTTPStatus int
	// Class says what the failure means.
	Class Class
	// Message is the reason as Agen words it, one line of at most 300 characters, without the key. It may repeat what was
	// sent. Without a usable answer it is in words of our own.
	Message string
	// RetryAfter is how long Agen asked to wait, 0 if it didn't.
	RetryAfter time.Duration

	contextErrs []error // the context's error and cause, if the context ended the call
}

// Error returns one line: the call, the status, the reason and the class. It leaves the reason out if Agen worded it,
// because that may repeat what was sent, and errors are logged.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("agen: " + e.Op)
	if e.HTTPStatus != 0 {
		b.WriteString(": " + strconv.Itoa(e.HTTPStatus))
	}
	if e.Message != "" && (e.HTTPStatus == 0 || e.HTTPStatus == http.StatusOK) {
		b.WriteString(": " + e.Message)
	}
	fmt.Fprintf(&b, " (%s)", string(e.Class))
	return b.String()
}

// Unwrap returns the class and, if the context ended the call, the context's error and cause.
func (e *Error) Unwrap() []error { return append([]error{e.Class}, e.contextErrs...) }
