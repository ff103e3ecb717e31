package slacktest

// hooks run on the goroutine of the request or socket, without locks. The request waits until its hook returns, so a
// test can kill the app in a hook.
type hooks struct {
	request, applied, answered func(Request)
	ack                        func(Ack)
}

// OnRequest sets the hook for a request that was received and not applied yet. nil removes it, as for the other hooks. The
// Request is a copy.
func (s *Server) OnRequest(f func(Request)) { s.hook(func(h *hooks) { h.request = f }) }

// OnApplied sets the hook for a request that was applied or refused, and not answered yet.
func (s *Server) OnApplied(f func(Request)) { s.hook(func(h *hooks) { h.applied = f }) }

// OnAnswered sets the hook for a request whose response was sent or lost.
func (s *Server) OnAnswered(f func(Request)) { s.hook(func(h *hooks) { h.answered = f }) }

// OnAck sets the hook for an acknowledgement that was received.
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
