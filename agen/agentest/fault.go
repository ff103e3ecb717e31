package agentest

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Apply says what a faulty Send or Create does to the server's state.
type Apply string

// The ways to apply a request.
const (
	// ApplyDefault is ApplyOnce, or ApplyNever for a Fault with a Status.
	ApplyDefault Apply = ""
	// ApplyOnce does what was asked for.
	ApplyOnce Apply = "once"
	// ApplyTwice does it twice, as a proxy does that repeats requests.
	ApplyTwice Apply = "twice"
	// ApplyNever does nothing.
	ApplyNever Apply = "never"
	// ApplyLate does it after Fault.Late, or when the rule is released; the answer doesn't wait for it. Without a
	// Status the connection is broken instead of answered.
	ApplyLate Apply = "late"
)

// Answer says how much of the answer of a faulty request is written.
type Answer string

// The ways to answer.
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

// Fault is something that goes wrong. It has a half that says for which requests, and a half that says what; the
// parts of the second half can be combined. What changes the state is decided by Apply, what the client sees by the
// rest.
type Fault struct {
	// Call is the call it concerns; empty means all of them.
	Call Call
	// Session is the session it concerns; empty means all, also calls without one.
	Session string
	// Match narrows it further when not nil. It is called with the server's lock held: it must not call the Server.
	Match func(Request) bool
	// Skip lets so many matching requests pass before the first that it concerns.
	Skip int
	// Times is how many requests it concerns; 0 means one, negative all.
	Times int
	// Probability is that of concerning a matching request; 0 means 1. Only those that are hit count for Times.
	Probability float64

	// Delay is waited for before anything else.
	Delay time.Duration
	// Hang waits, after Delay, until the rule is released; the request then goes on. If the client goes away first,
	// nothing is applied.
	Hang bool
	// Status is answered instead of what the API would answer, with RetryAfter, Header and Body.
	Status int
	// RetryAfter is the value of the Retry-After header, as it is to appear.
	RetryAfter string
	// Header is added to the answer.
	Header http.Header
	// Body is the body of an answer with Status; empty means a JSON object with a message.
	Body string
	// Apply and Late say whether, how often and when a Send or Create is applied.
	Apply Apply
	Late  time.Duration
	// Answer says how much of the answer is written.
	Answer Answer
	// DropClientID forgets the client_id of a Send.
	DropClientID bool
	// Reorder shuffles the events of a timeline.
	Reorder bool
	// Rewrite changes the body before it is written. What it makes is exempt from the contract.
	Rewrite func(body []byte) []byte
	// Undocumented exempts the answer from the contract. Rewrite and a Status below 400 do it by themselves.
	Undocumented bool
}

// LoseAnswer does what the next call asks for and breaks the connection instead of answering.
func LoseAnswer(call Call) Fault { return Fault{Call: call, Answer: AnswerNone} }

// BreakBefore breaks the connection of the next call without doing anything.
func BreakBefore(call Call) Fault { return Fault{Call: call, Apply: ApplyNever, Answer: AnswerNone} }

// Late breaks the connection of the next call and does what it asks for after d, or on release when d is 0.
func Late(call Call, d time.Duration) Fault { return Fault{Call: call, Apply: ApplyLate, Late: d} }

// Hang lets the next call wait until it is released or the client goes away.
func Hang(call Call) Fault { return Fault{Call: call, Hang: true} }

// Fail answers the next call with an HTTP status and does nothing.
func Fail(call Call, status int) Fault { return Fault{Call: call, Status: status} }

// RateLimit answers the next call with 429 and a Retry-After of whole seconds, rounded up.
func RateLimit(call Call, d time.Duration) Fault {
	seconds := int((d + time.Second - 1) / time.Second)
	return Fault{Call: call, Status: http.StatusTooManyRequests, RetryAfter: strconv.Itoa(seconds)}
}

// ActiveFault is a Fault in force.
type ActiveFault struct {
	server  *Server
	fault   Fault
	release chan struct{}

	// Under the server's lock.
	released bool
	skipped  int
	hits     int
}

// AddFault puts a fault in force. Of several that concern a request the one that was added first is used.
func (s *Server) AddFault(f Fault) *ActiveFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &ActiveFault{server: s, fault: f, release: make(chan struct{})}
	s.faults = append(s.faults, r)
	return r
}

// ClearFaults removes all faults and releases what hangs.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.faults {
		r.releaseLocked()
	}
	s.faults = nil
}

// Hits returns how many requests the fault has concerned.
func (r *ActiveFault) Hits() int {
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	return r.hits
}

// Release lets go what hangs and applies what was to be applied late. Requests that come later don't hang.
func (r *ActiveFault) Release() {
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	r.releaseLocked()
}

// Remove takes the fault out of force. What hangs goes on hanging until it is released.
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

// faultFor returns the rule that a request meets, nil for none. The lock is held.
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
