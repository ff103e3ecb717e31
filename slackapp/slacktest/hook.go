package slacktest

// hooks run in the goroutine of the request or socket concerned, without locks: while one runs, that request stands
// still. A kill test kills the app in one.
type hooks struct {
	request, applied, answered func(Request)
	ack                        func(Ack)
}

// OnRequest sets what runs when a request was received and nothing has happened yet. nil removes it; the same holds
// for the other hooks. The Request is a copy.
func (s *Server) OnRequest(f func(Request)) { s.hook(func(h *hooks) { h.request = f }) }

// OnApplied sets what runs when a request has had its effect (or was refused) and is not answered yet.
func (s *Server) OnApplied(f func(Request)) { s.hook(func(h *hooks) { h.applied = f }) }

// OnAnswered sets what runs when the answer went out or was lost.
func (s *Server) OnAnswered(f func(Request)) { s.hook(func(h *hooks) { h.answered = f }) }

// OnAck sets what runs when an acknowledgement was received and judged.
func (s *Server) OnAck(f func(Ack)) { s.hook(func(h *hooks) { h.ack = f }) }

func (s *Server) hook(set func(*hooks)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set(&s.hooks)
}

// runHook runs one of the request hooks with a copy of the record as it is now.
func (s *Server) runHook(c *call, which func(*hooks) func(Request)) {
	s.mu.Lock()
	f, copied := which(&s.hooks), *c.record
	s.mu.Unlock()
	if f != nil {
		f(copied)
	}
}
