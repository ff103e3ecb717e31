package agentest

import (
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// Agent is the script of an agent. The zero value processes each message at once and answers with one sentence. A
// message that arrives while the agent is processing another one is queued.
type Agent struct {
	// Manual leaves everything to the test: messages keep their initial status, which is "processing", or "queued" in a
	// busy session.
	Manual bool
	// Pause is how long a message is queued before an idle agent starts on it. If it is 0, a message to an idle agent is
	// "processing" from the beginning.
	Pause time.Duration
	// Work is how long a message is "processing".
	Work time.Duration
	// Reply returns the events to add just before a message is completed; nil means one agent_message. It is called
	// with the server's lock held: it must not call the Server.
	Reply func(message string) []agen.Event
	// Script returns the steps in which the agent processes a message, which is completed after the last one. If it is
	// not nil, it replaces Work and Reply. It is called with the server's lock held: it must not call the
	// Server.
	Script func(Turn) []Step
}

// Turn is a message that the agent is starting to process.
type Turn struct {
	// Session is the id of the session, Message the text.
	Session, Message string
	// N is the number of this message among those that the agent has started on in this session, from 1.
	N int
	// Asked is true if a question of the agent was open. The message is its answer, and the question is completed.
	Asked bool
}

// Step is one step in processing a message.
type Step struct {
	// After is how long the step takes.
	After time.Duration
	// Event is added at the end of the step, unless its type is empty.
	Event agen.Event
}

// initialStatus returns the status of a new message. The lock is held.
func (s *Server) initialStatus(ses *session) agen.Status {
	if ses.busy || ses.working || !s.cfg.Agent.Manual && s.cfg.Agent.Pause > 0 {
		return agen.StatusQueued
	}
	return agen.StatusProcessing
}

// startNext lets an idle agent start on the oldest waiting message. The lock is held.
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

// start is startLocked without the lock.
func (s *Server) start(ses *session, e *storedEvent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.startLocked(ses, e)
}

// startLocked lets the agent start on a message. The lock is held.
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

// runSteps runs the steps one after the other. The lock is held on entry and released between steps.
func (s *Server) runSteps(ses *session, e *storedEvent, steps []Step) {
	if len(steps) == 0 {
		s.afterLocked(0, nil, func() { s.complete(ses, e, func(string) []agen.Event { return nil }) })
		return
	}
	s.afterLocked(steps[0].After, nil, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if e.event.Status != agen.StatusProcessing { // canceled in the meantime
			s.runSteps(ses, e, nil)
			return
		}
		if steps[0].Event.Type != "" {
			s.addEvent(ses, steps[0].Event)
		}
		s.runSteps(ses, e, steps[1:])
	})
}

// finalEvents returns the events with which an agent without a script ends its work.
func (s *Server) finalEvents(message string) []agen.Event {
	if s.cfg.Agent.Reply != nil {
		return s.cfg.Agent.Reply(message)
	}
	return []agen.Event{AgentMessage("Done: " + message)}
}

// complete ends the agent's work on a message, and completes the message unless it was canceled in the meantime.
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
