package agen_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
)

const testKey = "key-6f1d-secret"

// serve runs handler on the loopback interface and returns a client for it.
func serve(t *testing.T, handler http.HandlerFunc) *agen.Client {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return newClient(t, agen.Config{BaseURL: srv.URL})
}

func newClient(t *testing.T, cfg agen.Config) *agen.Client {
	t.Helper()
	if cfg.Key == "" {
		cfg.Key = testKey
	}
	c, err := agen.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// asError returns err as an *agen.Error.
func asError(t *testing.T, err error) *agen.Error {
	t.Helper()
	var e *agen.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v (%T), want an *agen.Error", err, err)
	}
	return e
}

// roundTripFunc is a transport that answers without a network.
type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// readBody reads a request's body, as a transport does that sends it.
func readBody(t *testing.T, r *http.Request) string {
	t.Helper()
	if r.Body == nil {
		return ""
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Errorf("read request: %v", err)
	}
	return string(body)
}

func newResponse(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)),
	}
}
