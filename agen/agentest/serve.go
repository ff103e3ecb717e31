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

// reply is what a request is answered with.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// exchange is one request under way.
type exchange struct {
	s     *Server
	w     http.ResponseWriter
	r     *http.Request
	rec   *Request
	rule  *ActiveFault
	fault Fault
	body  []byte

	undocumented bool // the answer is exempt from the contract
}

// serve is the server's handler: it records the request, lets it meet its fault, does what it asks for, and answers.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.running.Done()
	x := &exchange{s: s, w: w, r: r, rec: describe(r)}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	x.body = body
	x.decode()
	s.mu.Lock()
	x.rec.Workspace = s.cfg.Keys[r.Header.Get("x-api-key")]
	s.mu.Unlock()
	x.rule = s.record(x.rec)
	if x.rule != nil {
		x.fault = x.rule.fault
	}
	x.undocumented = x.fault.undocumented()
	if err != nil { // the client broke off, or sent too much
		x.end(0, OutcomeGone)
		panic(http.ErrAbortHandler)
	}
	s.at(StageReceived, x.rec)
	if outcome, ok := x.wait(); !ok {
		x.end(0, outcome)
		panic(http.ErrAbortHandler)
	}
	answer := x.do()
	s.at(StageApplied, x.rec)
	if x.undocumented {
		exempt(r.Context())
	}
	x.answer(answer)
}

// describe begins the record of a request.
func describe(r *http.Request) *Request {
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
		return rec // stays Unknown and is answered with 404
	}
	switch {
	case parts[2] == "messages" && r.Method == http.MethodPost:
		rec.Call, rec.Session = CallSend, id
	case parts[2] == "events" && r.Method == http.MethodGet:
		rec.Call, rec.Session = CallEvents, id
	}
	return rec
}

// decode puts what the body says into the record, as far as it can be read; do answers 400 to the rest.
func (x *exchange) decode() {
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
	switch x.rec.Call {
	case CallSend:
		x.rec.Message, x.rec.ClientID = body.Message, body.ClientID
	case CallCreate:
		x.rec.SessionOptions = agen.SessionOptions{Branch: body.BranchName, AutoCommit: body.AutoCommit, Model: body.Model}
	case CallEvents, CallList, CallUnknown:
	}
}

// wait lets the fault's Delay and Hang pass; false if the request ended meanwhile.
func (x *exchange) wait() (Outcome, bool) {
	ctx := x.r.Context()
	if d := x.fault.Delay; d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return x.interrupted(), false
		case <-x.s.done:
			return OutcomeBroken, false
		}
	}
	if x.fault.Hang {
		select {
		case <-x.rule.release:
		case <-ctx.Done():
			return x.interrupted(), false
		case <-x.s.done:
			return OutcomeBroken, false
		}
	}
	return "", true
}

// interrupted says who ended the request: Close breaks the connections too.
func (x *exchange) interrupted() Outcome {
	select {
	case <-x.s.done:
		return OutcomeBroken
	default:
		return OutcomeGone
	}
}

// do applies the request, as often and when its fault says, and returns the answer.
func (x *exchange) do() reply {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	var answer reply
	switch x.fault.apply() {
	case ApplyOnce, ApplyDefault:
		answer = x.s.call(x)
	case ApplyTwice:
		answer = x.s.call(x)
		x.s.call(x)
	case ApplyLate:
		if x.rec.Call == CallSend || x.rec.Call == CallCreate { // reads have nothing to apply
			x.s.afterLocked(x.fault.Late, x.rule.release, func() {
				x.s.mu.Lock()
				defer x.s.mu.Unlock()
				x.s.call(x)
			})
		}
		if x.fault.Status == 0 {
			x.fault.Answer = AnswerNone
		}
	case ApplyNever:
	}
	if x.fault.Status != 0 {
		answer = failure(x.fault.Status, http.StatusText(x.fault.Status))
		if x.fault.Body != "" {
			answer.body = []byte(x.fault.Body)
		}
	}
	return answer
}

// answer writes as much of the answer as the fault lets pass.
func (x *exchange) answer(a reply) {
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
	if x.rec.Call == CallEvents && x.s.cfg.Gzip && strings.Contains(x.r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		a.body = compress(a.body)
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

func (x *exchange) end(status int, outcome Outcome) { x.s.finish(x.rec, status, outcome) }

// failure is an error answer. The API's own are not documented; this is one of the usual shapes.
func failure(status int, message string) reply {
	return reply{status: status, body: fmt.Appendf(nil, `{"message":%q}`, message)}
}

func compress(body []byte) []byte {
	var b strings.Builder
	z := gzip.NewWriter(&b)
	// Writing to memory doesn't fail.
	_, _ = z.Write(body)
	_ = z.Close()
	return []byte(b.String())
}

// exemptKey is the context key of Watch.
type exemptKey struct{}

// WithExemption returns a context for a request to a Server, and a function that tells, after the request was served, whether
// the script asked for an answer that the API description says nothing about. Package contract uses it.
func WithExemption(ctx context.Context) (context.Context, func() bool) {
	exempted := new(bool) // only used on the request's goroutine
	return context.WithValue(ctx, exemptKey{}, exempted), func() bool { return *exempted }
}

// exempt marks the request of ctx.
func exempt(ctx context.Context) {
	if exempted, ok := ctx.Value(exemptKey{}).(*bool); ok {
		*exempted = true
	}
}
