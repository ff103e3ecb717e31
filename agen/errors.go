package agen

import (
	"context"
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
// The API documents neither status codes nor error bodies; the meanings are this package's reading of HTTP
// (https://www.rfc-editor.org/rfc/rfc9110#section-15), on the careful side.
type Class string

// The classes. Every error of a call has exactly one.
const (
	// ClassTemporary means that nothing was done, for certain, or that the call was a read: try again.
	ClassTemporary Class = "temporary"
	// ClassRateLimited means that nothing was done because the key calls too often (429): try again after
	// Error.RetryAfter.
	ClassRateLimited Class = "rate_limited"
	// ClassUnsure means that a send or a create may have been applied, or may still be: look before repeating it.
	ClassUnsure Class = "unsure"
	// ClassConflict means that Agen refused a send with 409: it may already have the message, or the session can't take
	// one; the timeline tells.
	ClassConflict Class = "conflict"
	// ClassNotFound means 404: there is no such session, or a gateway has no one to ask for the moment.
	ClassNotFound Class = "not_found"
	// ClassUnauthorized means that the key is wrong (401, or it holds characters that no header can carry).
	ClassUnauthorized Class = "unauthorized"
	// ClassForbidden means that the key may not do this (403).
	ClassForbidden Class = "forbidden"
	// ClassRejected means that repeating the call is no use: an invalid argument, another 4xx, or any 3xx.
	ClassRejected Class = "rejected"
)

// Error returns the class's name.
func (c Class) Error() string { return string(c) }

// ErrNotModified is returned by Timeline when nothing changed since the ETag that was passed.
var ErrNotModified = errors.New("agen: timeline not modified")

// Error is the failure of one call. errors.Is finds its Class, and the context's error (and its cause) when the
// context ended the call.
type Error struct {
	// Op says what was being done: "send message", "read events", "create session", "list sessions".
	Op string
	// HTTPStatus is the status of the answer, 0 when there was none.
	HTTPStatus int
	// Class says what it means.
	Class Class
	// Message is the reason in Agen's words or, without an answer, the network's: one line, at most 300 characters,
	// never with the key in it.
	Message string
	// RetryAfter is how long Agen asked to wait; 0 when it didn't say.
	RetryAfter time.Duration

	context []error // what the context ended with, when that was the cause
}

// Error returns one line: what was done, the status, and the reason where it is not in Agen's words: those may repeat
// what was sent, and errors are logged.
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

// Unwrap returns the class and, when the context ended the call, the context's error and cause.
func (e *Error) Unwrap() []error { return append([]error{e.Class}, e.context...) }

// call is one of the four documented calls.
type call struct {
	op     string // for Error.Op
	method string
	writes bool // repeating it is not harmless
	send   bool
}

var (
	callSend   = call{op: "send message", method: http.MethodPost, writes: true, send: true}
	callCreate = call{op: "create session", method: http.MethodPost, writes: true}
	callEvents = call{op: "read events", method: http.MethodGet}
	callList   = call{op: "list sessions", method: http.MethodGet}
)

// class says what an HTTP status means for the call. It is not asked for 2xx.
func (c call) class(status int) Class {
	switch {
	case status == http.StatusUnauthorized:
		return ClassUnauthorized
	case status == http.StatusForbidden:
		return ClassForbidden
	case status == http.StatusNotFound:
		return ClassNotFound
	case status == http.StatusTooManyRequests:
		return ClassRateLimited
	case status == http.StatusTooEarly: // the server was "unwilling to risk processing" it, RFC 8470 section 5.2
		return ClassTemporary
	case status == http.StatusRequestTimeout || status >= 500:
		return c.broken()
	case status == http.StatusConflict && c.send:
		return ClassConflict
	}
	return ClassRejected
}

// broken says what it means that the call broke after it had begun to leave.
func (c call) broken() Class {
	if c.writes {
		return ClassUnsure
	}
	return ClassTemporary
}

// invalid is the error for an argument that can't be sent.
func (c call) invalid(reason string) *Error { return &Error{Op: c.op, Class: ClassRejected, Message: reason} }

// failure is the error for a call that ended without a usable answer.
func (c call) failure(ctx context.Context, class Class, key string, cause error) *Error {
	e := &Error{Op: c.op, Class: class, Message: oneLine(cause.Error(), key)}
	if err := ctx.Err(); err != nil {
		e.context = []error{err}
		if why := context.Cause(ctx); !errors.Is(why, err) {
			e.context = append(e.context, why)
			e.Message = oneLine(why.Error(), key)
		}
	}
	return e
}

// retryAfter reads a Retry-After header, in seconds or as an HTTP date
// (https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3). It is 0 for anything else, and at most a day.
func retryAfter(h http.Header, now time.Time) time.Duration {
	const longest = 24 * time.Hour
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil {
		return time.Duration(min(seconds, uint64(longest/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0 // absent or unreadable: the caller has its own backoff
	}
	// Dates have whole seconds; being early is what they are there to prevent.
	return min(max(0, at.Sub(now)), longest)
}
