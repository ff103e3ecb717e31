package agen_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
)

// TestErrorMessages checks where in an answer the message of an error is found, and its form.
func TestErrorMessages(t *testing.T) {
	for _, tt := range []struct{ contentType, body, want string }{
		{"application/json", `{"message":"why"}`, "why"},
		{"application/json", `{"error":"why"}`, "why"},
		{"application/json", `{"error":{"message":"why","code":7}}`, "why"},
		{"application/json", `{"errors":["why","what"]}`, "why"},
		{"application/json", `{"errors":[{"message":"why"},{"message":"what"}]}`, "why"},
		{"application/json", `{"message":["first","second"]}`, "first second"},
		{"application/json", `{"message":"","error":"why"}`, "why"},
		{"application/json", `{"message":null,"error":{"text":"why"}}`, "why"},
		{"text/plain", `{"message":"why"}`, "why"},
		{"application/json", `{"message":" no\n\tway\u202e\u0000!\r\n"}`, "no way !"},
		{"application/json", `{"message":"` + strings.Repeat("ä", 400) + `"}`, strings.Repeat("ä", 300) + "…"},
		{"text/plain", "not Agen's, but a proxy's", "Bad Request"},
		{"text/html", "<h1>oops</h1>", "Bad Request"},
		{"application/json", "", "Bad Request"},
		{"application/json", "[]", "Bad Request"},
		{"application/json", `{"errors":[]}`, "Bad Request"},
		{"application/json", `{"errors":{}}`, "Bad Request"},
		{"text/plain", `{"detail":17}`, "Bad Request"},
		{"application/json", "{\"message\":\"\xff\"}", "\uFFFD"},
		{"application/json", `{"message":"` + strings.Repeat("x", 5000) + `"}`, "Bad Request"},
	} {
		c := newClient(t, agen.Config{HTTPClient: &http.Client{Transport: roundTripFunc(func(*http.Request) (*http.Response, error) {
			resp := newResponse(400, tt.body)
			resp.Header.Set("Content-Type", tt.contentType)
			return resp, nil
		})}})
		_, err := c.ListSessions(t.Context())
		if got := asError(t, err).Message; got != tt.want {
			t.Errorf("%s %.60s: got %q, want %q", tt.contentType, tt.body, got, tt.want)
		}
		if want := "agen: list sessions: 400 (rejected)"; err.Error() != want {
			t.Errorf("got error %q, want %q", err, want)
		}
	}
}
