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
	// Script returns what the agent does about a message, step by step; the message is completed with the last one.
	// When not nil it stands in for Work and Reply. It is called with the server's lock held: it must not call the
	// Server.
	Script func(Turn) []Step
}

// Turn is a message that an agent begins with.
type Turn struct {
	// Session is the id of the session, Message what somebody wrote.
	Session, Message string
	// N counts the messages that the agent has begun with in this session, from 1.
	N int
	// Asked is true when a question of the agent's was open: the message is the answer, and the question is completed.
	Asked bool
}

// Step is something that an agent does about a message.
type Step struct {
	// After is how long the agent takes for it.
	After time.Duration
	// Event is what it leads to; one without a type leads to nothing.
	Event agen.Event
}

// initialStatus is the status that a message is stored with. The lock is held.
func (s *Server) initialStatus(ses *session) agen.Status {
	if ses.busy || ses.working || !s.cfg.Agent.Manual && s.cfg.Agent.Pause > 0 {
		return agen.StatusQueued
	}
	return agen.StatusProcessing
}

// startNext lets an idle agent take the oldest waiting message. The lock is held.
func (s *Server) startNext(ses *session) {
	if s.cfg.Agent.Manual || ses.busy || ses.working {
		return
	}
	next := ses.nextMessage()
	if next == nil {
		return
	}
	ses.working = true
	if s.cfg.Agent.Pause > 0 && next.event.Status == agen.StatusQueued {
		s.afterLocked(s.cfg.Agent.Pause, nil, func() { s.start(ses, next) })
		return
	}
	s.startLocked(ses, next)
}

// nextMessage returns the oldest message that is neither completed nor canceled.
func (ses *session) nextMessage() *storedEvent {
	for _, e := range ses.events {
		if e.event.Type == agen.EventUserMessage &&
			(e.event.Status == agen.StatusQueued || e.event.Status == agen.StatusProcessing) {
			return e
		}
	}
	return nil
}

func (s *Server) start(ses *session, e *storedEvent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.startLocked(ses, e)
}

// startLocked is the agent starting on a message.
func (s *Server) startLocked(ses *session, e *storedEvent) {
	if e.event.Status == agen.StatusQueued {
		s.changeEvent(ses, e, func(e *agen.Event) { e.Status = agen.StatusProcessing })
	}
	if s.cfg.Agent.Script == nil {
		s.afterLocked(s.cfg.Agent.Work, nil, func() { s.complete(ses, e, s.finalEvents) })
		return
	}
	ses.turns++
	turn := Turn{Session: ses.info.ID, Message: e.event.Text(), N: ses.turns, Asked: s.completeQuestions(ses)}
	s.runSteps(ses, e, s.cfg.Agent.Script(turn))
}

// completeQuestions completes the questions that are open and reports whether there was one. The lock is held.
func (s *Server) completeQuestions(ses *session) bool {
	asked := false
	for _, e := range ses.events {
		if e.event.Type == agen.EventAgentAskUser && e.event.Status == agen.StatusProcessing {
			asked = true
			s.changeEvent(ses, e, func(e *agen.Event) { e.Status = agen.StatusCompleted })
		}
	}
	return asked
}

// runSteps takes the steps one after the other. The lock is held now, but not between them.
func (s *Server) runSteps(ses *session, e *storedEvent, steps []Step) {
	if len(steps) == 0 {
		s.afterLocked(0, nil, func() { s.complete(ses, e, func(string) []agen.Event { return nil }) })
		return
	}
	s.afterLocked(steps[0].After, nil, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if e.event.Status != agen.StatusProcessing { // canceled meanwhile
			s.runSteps(ses, e, nil)
			return
		}
		if steps[0].Event.Type != "" {
			s.addEvent(ses, steps[0].Event)
		}
		s.runSteps(ses, e, steps[1:])
	})
}

// finalEvents is what an agent without a script says in the end.
func (s *Server) finalEvents(message string) []agen.Event {
	if s.cfg.Agent.Reply != nil {
		return s.cfg.Agent.Reply(message)
	}
	return []agen.Event{AgentMessage("Done: " + message)}
}

// complete is the agent being done with a message, unless that was canceled meanwhile.
func (s *Server) complete(ses *session, e *storedEvent, reply func(message string) []agen.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ses.working = false
	if e.event.Status == agen.StatusProcessing {
		for _, said := range reply(e.event.Text()) {
			s.addEvent(ses, said)
		}
		s.changeEvent(ses, e, func(e *agen.Event) { e.Status = agen.StatusCompleted })
	}
	s.startNext(ses)
}
