package relay

import (
	"errors"
	"net/http"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
)

// agenFault converts an error of Agen's client to a Fault.
func agenFault(err error) error {
	if err == nil {
		return nil
	}
	var e *agen.Error
	if !errors.As(err, &e) {
		return &bridge.Fault{Class: bridge.ClassTemporary, Remote: bridge.ToAgen, Err: err}
	}
	class := bridge.ClassTemporary
	switch e.Class {
	case agen.ClassRateLimited:
		class = bridge.ClassRateLimited
	case agen.ClassUnsure:
		class = bridge.ClassUnsure
	case agen.ClassConflict:
		class = bridge.ClassConflict
	case agen.ClassNotFound:
		class = bridge.ClassNotFound
	case agen.ClassUnauthorized:
		class = bridge.ClassUnauthorized
	case agen.ClassForbidden:
		class = bridge.ClassForbidden
	case agen.ClassRejected:
		class = bridge.ClassRejected
	case agen.ClassTemporary:
	}
	tooLong := e.HTTPStatus == http.StatusRequestEntityTooLarge || e.HTTPStatus == http.StatusUnprocessableEntity
	return &bridge.Fault{Class: class, Remote: bridge.ToAgen, TooLong: tooLong, Wait: e.RetryAfter, Reason: e.Message, Err: err}
}
