package agentest

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Apply says how often and when a CallSend or CallCreate that a fault affects is applied.
type Apply string

// The ways to apply a request.
const (
	// ApplyDefault is ApplyOnce, or ApplyNever for a Fault with a Status.
	ApplyDefault Apply = ""
	// ApplyOnce applies the request once.
	ApplyOnce Apply = "once"
	// ApplyTwice applies it twice, as behind a proxy that repeats requests.
	ApplyTwice Apply = "twice"
	// ApplyNever doesn't apply it.
	ApplyNever Apply = "never"
	// ApplyLate applies it after Fault.Late, or when the fault is released. The answer doesn't wait for that. Without a
	// Status the connection is broken instead.
	ApplyLate Apply = "late"
)

// Answer says how much of the answer to a request that a fault affects is written.
type Answer string

// How much of the answer is written.
const (
	// AnswerWhole writes all of it.
	AnswerWhole Answer = ""
	// AnswerNone breaks the connection without a byte.
	AnswerNone Answer = "none"
	// AnswerHeaders breaks the connection after the headers.
	AnswerHeaders Answer = "headers"
	// AnswerHalf breaks the connection in the middle of the body.
	AnswerHalf Answer = "half"
)

// Fault is something that goes wrong. Its first fields say for which requests, the others say what, and can be combined.
// Apply decides how the server's state changes, the rest what the client sees.
type Fault struct {
	// Call is the call that the fault affects; empty means all of them.
	Call Call
	// Session is the session that it affects; empty means all, also calls without one.
	Session string
	// Match, if not nil, decides which of these requests match. It is called with the server's lock held: it must not call the Server.
	Match func(Request) bool
	// Skip is the number of matching requests to leave unaffected at first.
	Skip int
	// Times is how many requests it affects; 0 means one, negative all.
	Times int
	// Probability is that of affecting a matching request; 0 means 1. Only affected requests count for Times.
	Probability float64

	// Delay is how long to wait before anything else.
	Delay time.Duration
	// Hang waits, after Delay, until the fault is released; the request is then processed. If the client goes away
	// before that, nothing is applied.
	Hang bool
	// Status is the HTTP status to answer instead of the regular answer, with RetryAfter, Header and Body.
	Status int
	// RetryAfter is the value of the Retry-After header, sent unchanged.
	RetryAfter string
	// Header is added to the answer.
	Header http.Header
	// Body is the body of an answer with Status; empty means a JSON object with a message.
	Body string
	// Apply and Late say whether, how often and when a CallSend or CallCreate is applied.
	Apply Apply
	Late  time.Duration
	// Answer says how much of the answer is written.
	Answer Answer
	// DropClientID stores the message of a CallSend without its client_id.
	DropClientID bool
	// Reorder shuffles the events of a timeline.
	Reorder bool
	// Rewrite changes the body before it is written. Its result is exempt from the contract.
	Rewrite func(body []byte) []byte
	// Undocumented exempts the answer from the contract. Rewrite and a Status below 400 imply it.
	Undocumented bool
}

// LoseAnswer applies the next call and breaks the connection instead of answering.
func LoseAnswer(call Call) Fault { return Fault{Call: call, Answer: AnswerNone} }

// BreakBefore breaks the connection of the next call without applying it.
func BreakBefore(call Call) Fault { return Fault{Call: call, Apply: ApplyNever, Answer: AnswerNone} }

// Late breaks the connection of the next call and applies it after d, or on release if d is 0.
func Late(call Call, d time.Duration) Fault { return Fault{Call: call, Apply: ApplyLate, Late: d} }

// Hang lets the next call wait until it is released or the client goes away.
func Hang(call Call) Fault { return Fault{Call: call, Hang: true} }

// Fail answers the next call with an HTTP status and doesn't apply it.
func Fail(call Call, status int) Fault { return Fault{Call: call, Status: status} }

// RateLimit answers the next call with 429 and a Retry-After of whole seconds, rounded up.
func RateLimit(call Call, d time.Duration) Fault {
	seconds := int((d + time.Second - 1) / time.Second)
	return Fault{Call: call, Status: http.StatusTooManyRequests, RetryAfter: strconv.Itoa(seconds)}
}

// ActiveFault is a Fault that was added to a Server.
type ActiveFault struct {
	server  *Server
	fault   Fault
	release chan struct{}

	// Guarded by the server's lock.
	released bool
	skipped  int
	hits     int
}

// AddFault activates a fault. If several match a request, the one that was added first is used.
func (s *Server) AddFault(f Fault) *ActiveFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &ActiveFault{server: s, fault: f, release: make(chan struct{})}
	s.faults = append(s.faults, r)
	return r
}

// ClearFaults removes all faults and releases the requests that hang.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.faults {
		r.releaseLocked()
	}
	s.faults = nil
}

// Hits returns how many requests the fault has affected.
func (r *ActiveFault) Hits() int {
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	return r.hits
}

// Release continues the requests that hang and applies those that were to be applied late. Later requests don't hang.
func (r *ActiveFault) Release() {
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	r.releaseLocked()
}

// Remove deactivates the fault. Requests that hang keep hanging until they are released.
func (r *ActiveFault) Remove() {
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	r.server.faults = slices.DeleteFunc(r.server.faults, func(other *ActiveFault) bool { return other == r })
}

func (r *ActiveFault) releaseLocked() {
	if !r.released {
		r.released = true
		close(r.release)
	}
}

// faultFor returns the fault that affects a request, nil for none. The lock is held.
func (s *Server) faultFor(req Request) *ActiveFault {
	for _, r := range s.faults {
		f := &r.fault
		if f.Call != "" && f.Call != req.Call || f.Session != "" && f.Session != req.Session {
			continue
		}
		if f.Times >= 0 && r.hits >= max(1, f.Times) || f.Match != nil && !f.Match(req) {
			continue
		}
		if r.skipped < f.Skip {
			r.skipped++
			continue
		}
		if f.Probability > 0 && s.random.Float64() >= f.Probability {
			continue
		}
		r.hits++
		return r
	}
	return nil
}

// effectiveApply resolves ApplyDefault.
func (f *Fault) effectiveApply() Apply {
	switch {
	case f.Apply != ApplyDefault:
		return f.Apply
	case f.Status != 0:
		return ApplyNever
	}
	return ApplyOnce
}

// undocumented reports whether the API description says nothing about the answer.
func (f *Fault) undocumented() bool {
	return f.Undocumented || f.Rewrite != nil || f.Status != 0 && f.Status < 400
}
