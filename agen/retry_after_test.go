package agen_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

func TestRetryAfter(t *testing.T) {
	for _, tt := range []struct {
		value    string
		min, max time.Duration
	}{
		{"", 0, 0},
		{"0", 0, 0},
		{"30", 30 * time.Second, 30 * time.Second},
		{" 7 ", 7 * time.Second, 7 * time.Second},
		{"-5", 0, 0},
		{"1.5", 0, 0},
		{"soon", 0, 0},
		{"999999999999999999", 15 * time.Minute, 15 * time.Minute},
		{"99999999999999999999999", 0, 0},
		{time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat), 60 * time.Second, 90 * time.Second},
		{time.Now().Add(90 * time.Second).UTC().Format(time.RFC850), 60 * time.Second, 90 * time.Second},
		{time.Now().Add(90 * time.Second).UTC().Format(time.ANSIC), 60 * time.Second, 90 * time.Second},
		{"Mon, 02 Jan 2006 15:04:05 GMT", 0, 0},
		{"Mon, 02 Jan 2106 15:04:05 GMT", 15 * time.Minute, 15 * time.Minute},
	} {
		c := newClient(t, agen.Config{HTTPClient: &http.Client{Transport: roundTripFunc(func(r *http.Request) (*http.Response, error) {
			readBody(t, r)
			resp := newResponse(http.StatusTooManyRequests, "")
			resp.Header.Set("Retry-After", tt.value)
			return resp, nil
		})}})
		for _, call := range calls {
			if got := asError(t, call.call(t.Context(), c)).RetryAfter; got < tt.min || got > tt.max {
				t.Errorf("%s, Retry-After %q: got %v, want %v to %v", call.name, tt.value, got, tt.min, tt.max)
			}
		}
	}
}
