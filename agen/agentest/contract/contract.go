// Package contract validates traffic against the description of the Agen API: clients must send what is documented, and
// package agentest must answer what is documented. It knows HTTP and the description, and nothing of either side.
//
// Wrap an agentest.Server in it in every test:
//
//	srv := agentest.NewStarted(t, agentest.Config{Wrap: contract.Check(t)})
//
// Answers are exempt if the test asked for something undocumented. Requests never are.
package contract

import (
	"bytes"
	"context"
	_ "embed" // the description
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/agenbridge/agenbridge/agen/agentest"
)

// The description of the API, written from the reference at https://docs.agenhq.com.
//
//go:embed agen-openapi.yaml
var description []byte

// document parses the description once.
var document = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(description)
	if err != nil {
		return nil, fmt.Errorf("read API description: %w", err)
	}
	if !doc.IsOpenAPI31OrLater() { // the validator ignores if and then in older versions
		return nil, errors.New("read API description: not OpenAPI 3.1")
	}
	return doc, nil
})

// TB is the part of testing.TB that Check needs.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Check is Wrap for a test, which fails on every violation.
func Check(t TB) func(http.Handler) http.Handler {
	t.Helper()
	wrap, err := Wrap(func(err error) { t.Errorf("contract: %v", err) })
	if err != nil {
		t.Fatalf("contract: %v", err)
	}
	return wrap
}

// Wrap returns a wrapper for agentest.Config.Wrap that reports each violation, on the goroutine of the request. It
// returns an error if the description can't be read.
func Wrap(report func(error)) (func(http.Handler) http.Handler, error) {
	doc, err := document()
	if err != nil {
		return nil, err
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			input, err := checkRequest(doc, r)
			if err != nil {
				report(fmt.Errorf("request %s %s: %w", r.Method, r.URL.EscapedPath(), err))
			}
			ctx, exempt := agentest.WithExemption(r.Context())
			rec := &recorder{ResponseWriter: w}
			next.ServeHTTP(rec, r.WithContext(ctx)) // panics if a fault breaks the connection: there is nothing to check then
			if input == nil || exempt() {
				return
			}
			if err := checkAnswer(ctx, input, rec); err != nil {
				report(fmt.Errorf("answer %d to %s %s: %w", rec.status, r.Method, r.URL.EscapedPath(), err))
			}
		})
	}, nil
}

// checkRequest validates a request, whose body can be read again afterwards. The input is nil if the answer can't be
// validated.
func checkRequest(doc *openapi3.T, r *http.Request) (*openapi3filter.RequestValidationInput, error) {
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return nil, nil //nolint:nilnil // the client went away before it had sent its request: there is nothing to check
	}
	route, params := findRoute(doc, r)
	if route == nil {
		return nil, errors.New("no such call")
	}
	input := &openapi3filter.RequestValidationInput{
		Request: r.Clone(r.Context()), PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: authenticate, SkipSettingDefaults: true, IncludeResponseStatus: true,
		},
	}
	input.Request.Body = io.NopCloser(bytes.NewReader(body))
	if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
		return input, err
	}
	return input, rejectUndocumented(route.Operation, r.URL.Query(), body)
}

// findRoute returns the documented operation of a request, nil if there is none, and its path parameters.
func findRoute(doc *openapi3.T, r *http.Request) (*routers.Route, map[string]string) {
	path, params := "/api/v1/sessions", map[string]string{}
	parts := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), path), "/")
	if len(parts) == 3 && parts[0] == "" {
		id, err := url.PathUnescape(parts[1])
		if err != nil {
			return nil, nil
		}
		path += "/{sessionId}/" + parts[2]
		params["sessionId"] = id
	} else if r.URL.EscapedPath() != path {
		return nil, nil
	}
	item := doc.Paths.Value(path)
	if item == nil || item.GetOperation(r.Method) == nil {
		return nil, nil
	}
	return &routers.Route{
		Spec: doc, Path: path, PathItem: item, Method: r.Method, Operation: item.GetOperation(r.Method),
	}, params
}

// authenticate checks that the request has a key.
func authenticate(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	if input.RequestValidationInput.Request.Header.Get(input.SecurityScheme.Name) == "" {
		return fmt.Errorf("no %s header", input.SecurityScheme.Name)
	}
	return nil
}

// rejectUndocumented returns an error for query parameters, bodies and fields that aren't documented. The description
// itself allows additional ones.
func rejectUndocumented(op *openapi3.Operation, query url.Values, body []byte) error {
	for name := range query {
		if op.Parameters.GetByInAndName("query", name) == nil {
			return fmt.Errorf("query parameter %q is not documented", name)
		}
	}
	if op.RequestBody == nil {
		if len(body) > 0 {
			return errors.New("a body is not documented")
		}
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return fmt.Errorf("decode body: %w", err)
	}
	known := op.RequestBody.Value.Content.Get("application/json").Schema.Value.Properties
	for name := range fields {
		if known[name] == nil {
			return fmt.Errorf("field %q is not documented", name)
		}
	}
	return nil
}

// checkAnswer validates a complete answer.
func checkAnswer(ctx context.Context, input *openapi3filter.RequestValidationInput, rec *recorder) error {
	body := rec.body.Bytes()
	if rec.Header().Get("Content-Encoding") == "gzip" {
		plain, err := gunzip(body)
		if err != nil {
			return err
		}
		body = plain
	}
	return openapi3filter.ValidateResponse(ctx, (&openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: rec.status, Header: rec.Header(), Options: input.Options,
	}).SetBodyBytes(body))
}
