package agentest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/agenbridge/agenbridge/agen"
)

// AddSession opens a session as if a user had opened it in the Agen app. Empty fields get default values. An empty
// workspace means that of the first key in alphabetical order.
func (s *Server) AddSession(workspace string, info agen.Session) agen.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if workspace == "" {
		workspace = s.firstWorkspace()
	}
	return s.openSession(workspace, info)
}

// DeleteSession deletes a session, whose calls are answered with 404 from then on.
func (s *Server) DeleteSession(sessionID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.session(sessionID); err != nil {
		return err
	}
	delete(s.sessions, sessionID)
	s.order = slices.DeleteFunc(s.order, func(id string) bool { return id == sessionID })
	s.notify()
	return nil
}

// SetBusy makes the agent of a session busy with something else: new messages are queued, and the agent starts on none
// until SetBusy is called with false.
func (s *Server) SetBusy(sessionID string, busy bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ses, err := s.session(sessionID)
	if err != nil {
		return err
	}
	ses.busy = busy
	s.startNext(ses)
	s.notify()
	return nil
}

// AddEvent adds an event at the end of a session's timeline and returns it as stored. An empty ID, SessionID, CreatedAt,
// UpdatedAt or Status ("completed") is filled in. Type, status and payload can have any value.
func (s *Server) AddEvent(sessionID string, e agen.Event) (agen.Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ses, err := s.session(sessionID)
	if err != nil {
		return agen.Event{}, err
	}
	e = s.addEvent(ses, e)
	s.startNext(ses)
	return e, nil
}

// UpdateEvent changes an event in place, with a new UpdatedAt unless change sets one. change is called with the
// server's lock held: it must not call the Server.
func (s *Server) UpdateEvent(sessionID, eventID string, change func(*agen.Event)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ses, err := s.session(sessionID)
	if err != nil {
		return err
	}
	for _, e := range ses.events {
		if e.event.ID == eventID {
			s.changeEvent(ses, e, change)
			s.startNext(ses)
			return nil
		}
	}
	return fmt.Errorf("agentest: session %q has no event %q", sessionID, eventID)
}

// SetStatus changes the status of an event.
func (s *Server) SetStatus(sessionID, eventID string, status agen.Status) error {
	return s.UpdateEvent(sessionID, eventID, func(e *agen.Event) { e.Status = status })
}

// Sessions returns all sessions, oldest first.
func (s *Server) Sessions() []agen.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []agen.Session
	for _, id := range s.order {
		all = append(all, s.sessions[id].info)
	}
	return all
}

// Timeline returns the events of a session in the order in which they were added; nil if there is no such session.
func (s *Server) Timeline(sessionID string) []agen.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	ses := s.sessions[sessionID]
	if ses == nil {
		return nil
	}
	all := make([]agen.Event, len(ses.events))
	for i, e := range ses.events {
		all[i] = cloneEvent(e.event)
	}
	return all
}

// Messages returns the user messages of a session, in the order in which they were added.
func (s *Server) Messages(sessionID string) []agen.Event {
	return slices.DeleteFunc(s.Timeline(sessionID), func(e agen.Event) bool { return e.Type != agen.EventUserMessage })
}

// session returns a session by its id. The lock is held.
func (s *Server) session(id string) (*session, error) {
	if ses := s.sessions[id]; ses != nil {
		return ses, nil
	}
	return nil, fmt.Errorf("agentest: no session %q", id)
}

// openSession adds a session. The lock is held.
func (s *Server) openSession(workspace string, info agen.Session) agen.Session {
	fill := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	if info.ID == "" {
		info.ID = s.newID("ses")
	}
	fill(&info.Title, "New session")
	fill(&info.WorkspaceID, workspace)
	fill(&info.UserID, "user_1")
	fill(&info.Status, "active")
	fill(&info.AgentStatus, "idle")
	fill(&info.Origin, "api")
	fill(&info.CreatedAt, now())
	fill(&info.UpdatedAt, info.CreatedAt)
	if s.sessions[info.ID] == nil {
		s.order = append(s.order, info.ID)
	}
	s.sessions[info.ID] = &session{info: info, workspace: workspace}
	s.notify()
	return info
}

// addEvent stores an event. The lock is held.
func (s *Server) addEvent(ses *session, e agen.Event) agen.Event {
	e = cloneEvent(e)
	if e.ID == "" {
		e.ID = s.newID("ev")
	}
	if e.SessionID == "" {
		e.SessionID = ses.info.ID
	}
	if e.Status == "" {
		e.Status = agen.StatusCompleted
	}
	if e.Payload == nil {
		e.Payload = json.RawMessage(`{}`)
	}
	if e.CreatedAt == "" {
		e.CreatedAt = now()
	}
	if e.UpdatedAt == "" {
		e.UpdatedAt = e.CreatedAt
	}
	ses.events = append(ses.events, &storedEvent{event: e})
	ses.version++
	s.notify()
	return cloneEvent(e)
}

// cloneEvent returns a copy that shares no memory with e.
func cloneEvent(e agen.Event) agen.Event {
	e.Payload = bytes.Clone(e.Payload)
	return e
}

// changeEvent changes an event. The lock is held.
func (s *Server) changeEvent(ses *session, e *storedEvent, change func(*agen.Event)) {
	e.event.UpdatedAt = now()
	change(&e.event)
	e.encoded = nil
	ses.version++
	s.notify()
}

// firstWorkspace returns the workspace of the first key in alphabetical order.
func (s *Server) firstWorkspace() string {
	keys := make([]string, 0, len(s.cfg.Keys))
	for key := range s.cfg.Keys {
		keys = append(keys, key)
	}
	return s.cfg.Keys[slices.Min(keys)]
}
