package agen

import (
	"context"
	"net/http"

	"github.com/agenbridge/agenbridge/agen/neterror"
)

// operation is one of the four documented calls. It decides what a failure of that call means.
type operation struct {
	name   string // for Error.Op
	method string
	writes bool // changes something at Agen, so that repeating it is not harmless
	send   bool
}

var (
	opSend   = operation{name: "send message", method: http.MethodPost, writes: true, send: true}
	opCreate = operation{name: "create session", method: http.MethodPost, writes: true}
	opEvents = operation{name: "read events", method: http.MethodGet}
	opList   = operation{name: "list sessions", method: http.MethodGet}
)

// classOfStatus returns what an HTTP status other than 2xx means for the call.
func (op operation) classOfStatus(status int) Class {
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
		return op.classWithoutAnswer()
	case status == http.StatusConflict && op.send:
		return ClassConflict
	}
	return ClassRejected
}

// classWithoutAnswer returns what it means that Agen was given the request and no usable answer came back.
func (op operation) classWithoutAnswer() Class {
	if op.writes {
		return ClassUnsure
	}
	return ClassTemporary
}

// invalidArgument returns the error for an argument that can't be sent.
func (op operation) invalidArgument(reason string) *Error {
	return &Error{Op: op.name, Class: ClassRejected, Message: reason}
}

// missingID returns the error for a 2xx answer to a send or a create that doesn't say what was created.
func (op operation) missingID(reason string) *Error {
	return &Error{Op: op.name, HTTPStatus: http.StatusOK, Class: op.classWithoutAnswer(), Message: reason}
}

// failure returns the error for a call without a usable answer. Its message is in words of our own.
func (op operation) failure(ctx context.Context, class Class, cause error) *Error {
	e := &Error{Op: op.name, Class: class, Message: neterror.Of(cause).Error()}
	if err := ctx.Err(); err != nil {
		e.Message = neterror.Of(err).Error()
		e.contextErrs = []error{err, context.Cause(ctx)}
	}
	return e
}
