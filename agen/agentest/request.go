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
	// OutcomeGone means that the client went away before it had its answer.
	OutcomeGone Outcome = "gone"
)

// Request is the record of one request.
type Request struct {
	// N counts the requests from 1 in the order in which they came.
	N int
	// Call and Session say what was asked for; Session is empty for Create and List.
	Call    Call
	Session string
	// Method and Path are those of the HTTP request, the path unescaped.
	Method, Path string
	// Workspace is the one the key belongs to, empty if the key is unknown.
	Workspace string
	// Message and ClientID are what a Send carried.
	Message, ClientID string
	// SessionOptions is what a Create carried.
	SessionOptions agen.SessionOptions
	// Began and Ended say when it came and when it was over; Ended is zero while it is Open.
	Began, Ended time.Time
	// Status is the HTTP status that was answered, 0 if none was.
	Status int
	// Outcome says how it ended.
	Outcome Outcome
	// Applied are the ids of the events or sessions that the request made: none, one, or two for a duplicate. One that
	// is applied late appears when it is.
	Applied []string
	// Faulty is true if a fault changed what happened.
	Faulty bool
}

// Stage is a visible point in the life of a request.
type Stage string

// The stages, in order. A hanging request stays at Received until it is released.
const (
	// StageReceived means that the request was read completely and nothing was done yet.
	StageReceived Stage = "received"
	// StageApplied means that it was done (or refused) and no byte of the answer was written.
	StageApplied Stage = "applied"
	// StageEnded means that the answer was written, or the connection is about to be broken; Request.Outcome tells.
	StageEnded Stage = "ended"
)

// Progress is what OnRequest gets.
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

// Count returns how many requests for the call have come so far, also those that failed.
func (s *Server) Count(call Call) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[call]
}

// OnRequest replaces Config.OnRequest; nil means none.
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

// startRecord begins the startRecord of a request and finds the fault that it meets.
func (s *Server) startRecord(r *Request) *ActiveFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requestCount++
	s.counts[r.Call]++
	r.N, r.Began, r.Outcome = s.requestCount, time.Now(), OutcomeOpen
	s.requests = append(s.requests, r)
	if keep := s.cfg.KeepRequests; keep > 0 && len(s.requests) > 2*keep { // twice as many, so that trimming is cheap
		s.requests = slices.Clone(s.requests[keep:])
	}
	rule := s.faultFor(r.copy())
	r.Faulty = rule != nil
	s.notify()
	return rule
}

// endRecord ends the record of a request.
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
