package agen_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
)

// TestRequests looks at what each call sends, byte for byte.
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
				if got := drain(t, r); r.Method != tt.method || r.RequestURI != tt.path || got != tt.body {
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

func TestConfig(t *testing.T) {
	for _, tt := range []struct {
		cfg agen.Config
		ok  bool
	}{
		{agen.Config{Key: "k"}, true},
		{agen.Config{Key: " k\n", BaseURL: "http://127.0.0.1:1/prefix/"}, true},
		{agen.Config{}, false},
		{agen.Config{Key: "  "}, false},
		{agen.Config{Key: "a\x00b"}, false},
		{agen.Config{Key: "k", BaseURL: "api.agenhq.com"}, false},
		{agen.Config{Key: "k", BaseURL: "ftp://api.agenhq.com"}, false},
		{agen.Config{Key: "k", BaseURL: "https://"}, false},
		{agen.Config{Key: "k", BaseURL: "https://user:hunter2@host/"}, false},
		{agen.Config{Key: "k", BaseURL: "https://user:hunter2@host:port/"}, false},
		{agen.Config{Key: "k", BaseURL: "https://host/?x"}, false},
		{agen.Config{Key: "k", UserAgentVersion: "1\n"}, false},
	} {
		_, err := agen.New(tt.cfg)
		if (err == nil) != tt.ok {
			t.Errorf("New(%q): got error %v, want ok %t", tt.cfg.BaseURL, err, tt.ok)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("New(%q): the error %v shows the password", tt.cfg.BaseURL, err)
		}
	}
}

func TestSetKeyWhileCalling(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if key := r.Header.Get("x-api-key"); key != testKey && key != "another" {
			t.Errorf("got key %q", key)
		}
		fmt.Fprint(w, `{"items":[]}`)
	})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				if _, err := c.ListSessions(t.Context()); err != nil {
					t.Error(err)
				}
				c.SetKey("another\n")
			}
		})
	}
	wg.Wait()
}

// TestNoErrorShowsTheKey lets the server and the network echo the key in every way they have.
func TestNoErrorShowsTheKey(t *testing.T) {
	const key = `k/e+y "7"`
	quoted, err := json.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	bodies := []string{
		key, `{"message":` + string(quoted) + `}`, `{"error":` + string(quoted) + `}`, `{"error":{"message":` + string(quoted) + `}}`,
		`{"errors":[{"message":` + string(quoted) + `}]}`, "query " + url.QueryEscape(key), "path " + url.PathEscape(key),
		strings.Repeat("x", 4090) + key, strings.Repeat("x", 280) + key, "k/e\x00+y \"7\"", `{"id":` + string(quoted),
	}
	check := func(what string, err error) {
		t.Helper()
		for _, form := range []string{fmt.Sprint(err), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", asError(t, err).Message)} {
			if strings.Contains(form, key) || strings.Contains(form, url.QueryEscape(key)) || strings.Contains(form, `k/e+y`) {
				t.Errorf("%s: the error shows the key: %s", what, form)
			}
		}
	}
	for _, contentType := range []string{"application/json", "text/plain; charset=utf-8", "text/html"} {
		for _, status := range []int{200, 302, 400, 401, 500} {
			for _, body := range bodies {
				c := newClient(t, agen.Config{Key: key, HTTPClient: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					drain(t, r)
					resp := response(status, body)
					resp.Header.Set("Content-Type", contentType)
					resp.Header.Set("Location", "https://host/?"+url.QueryEscape(key))
					return resp, nil
				})}})
				_, err := c.SendMessage(t.Context(), "s", "m", "c")
				if status == 200 && err == nil {
					t.Fatal("got no error")
				}
				check(fmt.Sprintf("%d %s %s", status, contentType, body), err)
			}
		}
	}
	c := newClient(t, agen.Config{Key: key, HTTPClient: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("sent " + key)
	})}})
	for _, call := range calls {
		check(call.name, call.call(t.Context(), c))
	}
}

func TestSecretIsNeverShown(t *testing.T) {
	cfg := agen.Config{Key: "hunter2"}
	encoded, err := json.Marshal(map[string]any{"key": cfg.Key})
	if err != nil {
		t.Fatal(err)
	}
	shown := []string{string(encoded), cfg.Key.LogValue().String(), cfg.Key.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%10s"} {
		shown = append(shown, fmt.Sprintf(verb, cfg.Key), fmt.Sprintf(verb, cfg))
	}
	for _, s := range shown {
		if strings.Contains(s, "hunter2") || strings.Contains(s, "68756e74657232") {
			t.Errorf("shown: %s", s)
		}
	}
	if string(cfg.Key) != "hunter2" {
		t.Error("the conversion doesn't show it either")
	}
}

// TestMessages is about where an error's message is found and what it looks like.
func TestMessages(t *testing.T) {
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
		{"text/plain", " no\n\tway\u202e\u0000!\r\n", "no way !"},
		{"text/plain", strings.Repeat("ä", 400), strings.Repeat("ä", 300) + "…"},
		{"text/html", "<h1>oops</h1>", "Bad Request"},
		{"application/json", "", "Bad Request"},
		{"application/json", "[]", "Bad Request"},
		{"application/json", `{"errors":[]}`, "Bad Request"},
		{"application/json", `{"errors":{}}`, "Bad Request"},
		{"text/plain", `{"detail":17}`, "Bad Request"},
		{"text/plain", "\xff\xfe", "\uFFFD"},
		{"application/json", `{"message":"` + strings.Repeat("x", 5000) + `"}`, "Bad Request"},
	} {
		c := newClient(t, agen.Config{HTTPClient: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			resp := response(400, tt.body)
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
