package agen_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
)

const testKey = "key-6f1d-secret"

// serve runs handler on loopback and returns a client for it.
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
