package agentest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// maxBody is how large a request may be, in bytes.
const maxBody = 32 << 20

// response is the answer to a request.
type response struct {
	status int
	header http.Header
	body   []byte
}

// exchange is a request in flight.
type exchange struct {
	s      *Server
	w      http.ResponseWriter
	r      *http.Request
	record *Request
	active *ActiveFault
	fault  Fault
	body   []byte

	undocumented bool // the answer is exempt from the contract
}

// serve is the server's handler: it records the request, finds its fault, applies the request and answers it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !s.track() {
		panic(http.ErrAbortHandler)
	}
	defer s.running.Done()
	x := &exchange{s: s, w: w, r: r, record: parseRequest(r)}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	x.body = body
	x.parseBody()
	s.mu.Lock()
	x.record.Workspace = s.cfg.Keys[r.Header.Get("x-api-key")]
	s.mu.Unlock()
	x.active = s.startRecord(x.record)
	if x.active != nil {
		x.fault = x.active.fault
	}
	x.undocumented = x.fault.undocumented()
	if err != nil { // the client went away or sent too much
		x.end(0, OutcomeGone)
		panic(http.ErrAbortHandler)
	}
	s.reached(StageReceived, x.record)
	if outcome, ok := x.delay(); !ok {
		x.end(0, outcome)
		panic(http.ErrAbortHandler)
	}
	answer := x.apply()
	s.reached(StageApplied, x.record)
	if x.undocumented {
		exempt(r.Context())
	}
	x.write(answer)
}

// parseRequest returns the record of a request with what its method and path say.
func parseRequest(r *http.Request) *Request {
	rec := &Request{Call: CallUnknown, Method: r.Method, Path: r.URL.Path}
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), "/api/v1/sessions")
	if !ok {
		return rec
	}
	if rest == "" {
		switch r.Method {
		case http.MethodGet:
			rec.Call = CallList
		case http.MethodPost:
			rec.Call = CallCreate
		}
		return rec
	}
	parts := strings.Split(rest, "/")
	if len(parts) != 3 || parts[0] != "" || parts[1] == "" {
		return rec
	}
	id, err := url.PathUnescape(parts[1])
	if err != nil {
		return rec // stays CallUnknown and is answered with 404
	}
	switch {
	case parts[2] == "messages" && r.Method == http.MethodPost:
		rec.Call, rec.Session = CallSend, id
	case parts[2] == "events" && r.Method == http.MethodGet:
		rec.Call, rec.Session = CallEvents, id
	}
	return rec
}

// parseBody adds what the body says to the record. A body that can't be decoded is answered with 400 later.
func (x *exchange) parseBody() {
	var body struct {
		Message    string  `json:"message"`
		ClientID   string  `json:"client_id"`
		BranchName *string `json:"branch_name"`
		AutoCommit bool    `json:"auto_commit"`
		Model      string  `json:"model"`
	}
	if len(x.body) == 0 || json.Unmarshal(x.body, &body) != nil {
		return
	}
	switch x.record.Call {
	case CallSend:
		x.record.Message, x.record.ClientID = body.Message, body.ClientID
	case CallCreate:
		x.record.SessionOptions = agen.SessionOptions{Branch: body.BranchName, AutoCommit: body.AutoCommit, Model: body.Model}
	case CallEvents, CallList, CallUnknown:
	}
}

// delay waits for the fault's Delay and Hang. It returns false and the outcome if the request ended in the meantime.
func (x *exchange) delay() (Outcome, bool) {
	ctx := x.r.Context()
	if d := x.fault.Delay; d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return x.endedBy(), false
		case <-x.s.done:
			return OutcomeBroken, false
		}
	}
	if x.fault.Hang {
		select {
		case <-x.active.release:
		case <-ctx.Done():
			return x.endedBy(), false
		case <-x.s.done:
			return OutcomeBroken, false
		}
	}
	return "", true
}

// endedBy returns why the request ended early: the client disconnected, or Close broke the connection.
func (x *exchange) endedBy() Outcome {
	select {
	case <-x.s.done:
		return OutcomeBroken
	default:
		return OutcomeGone
	}
}

// apply applies the request as often and when its fault says, and returns the answer.
func (x *exchange) apply() response {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	var answer response
	switch x.fault.effectiveApply() {
	case ApplyOnce, ApplyDefault:
		answer = x.s.handle(x)
	case ApplyTwice:
		answer = x.s.handle(x)
		x.s.handle(x)
	case ApplyLate:
		if x.record.Call == CallSend || x.record.Call == CallCreate { // reads change nothing
			x.s.afterLocked(x.fault.Late, x.active.release, func() {
				x.s.mu.Lock()
				defer x.s.mu.Unlock()
				x.s.handle(x)
			})
		}
		if x.fault.Status == 0 {
			x.fault.Answer = AnswerNone
		}
	case ApplyNever:
	}
	if x.fault.Status != 0 {
		answer = errorResponse(x.fault.Status, http.StatusText(x.fault.Status))
		if x.fault.Body != "" {
			answer.body = []byte(x.fault.Body)
		}
	}
	return answer
}

// write writes as much of the answer as the fault allows.
func (x *exchange) write(a response) {
	if x.fault.Answer == AnswerNone || a.status == 0 {
		x.end(0, OutcomeBroken)
		panic(http.ErrAbortHandler)
	}
	if x.fault.Rewrite != nil {
		a.body = x.fault.Rewrite(bytes.Clone(a.body))
	}
	h := x.w.Header()
	h.Set("Content-Type", "application/json")
	for name, values := range a.header {
		h[name] = values
	}
	if x.fault.RetryAfter != "" {
		h.Set("Retry-After", x.fault.RetryAfter)
	}
	for name, values := range x.fault.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	if x.record.Call == CallEvents && x.s.cfg.Gzip && strings.Contains(x.r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		a.body = gzipped(a.body)
	}
	if a.status != http.StatusNotModified {
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	x.w.WriteHeader(a.status)
	switch x.fault.Answer {
	case AnswerHeaders:
		a.body = nil
	case AnswerHalf:
		a.body = a.body[:len(a.body)/2]
	case AnswerNone, AnswerWhole:
	}
	_, err := x.w.Write(a.body)
	if flush := http.NewResponseController(x.w).Flush(); err == nil {
		err = flush
	}
	switch {
	case x.fault.Answer != AnswerWhole:
		x.end(a.status, OutcomeBroken)
		panic(http.ErrAbortHandler)
	case err != nil && a.status != http.StatusNotModified:
		x.end(a.status, OutcomeGone)
		panic(http.ErrAbortHandler)
	}
	x.end(a.status, OutcomeAnswered)
}

func (x *exchange) end(status int, outcome Outcome) { x.s.endRecord(x.record, status, outcome) }

// errorResponse returns an error answer. The API's own are not documented; this is a common shape.
func errorResponse(status int, message string) response {
	return response{status: status, body: fmt.Appendf(nil, `{"message":%q}`, message)}
}

func gzipped(body []byte) []byte {
	var b strings.Builder
	z := gzip.NewWriter(&b)
	// Writing to memory doesn't fail.
	_, _ = z.Write(body)
	_ = z.Close()
	return []byte(b.String())
}

// exemptKey is the context key of WithExemption.
type exemptKey struct{}

// WithExemption returns a context for a request to a Server, and a function that reports, after the request was served,
// whether its answer is exempt from the API description because the test asked for something undocumented.
func WithExemption(ctx context.Context) (context.Context, func() bool) {
	exempted := new(bool) // only used on the request's goroutine
	return context.WithValue(ctx, exemptKey{}, exempted), func() bool { return *exempted }
}

// exempt exempts the answer to the request of ctx.
func exempt(ctx context.Context) {
	if exempted, ok := ctx.Value(exemptKey{}).(*bool); ok {
		*exempted = true
	}
}
