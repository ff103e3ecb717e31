package agen

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/agenbridge/agenbridge/agen/neterror"
)

const sessionsPath = "/api/v1/sessions"

// MaxMessageBytes is how long a message may be, in bytes. The API documents no limit. This one makes sure that a
// message that was sent can be read back as an event of maxEventBytes, even if every byte of it is escaped.
const MaxMessageBytes = 2 << 20

// Limits on the answers that are decoded as a whole, in bytes.
const (
	maxSessionBytes = 1 << 20
	maxPageBytes    = 32 << 20
)

// SendMessage gives a message to a session's agent and returns the stored event. Its Status says whether the agent has
// started on it or the message is queued. The message has at least one character and at most MaxMessageBytes bytes.
// clientID is returned in the event and in the timeline; an empty one is not sent. It is not documented to make a send
// idempotent.
//
// The error is an *Error. With ClassTemporary and ClassRateLimited the message was not applied. With ClassUnsure it may
// have been applied, or may still be; that includes an answer that can't be read or has no event id. With every other
// class it was not applied.
//
// Source: https://docs.agenhq.com, "Send a user message to the agent in a session".
func (c *Client) SendMessage(ctx context.Context, sessionID, message, clientID string) (Event, error) {
	path, err := sessionPath(opSend, sessionID, "/messages")
	if err != nil {
		return Event{}, err
	}
	if message == "" {
		return Event{}, opSend.invalidArgument("the message is empty")
	}
	if len(message) > MaxMessageBytes {
		return Event{}, opSend.invalidArgument(fmt.Sprintf("the message has %d bytes, more than %d", len(message), MaxMessageBytes))
	}
	body, err := encodeRequest(opSend, struct {
		Message  string `json:"message"`
		ClientID string `json:"client_id,omitempty"`
	}{message, clientID})
	if err != nil {
		return Event{}, err
	}
	var e Event
	if err := c.doJSON(ctx, opSend, path, body, maxEventBytes, &e); err != nil {
		return Event{}, err
	}
	if e.ID == "" {
		return Event{}, opSend.missingID("the answer has no event id")
	}
	return e, nil
}

// Timeline reads a session's timeline and calls visit with one event after the other, in Agen's order, while they
// arrive. It never holds more than one. The *RawEvent is valid only until visit returns. An error of visit ends the
// reading and is returned unchanged.
//
// etag is what an earlier call returned, or empty to read unconditionally. If the timeline has not changed since, the
// error is ErrNotModified. Timeline returns the ETag of what was read, empty if Agen sent none or the reading did not
// get to the end. Keep it only after everything that was read has been processed, because a later ErrNotModified means
// that there is nothing new since then.
//
// The error is otherwise an *Error: ClassTemporary if the timeline broke off, after visiting the events before that,
// and ClassRejected if an event is larger than 16 MiB.
//
// Source: https://docs.agenhq.com, "Get the session timeline events". ETags are not documented there and are used if
// Agen sends them (https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2).
func (c *Client) Timeline(ctx context.Context, sessionID, etag string, visit func(*RawEvent) error) (string, error) {
	path, err := sessionPath(opEvents, sessionID, "/events")
	if err != nil {
		return "", err
	}
	if !validHeaderValue(etag) {
		etag = "" // no ETag of Agen's; reading everything is always right
	}
	resp, err := c.do(ctx, opEvents, path, nil, etag)
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
		e := opEvents.failure(ctx, class, err)
		e.HTTPStatus = resp.StatusCode
		return "", e
	}
	drainAndClose(resp)
	return resp.Header.Get("ETag"), nil
}

// CreateSession opens a session in the key's workspace. If the error has ClassUnsure, Agen may have opened a session
// that stays empty.
//
// The error is an *Error, with the classes of SendMessage except ClassConflict.
//
// Source: https://docs.agenhq.com, "Create sessions".
func (c *Client) CreateSession(ctx context.Context, o SessionOptions) (Session, error) {
	body, err := encodeRequest(opCreate, struct {
		BranchName *string `json:"branch_name"`
		AutoCommit bool    `json:"auto_commit"`
		Model      string  `json:"model,omitempty"`
	}{o.Branch, o.AutoCommit, o.Model})
	if err != nil {
		return Session{}, err
	}
	var session Session
	if err := c.doJSON(ctx, opCreate, sessionsPath, body, maxSessionBytes, &session); err != nil {
		return Session{}, err
	}
	if session.ID == "" {
		return Session{}, opCreate.missingID("the answer has no session id")
	}
	return session, nil
}

// ListSessions returns the first page of the sessions in the key's workspace. Its callers want to know whether the key
// is accepted, so there is no way to ask for another page or to filter.
//
// The error is an *Error, ClassTemporary for every answer that can't be read.
//
// Source: https://docs.agenhq.com, "List sessions".
func (c *Client) ListSessions(ctx context.Context) ([]Session, error) {
	var page sessionPage
	if err := c.doJSON(ctx, opList, sessionsPath, nil, maxPageBytes, &page); err != nil {
		return nil, err
	}
	return page, nil
}

// sessionPath returns the path of a call on a session. "." and ".." are refused because servers resolve them as steps
// in the path, even if they are escaped.
func sessionPath(op operation, sessionID, rest string) (string, error) {
	if sessionID == "" || sessionID == "." || sessionID == ".." {
		return "", op.invalidArgument("the session id is empty, . or ..")
	}
	return sessionsPath + "/" + url.PathEscape(sessionID) + rest, nil
}

// encodeRequest encodes a request body.
func encodeRequest(op operation, v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, op.invalidArgument(neterror.Of(err).Error())
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
