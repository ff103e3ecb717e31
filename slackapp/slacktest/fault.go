package slacktest

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// FaultKind is a way in which a request can fail.
type FaultKind string

// The kinds, in the order in which a request meets them. Those up to CutConnection change nothing.
const (
	// RateLimited answers 429 with Retry-After, RateLimitedSilent without it.
	RateLimited       FaultKind = "rate_limited"
	RateLimitedSilent FaultKind = "rate_limited_silent"
	// ServerError answers HTTP 500 with an HTML page.
	ServerError FaultKind = "server_error"
	// ErrorAnswer answers ok:false with Fault.Error, also an empty one.
	ErrorAnswer FaultKind = "error_answer"
	// Hang holds the request, unapplied, until Release; then it is handled as usual.
	Hang FaultKind = "hang"
	// CutConnection closes the connection before the request is applied.
	CutConnection FaultKind = "cut_connection"
	// ApplyLate closes the connection immediately and applies the request after Fault.Delay.
	ApplyLate FaultKind = "apply_late"
	// Slow applies and answers after Fault.Delay.
	Slow FaultKind = "slow"
	// Duplicate applies the request twice and answers once.
	Duplicate FaultKind = "duplicate"
	// Unthreaded drops thread_ts: the post lands in the channel.
	Unthreaded FaultKind = "unthreaded"
	// LoseAnswer applies the request and closes the connection without an answer.
	LoseAnswer FaultKind = "lose_answer"
	// HangAnswer applies the request and holds the answer until Release.
	HangAnswer FaultKind = "hang_answer"
	// CutHeaders applies, sends the headers and closes; CutBody does so in the middle of the body.
	CutHeaders FaultKind = "cut_headers"
	CutBody    FaultKind = "cut_body"
	// GarbageAnswer applies and answers 200 with HTML instead of JSON, or instead of a file.
	GarbageAnswer FaultKind = "garbage_answer"
	// MalformedBlock applies and breaks the blocks of the last message in the answer's page.
	MalformedBlock FaultKind = "malformed_block"
	// NoHello opens a socket, pings, and never says hello or anything else.
	NoHello FaultKind = "no_hello"
)

// Fault is a rule that makes requests fail. Rules are tried in the order they were injected, and only the first one that
// fits is applied.
type Fault struct {
	Kind FaultKind
	// Method and Channel restrict the rule; empty means any. The method of a socket's handshake is "socket", of a
	// file's download "file".
	Method, Channel string
	// Match restricts it further; it runs under the server's lock and must not call the server.
	Match func(Request) bool
	// Skip lets that many fitting requests pass first. Count is how many it hits: 0 means one, negative all.
	Skip, Count int
	// Probability of a hit, 0 means always.
	Probability float64
	// Error is the answer of ErrorAnswer. RetryAfter is rounded up to seconds, default 30 s. Delay is for ApplyLate
	// and Slow.
	Error      string
	RetryAfter time.Duration
	Delay      time.Duration
	hits       int
	released   chan struct{}
}

// Injected is an active rule.
type Injected struct {
	s *Server
	f *Fault
}

// Inject adds a rule.
func (s *Server) Inject(f Fault) Injected {
	if f.Count == 0 {
		f.Count = 1
	}
	if f.RetryAfter == 0 {
		f.RetryAfter = 30 * time.Second
	}
	f.released = make(chan struct{})
	s.mu.Lock()
	defer s.unlock()
	s.faults = append(s.faults, &f)
	return Injected{s, &f}
}

// Hits is how many requests the rule has hit.
func (i Injected) Hits() int {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	return i.f.hits
}

// Release lets the requests that Hang and HangAnswer hold continue. Requests that they would hold later pass at once.
func (i Injected) Release() {
	i.s.mu.Lock()
	defer i.s.unlock()
	select {
	case <-i.f.released:
	default:
		close(i.f.released)
	}
}

// Remove removes the rule. Requests that it holds stay held until Release.
func (i Injected) Remove() {
	i.s.mu.Lock()
	defer i.s.unlock()
	i.s.faults = slices.DeleteFunc(i.s.faults, func(f *Fault) bool { return f == i.f })
}

// ClearFaults removes every rule, for requests and for events.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.unlock()
	s.faults, s.evFaults = nil, nil
}

// matchFault finds the rule that hits a request and counts the hit.
func (s *Server) matchFault(c *call) *Fault {
	s.mu.Lock()
	defer s.unlock()
	for i, f := range s.faults {
		switch {
		case f.Method != "" && f.Method != c.method, f.Channel != "" && f.Channel != c.args["channel"],
			f.Match != nil && !f.Match(*c.record):
			continue
		case f.Skip > 0:
			f.Skip--
			continue
		case f.Probability > 0 && s.faultRand.Float64() >= f.Probability:
			continue
		}
		f.hits++
		if f.Count > 0 && f.hits >= f.Count {
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		c.record.Fault = f.Kind
		return f
	}
	return nil
}

// beforeApply applies the faults that come before the effect, and reports whether the request is finished.
func (s *Server) beforeApply(c *call) bool {
	f := s.matchFault(c)
	if f == nil {
		return false
	}
	c.fault = f
	switch f.Kind {
	case RateLimited:
		c.w.Header().Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
		c.refuse(http.StatusTooManyRequests, object{"ok": false, "error": "ratelimited"})
	case RateLimitedSilent:
		c.refuse(http.StatusTooManyRequests, object{"ok": false, "error": "ratelimited"})
	case ServerError:
		c.refuse(http.StatusInternalServerError, nil)
	case ErrorAnswer:
		c.refuse(http.StatusOK, object{"ok": false, "error": f.Error})
	case Hang:
		if !c.holdUntil(f.released) {
			c.abort()
		}
		return false
	case CutConnection:
		c.abort()
	case ApplyLate:
		s.applyLater(c, f.Delay)
		c.abort()
	case Slow:
		if !c.pause(f.Delay) {
			c.abort()
		}
		return false
	case Unthreaded:
		delete(c.args, "thread_ts")
		return false
	default:
		return false
	}
	return true
}
