package agentest

import (
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// Agent is the script of an agent. The zero value takes each message at once, says one sentence and is done; a message
// that comes while it is at another one is queued.
type Agent struct {
	// Manual leaves everything to the test: messages keep the status they were stored with, "processing", or "queued"
	// in a busy session.
	Manual bool
	// Pause is how long a message is queued before an idle agent takes it. Without one it is answered as "processing".
	Pause time.Duration
	// Work is how long a message is "processing".
	Work time.Duration
	// Reply returns the events that a message leads to, added just before it is completed. Nil means one
	// agent_message. It is called with the server's lock held: it must not call the Server.
	Reply func(message string) []agen.Event
}

// statusOfNew is the status that a message is stored with. The lock is held.
func (s *Server) statusOfNew(ses *session) agen.Status {
	if ses.busy || ses.working || !s.cfg.Agent.Manual && s.cfg.Agent.Pause > 0 {
		return agen.StatusQueued
	}
	return agen.StatusProcessing
}

// schedule lets an idle agent take the oldest waiting message. The lock is held.
func (s *Server) schedule(ses *session) {
	if s.cfg.Agent.Manual || ses.busy || ses.working {
		return
	}
	next := ses.waiting()
	if next == nil {
		return
	}
	ses.working = true
	if s.cfg.Agent.Pause > 0 && next.event.Status == agen.StatusQueued {
		s.afterLocked(s.cfg.Agent.Pause, nil, func() { s.begin(ses, next) })
		return
	}
	s.beginLocked(ses, next)
}

// waiting returns the oldest message that is neither completed nor canceled.
func (ses *session) waiting() *stored {
	for _, e := range ses.events {
		if e.event.Type == agen.EventUserMessage &&
			(e.event.Status == agen.StatusQueued || e.event.Status == agen.StatusProcessing) {
			return e
		}
	}
	return nil
}

func (s *Server) begin(ses *session, e *stored) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.beginLocked(ses, e)
}

// beginLocked is the agent starting on a message.
func (s *Server) beginLocked(ses *session, e *stored) {
	if e.event.Status == agen.StatusQueued {
		s.change(ses, e, func(e *agen.Event) { e.Status = agen.StatusProcessing })
	}
	s.afterLocked(s.cfg.Agent.Work, nil, func() { s.complete(ses, e) })
}

// complete is the agent being done with a message, unless that was canceled meanwhile.
func (s *Server) complete(ses *session, e *stored) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ses.working = false
	if e.event.Status == agen.StatusProcessing {
		text := e.event.Text()
		replies := []agen.Event{AgentMessage("Done: " + text)}
		if s.cfg.Agent.Reply != nil {
			replies = s.cfg.Agent.Reply(text)
		}
		for _, reply := range replies {
			s.add(ses, reply)
		}
		s.change(ses, e, func(e *agen.Event) { e.Status = agen.StatusCompleted })
	}
	s.schedule(ses)
}
