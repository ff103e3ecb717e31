package agentest

import (
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// Call names one of the API's calls.
type Call string

// The calls.
const (
	// CallSend is POST /api/v1/sessions/{id}/messages.
	CallSend Call = "send"
	// CallEvents is GET /api/v1/sessions/{id}/events.
	CallEvents Call = "events"
	// CallCreate is POST /api/v1/sessions.
	CallCreate Call = "create"
	// CallList is GET /api/v1/sessions.
	CallList Call = "list"
	// CallUnknown is any other request.
	CallUnknown Call = "unknown"
)

// Outcome says how a request ended.
type Outcome string

// The outcomes.
const (
	// OutcomeOpen means that it has not ended yet.
	OutcomeOpen Outcome = "open"
	// OutcomeAnswered means that the whole answer was written.
	OutcomeAnswered Outcome = "answered"
	// OutcomeBroken means that the server broke the connection, by a fault or by Close.
	OutcomeBroken Outcome = "broken"
	// OutcomeGone means that the client went away before it got its answer.
	OutcomeGone Outcome = "gone"
)

// Request is the record of one request.
type Request struct {
	// N is the number of the request in the order of arrival, from 1.
	N int
	// Call and Session say what was requested. Session is empty for CallCreate and CallList.
	Call    Call
	Session string
	// Method and Path are those of the HTTP request, the path unescaped.
	Method, Path string
	// Workspace is the workspace that the key belongs to, empty if the key is unknown.
	Workspace string
	// Message and ClientID are the fields of a CallSend.
	Message, ClientID string
	// SessionOptions holds the fields of a CallCreate.
	SessionOptions agen.SessionOptions
	// Began and Ended are the times of arrival and end; Ended is zero while the outcome is OutcomeOpen.
	Began, Ended time.Time
	// Status is the HTTP status of the answer, 0 if there was none.
	Status int
	// Outcome says how it ended.
	Outcome Outcome
	// Applied holds the ids of the events or sessions that the request created: none, one, or two for a duplicate. An
	// id that is created late is added then.
	Applied []string
	// Faulty is true if a fault changed what happened.
	Faulty bool
}

// Stage is a point in the processing of a request at which the hook is called.
type Stage string

// The stages, in order. A hanging request stays at StageReceived until it is released.
const (
	// StageReceived means that the request was read and not applied yet.
	StageReceived Stage = "received"
	// StageApplied means that it was applied or refused and no byte of the answer was written.
	StageApplied Stage = "applied"
	// StageEnded means that the answer was written, or the connection is about to be broken; Request.Outcome tells.
	StageEnded Stage = "ended"
)

// Progress is what the hook set with OnRequest is called with.
type Progress struct {
	// Stage is how far the request is.
	Stage Stage
	// Request is the record as it is now, a copy.
	Request Request
}

// Requests returns the record of the requests so far, oldest first: of all, or of the last Config.KeepRequests.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := s.requests
	if keep := s.cfg.KeepRequests; keep > 0 && len(requests) > keep {
		requests = requests[len(requests)-keep:]
	}
	all := make([]Request, len(requests))
	for i, r := range requests {
		all[i] = r.copy()
	}
	return all
}

// Count returns how many requests for the call have arrived so far, including those that failed.
func (s *Server) Count(call Call) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[call]
}

// OnRequest sets the hook that is called at every stage of every request; nil removes it. It runs on the request's
// goroutine and without any lock held, so it may block, call the Server, or kill a process.
func (s *Server) OnRequest(hook func(Progress)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = hook
}

// reached reports that a request reached a stage.
func (s *Server) reached(stage Stage, r *Request) {
	s.mu.Lock()
	hook, moment := s.hook, Progress{Stage: stage, Request: r.copy()}
	s.mu.Unlock()
	if hook != nil {
		hook(moment)
	}
}

// startRecord starts the record of a request and returns the fault that affects it, nil for none.
func (s *Server) startRecord(r *Request) *ActiveFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requestCount++
	s.counts[r.Call]++
	r.N, r.Began, r.Outcome = s.requestCount, time.Now(), OutcomeOpen
	s.requests = append(s.requests, r)
	if keep := s.cfg.KeepRequests; keep > 0 && len(s.requests) > 2*keep { // trimming at twice the limit makes it cheap
		s.requests = slices.Clone(s.requests[keep:])
	}
	fault := s.faultFor(r.copy())
	r.Faulty = fault != nil
	s.notify()
	return fault
}

// endRecord completes the record of a request.
func (s *Server) endRecord(r *Request, status int, outcome Outcome) {
	s.mu.Lock()
	r.Status, r.Outcome, r.Ended = status, outcome, time.Now()
	s.notify()
	s.mu.Unlock()
	s.reached(StageEnded, r)
}

func (r *Request) copy() Request {
	c := *r
	c.Applied = slices.Clone(r.Applied)
	return c
}
