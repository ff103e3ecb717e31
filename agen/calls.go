package agen

import (
	"context"
	"errors"
	"fmt"
)

const sessionsPath = "/api/v1/sessions"

// Limits on the answers to the calls that don't stream, in bytes.
const (
	maxSessionBytes = 1 << 20
	maxPageBytes    = 32 << 20
)

// SendMessage gives a message to a session's agent and returns the stored event, whose Status says whether the agent
// is on it or the message waits. The message has at least one character and at most MaxMessageBytes bytes. clientID
// comes back in the event and in the timeline; empty sends none. It is not documented to make a send idempotent.
//
// The error is an *Error. ClassTemporary and ClassRateLimited: it was not applied. ClassUnsure: it may have been, or may still be, also
// when the answer can't be read or has no event id. ClassConflict, ClassNotFound, ClassUnauthorized, ClassForbidden, ClassRejected: it was not.
//
// Source: https://docs.agenhq.com, "Send a user message to the agent in a session".
func (c *Client) SendMessage(ctx context.Context, sessionID, message, clientID string) (Event, error) {
	path, err := sessionPath(callSend, sessionID, "/messages")
	if err != nil {
		return Event{}, err
	}
	if message == "" {
		return Event{}, callSend.invalid("the message is empty")
	}
	if len(message) > MaxMessageBytes {
		return Event{}, callSend.invalid(fmt.Sprintf("the message has %d bytes, more than %d", len(message), MaxMessageBytes))
	}
	body, err := encode(callSend, struct {
		Message  string `json:"message"`
		ClientID string `json:"client_id,omitempty"`
	}{message, clientID})
	if err != nil {
		return Event{}, err
	}
	var e Event
	if err := c.answer(ctx, callSend, path, body, maxEventBytes, &e); err != nil {
		return Event{}, err
	}
	if e.ID == "" {
		return Event{}, callSend.unusable("the answer has no event id")
	}
	return e, nil
}

// Timeline reads a session's timeline and calls visit with one event after the other, in Agen's order, while they
// arrive; it never holds more than one. The *RawEvent is valid only until visit returns. An error of visit ends the
// reading and is returned unchanged.
//
// etag is what an earlier call returned, or empty to read in any case; if the timeline is still the same the error is
// ErrNotModified. Timeline returns the ETag of what was read, empty if Agen sent none or the reading did not get to the
// end. Keep it only after everything that was read has been processed: a later ErrNotModified means that nothing
// changed since.
//
// The error is otherwise an *Error: ClassTemporary if the timeline broke off, after visiting the events before, and ClassRejected if
// an event is larger than 16 MiB.
//
// Source: https://docs.agenhq.com, "Get the session timeline events"; ETags are not documented there and used if
// offered (https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2).
func (c *Client) Timeline(ctx context.Context, sessionID, etag string, visit func(*RawEvent) error) (string, error) {
	path, err := sessionPath(callEvents, sessionID, "/events")
	if err != nil {
		return "", err
	}
	if !sendable(etag) {
		etag = "" // not one of ours; reading everything is always right
	}
	resp, key, err := c.exchange(ctx, callEvents, path, nil, etag)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var visitErr error
	err = ReadTimeline(resp.Body, func(e *RawEvent) error {
		visitErr = visit(e)
		return visitErr
	})
	switch {
	case visitErr != nil:
		return "", visitErr
	case err != nil:
		class := ClassTemporary
		if errors.Is(err, errTooLarge) {
			class = ClassRejected
		}
		e := callEvents.failure(ctx, class, key, err)
		e.HTTPStatus = resp.StatusCode
		return "", e
	}
	closeBody(resp)
	return resp.Header.Get("ETag"), nil
}

// CreateSession opens a session in the key's workspace. An opening that ended as ClassUnsure may have left an empty
// session behind.
//
// The error is an *Error, with the classes of SendMessage except Conflict.
//
// Source: https://docs.agenhq.com, "Create sessions".
func (c *Client) CreateSession(ctx context.Context, s SessionOptions) (Session, error) {
	body, err := encode(callCreate, struct {
		BranchName *string `json:"branch_name"`
		AutoCommit bool    `json:"auto_commit"`
		Model      string  `json:"model,omitempty"`
	}{s.Branch, s.AutoCommit, s.Model})
	if err != nil {
		return Session{}, err
	}
	var session Session
	if err := c.answer(ctx, callCreate, sessionsPath, body, maxSessionBytes, &session); err != nil {
		return Session{}, err
	}
	if session.ID == "" {
		return Session{}, callCreate.unusable("the answer has no session id")
	}
	return session, nil
}

// ListSessions returns the first page of the sessions in the key's workspace. The bridge uses it to find out whether a
// key is accepted, so it asks for no other page and for no filter.
//
// The error is an *Error, ClassTemporary for every answer that can't be read.
//
// Source: https://docs.agenhq.com, "List sessions".
func (c *Client) ListSessions(ctx context.Context) ([]Session, error) {
	var page sessionPage
	if err := c.answer(ctx, callList, sessionsPath, nil, maxPageBytes, &page); err != nil {
		return nil, err
	}
	return page, nil
}

// unusable is the error for a 2xx answer to a send or a create that proves nothing.
func (c call) unusable(reason string) *Error {
	return &Error{Op: c.op, HTTPStatus: 200, Class: c.broken(), Message: reason}
}
