package slacktest

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// htmlPage is what a broken gateway sends instead of JSON.
const htmlPage = "<!DOCTYPE html><html><body>Something went wrong</body></html>"

// refuse answers without applying; a nil body is an HTML page.
func (c *call) refuse(status int, body object) {
	if body == nil {
		c.recordStatus(status)
		http.Error(c.w, htmlPage, status)
		c.recordAnswered()
		return
	}
	c.finish(status, body)
}

// recordStatus records the status of a response that is not JSON.
func (c *call) recordStatus(status int) {
	c.s.mu.Lock()
	defer c.s.unlock()
	c.record.Status = status
}

// abort closes the client's connection. It does not return.
func (c *call) abort() {
	c.recordAnswered()
	panic(http.ErrAbortHandler)
}

// holdUntil waits until released is closed; false means that the client disconnected or the server was closed.
func (c *call) holdUntil(released <-chan struct{}) bool {
	select {
	case <-released:
		return c.r.Context().Err() == nil
	case <-c.r.Context().Done():
	case <-c.s.done:
	}
	return false
}

// pause waits for d; false means that the client disconnected or the server was closed.
func (c *call) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.r.Context().Done():
	case <-c.s.done:
	}
	return false
}

// applyLater applies the call after its client has disconnected. Response headers are discarded. It does nothing for a
// socket, which needs a client, and for a file, which has no effect.
func (s *Server) applyLater(c *call, d time.Duration) {
	if c.method == "socket" || c.method == "file" {
		return
	}
	late := *c
	late.w = discard{header: http.Header{}}
	s.mu.Lock()
	defer s.unlock()
	s.after(d, func() {
		s.apply(&late)
		s.runHook(&late, func(h *hooks) func(Request) { return h.applied })
	})
}

// discard is a ResponseWriter whose client is gone.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

// afterApply sends the response, or applies the fault that loses or damages it.
func (s *Server) afterApply(c *call, body object) {
	if c.fault == nil {
		c.finish(0, body)
		return
	}
	switch c.fault.Kind {
	case LoseAnswer:
		c.recordAnswer(0, body)
		c.abort()
	case HangAnswer:
		c.recordAnswer(0, body)
		if !c.holdUntil(c.fault.released) {
			c.abort()
		}
		c.finish(0, body)
	case CutHeaders, CutBody:
		c.cutAnswer(body)
	case GarbageAnswer:
		c.recordStatus(http.StatusOK)
		c.w.Header().Set("Content-Type", "text/html")
		_, _ = c.w.Write([]byte(htmlPage)) // the client may have disconnected
		c.recordAnswered()
	case MalformedBlock:
		breakPage(body)
		c.finish(0, body)
	default:
		c.finish(0, body)
	}
}

// cutAnswer announces the whole response, and sends none of the body or half of it.
func (c *call) cutAnswer(body object) {
	raw := c.recordAnswer(0, body)
	c.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	c.w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	c.w.WriteHeader(c.record.Status)
	if c.fault.Kind == CutBody {
		_, _ = c.w.Write(raw[:len(raw)/2]) // the client may have disconnected
	}
	if f, ok := c.w.(http.Flusher); ok {
		f.Flush()
	}
	c.abort()
}

// malformedBlocks has a section whose text is a string instead of an object, which strict clients fail to decode.
var malformedBlocks = []object{{"type": "section", "block_id": "broken", "text": "not an object"}}

// breakPage breaks the last message of a page of history or replies, or the only message of another response.
func breakPage(body object) {
	if page, ok := body["messages"].([]object); ok && len(page) > 0 {
		page[len(page)-1]["blocks"] = malformedBlocks
	} else if m, ok := body["message"].(object); ok {
		m["blocks"] = malformedBlocks
	}
}

// EventFaultKind is a way in which the delivery of an event can go wrong.
type EventFaultKind string

// The kinds of event faults.
const (
	// Malformed breaks the blocks of the event's message: strict clients refuse to decode the whole event.
	Malformed EventFaultKind = "malformed"
	// Doubled sends it twice, in two envelopes with one event_id.
	Doubled EventFaultKind = "doubled"
	// Reordered holds it back until the next event was sent, for at most EventFault.Delay (default 1 s).
	Reordered EventFaultKind = "reordered"
	// Lost never sends it.
	Lost EventFaultKind = "lost"
	// DropAcks ignores the first EventFault.Acks acknowledgements of it (default 1), as if they never arrived.
	DropAcks EventFaultKind = "drop_acks"
)

// EventFault is a rule that makes deliveries of events go wrong.
type EventFault struct {
	Kind EventFaultKind
	// Type is the inner type (message, app_mention, block_actions) and Channel the channel; empty means any.
	Type, Channel string
	// Skip, Count and Probability are as in Fault.
	Skip, Count int
	Probability float64
	Delay       time.Duration
	Acks        int
	hits        int
}

// InjectEvent adds a rule for events. Rules are tried in order, and only the first one that matches is applied.
func (s *Server) InjectEvent(f EventFault) {
	if f.Count == 0 {
		f.Count = 1
	}
	if f.Delay == 0 {
		f.Delay = time.Second
	}
	if f.Acks == 0 {
		f.Acks = 1
	}
	s.mu.Lock()
	defer s.unlock()
	s.evFaults = append(s.evFaults, &f)
}

// applyEventFaults returns how often to send an event, or for how long to hold it. s.mu is held.
func (s *Server) applyEventFaults(ev *event) (times int, hold *time.Duration) {
	for i, f := range s.evFaults {
		if f.Type != "" && f.Type != ev.kind || f.Channel != "" && f.Channel != ev.channel {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Probability > 0 && s.faultRand.Float64() >= f.Probability {
			continue
		}
		f.hits++
		if f.Count > 0 && f.hits >= f.Count {
			s.evFaults = slices.Delete(s.evFaults, i, i+1)
		}
		switch f.Kind {
		case Malformed:
			ev.payload = breakEvent(ev.payload)
		case Doubled:
			return 2, nil
		case Reordered:
			return 1, &f.Delay
		case Lost:
			return 0, nil
		case DropAcks:
			ev.dropAcks = f.Acks
		}
		return 1, nil
	}
	return 1, nil
}
