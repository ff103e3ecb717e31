package agen_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
)

// TestRequests checks what each call sends, byte for byte.
func TestRequests(t *testing.T) {
	branch := "fix/ä"
	for _, tt := range []struct {
		name               string
		call               func(*agen.Client) error
		method, path, body string
	}{
		{"send", func(c *agen.Client) error {
			_, err := c.SendMessage(t.Context(), "s_1", "a <b> & \"c\"\n", "1700000000.000100")
			return err
		}, "POST", "/api/v1/sessions/s_1/messages", `{"message":"a <b> & \"c\"\n","client_id":"1700000000.000100"}`},
		{"send without client id", func(c *agen.Client) error {
			_, err := c.SendMessage(t.Context(), "s_1", "m", "")
			return err
		}, "POST", "/api/v1/sessions/s_1/messages", `{"message":"m"}`},
		{"strange session id", func(c *agen.Client) error {
			_, err := c.SendMessage(t.Context(), "a/../b?c#d%2f é", "m", "")
			return err
		}, "POST", "/api/v1/sessions/a%2F..%2Fb%3Fc%23d%252f%20%C3%A9/messages", `{"message":"m"}`},
		{"create", func(c *agen.Client) error {
			_, err := c.CreateSession(t.Context(), agen.SessionOptions{})
			return err
		}, "POST", "/api/v1/sessions", `{"branch_name":null,"auto_commit":false}`},
		{"create with everything", func(c *agen.Client) error {
			_, err := c.CreateSession(t.Context(), agen.SessionOptions{Branch: &branch, AutoCommit: true, Model: "large"})
			return err
		}, "POST", "/api/v1/sessions", `{"branch_name":"fix/ä","auto_commit":true,"model":"large"}`},
		{"events", func(c *agen.Client) error {
			_, err := c.Timeline(t.Context(), "s_1", "", func(*agen.RawEvent) error { return nil })
			return err
		}, "GET", "/api/v1/sessions/s_1/events", ""},
		{"list", func(c *agen.Client) error {
			_, err := c.ListSessions(t.Context())
			return err
		}, "GET", "/api/v1/sessions", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if got := readBody(t, r); r.Method != tt.method || r.RequestURI != tt.path || got != tt.body {
					t.Errorf("got %s %s with body %s, want %s %s with %s", r.Method, r.RequestURI, got, tt.method, tt.path, tt.body)
				}
				want := map[string]string{"X-Api-Key": testKey, "Accept": "application/json", "User-Agent": "agenbridge/dev"}
				if tt.body != "" {
					want["Content-Type"] = "application/json"
				}
				for name, value := range want {
					if got := r.Header.Get(name); got != value {
						t.Errorf("got %s %q, want %q", name, got, value)
					}
				}
				for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key", "Cookie", "Authorization"} {
					if r.Header.Get(name) != "" {
						t.Errorf("got a header %s", name)
					}
				}
				if strings.HasSuffix(r.URL.Path, "/events") {
					fmt.Fprint(w, "[]")
					return
				}
				fmt.Fprint(w, `{"id":"x","items":[],"next_cursor":null}`)
			})
			if err := tt.call(c); err != nil {
				t.Error(err)
			}
		})
	}
}
