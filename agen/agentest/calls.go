package agentest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/agenbridge/agenbridge/agen"
)

// handle applies the request and returns the regular answer. The lock is held.
func (s *Server) handle(x *exchange) response {
	if x.record.Call == CallUnknown {
		return errorResponse(http.StatusNotFound, "no such call")
	}
	if x.record.Workspace == "" {
		return errorResponse(http.StatusUnauthorized, "unknown API key")
	}
	switch x.record.Call {
	case CallSend:
		return s.send(x)
	case CallEvents:
		return s.timeline(x)
	case CallCreate:
		return s.create(x)
	case CallList:
		return s.list(x)
	case CallUnknown:
	}
	return errorResponse(http.StatusNotFound, "no such call")
}

// visibleSession returns the request's session, nil if there is none in the workspace of its key.
func (s *Server) visibleSession(x *exchange) *session {
	ses := s.sessions[x.record.Session]
	if ses == nil || ses.workspace != x.record.Workspace {
		return nil
	}
	return ses
}

// send stores a message. Sending it twice makes two events, also with the same client_id.
func (s *Server) send(x *exchange) response {
	ses := s.visibleSession(x)
	if ses == nil {
		return errorResponse(http.StatusNotFound, "session not found")
	}
	var body struct {
		Message  *string `json:"message"`
		ClientID *string `json:"client_id"`
	}
	if err := json.Unmarshal(x.body, &body); err != nil || body.Message == nil || *body.Message == "" {
		return errorResponse(http.StatusBadRequest, "message is required")
	}
	e := UserMessage(*body.Message)
	e.Status = s.initialStatus(ses)
	if body.ClientID != nil && !x.fault.DropClientID {
		e.ClientID = *body.ClientID
	}
	e = s.addEvent(ses, e)
	x.record.Applied = append(x.record.Applied, e.ID)
	s.startNext(ses)
	return okEvent(&e)
}

// timeline answers with all events.
func (s *Server) timeline(x *exchange) response {
	ses := s.visibleSession(x)
	if ses == nil {
		return errorResponse(http.StatusNotFound, "session not found")
	}
	a := response{status: http.StatusOK, header: http.Header{}}
	if s.cfg.ETags {
		etag := `"` + strconv.Itoa(ses.version) + `"`
		a.header.Set("ETag", etag)
		if x.r.Header.Get("If-None-Match") == etag {
			x.undocumented = true // ETags are not documented
			a.status = http.StatusNotModified
			return a
		}
	}
	cached := &ses.encoding
	if cached.body == nil || cached.version != ses.version {
		fresh, err := encodeTimeline(ses)
		if err != nil { // a test added a payload that is not JSON
			return errorResponse(http.StatusInternalServerError, err.Error())
		}
		*cached = fresh
	}
	x.undocumented = x.undocumented || cached.undocumented
	a.body = cached.body
	if x.fault.Reorder {
		parts := make([][]byte, len(ses.events))
		for i, e := range ses.events {
			parts[i] = e.encoded
		}
		s.random.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		a.body = joinArray(parts)
	}
	return a
}

// encodedTimeline is a cached encoding of a timeline, which is read far more often than it changes. Its body is read only.
type encodedTimeline struct {
	version      int
	body         []byte
	undocumented bool
}

// encodeTimeline encodes the events that have changed and joins them with the others.
func encodeTimeline(ses *session) (encodedTimeline, error) {
	w := encodedTimeline{version: ses.version}
	parts := make([][]byte, len(ses.events))
	for i, e := range ses.events {
		w.undocumented = w.undocumented || !isDocumented(&e.event)
		if e.encoded == nil {
			body, err := encodeEvent(&e.event)
			if err != nil {
				return encodedTimeline{}, err
			}
			e.encoded = body
		}
		parts[i] = e.encoded
	}
	w.body = joinArray(parts)
	return w, nil
}

// create opens a session.
func (s *Server) create(x *exchange) response {
	var body map[string]json.RawMessage
	if err := json.Unmarshal(x.body, &body); err != nil || body["branch_name"] == nil {
		return errorResponse(http.StatusBadRequest, "branch_name is required")
	}
	info := agen.Session{AutoCommit: x.record.SessionOptions.AutoCommit, Model: x.record.SessionOptions.Model}
	if branch := x.record.SessionOptions.Branch; branch != nil {
		info.BranchName = *branch
	}
	info = s.openSession(x.record.Workspace, info)
	x.record.Applied = append(x.record.Applied, info.ID)
	return ok(toSessionJSON(&info))
}

// list answers with the workspace's sessions, newest first, in one page and without filters.
func (s *Server) list(x *exchange) response {
	page := pageJSON{Items: []sessionJSON{}}
	for _, id := range slices.Backward(s.order) {
		if ses := s.sessions[id]; ses.workspace == x.record.Workspace {
			page.Items = append(page.Items, toSessionJSON(&ses.info))
		}
	}
	return ok(page)
}

// okEvent answers 200 with an event, or 500 if a test gave it a payload that is not JSON.
func okEvent(e *agen.Event) response {
	body, err := encodeEvent(e)
	if err != nil {
		return errorResponse(http.StatusInternalServerError, err.Error())
	}
	return response{status: http.StatusOK, body: body}
}

// ok answers 200 with v, which can always be encoded.
func ok(v any) response {
	body, err := json.Marshal(v)
	if err != nil {
		return errorResponse(http.StatusInternalServerError, err.Error())
	}
	return response{status: http.StatusOK, body: body}
}

// isDocumented reports whether the API description allows an event.
func isDocumented(e *agen.Event) bool {
	p := bytes.TrimSpace(e.Payload)
	if !e.Type.Known() || !isDocumentedStatus(e.Status) || len(p) > 0 && p[0] != '{' {
		return false
	}
	if e.Type != agen.EventUserMessage {
		return true
	}
	_, ok := e.UserMessage()
	return ok && e.Lookup("type") == string(agen.EventUserMessage)
}

// isDocumentedStatus reports whether the API documents the status.
func isDocumentedStatus(s agen.Status) bool {
	switch s {
	case agen.StatusCompleted, agen.StatusQueued, agen.StatusProcessing, agen.StatusCanceled:
		return true
	}
	return false
}
