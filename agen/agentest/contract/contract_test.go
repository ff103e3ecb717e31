package contract_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/agen/agentest/contract"
)

// TestClientAndServerKeepTheContract makes every call in every form, with the validator between client and server.
func TestClientAndServerKeepTheContract(t *testing.T) {
	srv := agentest.NewStarted(t, agentest.Config{
		Wrap: contract.Check(t), ETags: true, Gzip: true, Agent: agentest.Agent{Manual: true},
	})
	c, err := agen.New(agen.Config{BaseURL: srv.URL(), Key: agentest.DefaultKey})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	ctx := t.Context()
	branch := "main"
	for _, s := range []agen.SessionOptions{{}, {Branch: &branch, AutoCommit: true, Model: "large"}, {Model: "small"}} {
		if _, err := c.CreateSession(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	id := srv.Sessions()[0].ID
	for _, clientID := range []string{"", "1700000000.000100"} {
		if _, err := c.SendMessage(ctx, id, "hello <&> \"world\" \u2028 🙂", clientID); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range agen.EventTypes() {
		if _, err := srv.AddEvent(id, agentest.Event(kind, map[string]any{"message": "m"})); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	etag, err := c.Timeline(ctx, id, "", func(*agen.RawEvent) error { n++; return nil })
	if want := 2 + len(agen.EventTypes()); err != nil || n != want || etag == "" {
		t.Fatalf("got %d events, etag %q, error %v; want %d, an etag, none", n, etag, err, want)
	}
	if listed, err := c.ListSessions(ctx); err != nil || len(listed) != 3 {
		t.Errorf("got %d sessions, %v; want 3", len(listed), err)
	}
	for _, call := range []agentest.Call{agentest.CallSend, agentest.CallEvents, agentest.CallCreate, agentest.CallList} {
		srv.AddFault(agentest.Fail(call, 503))
	}
	_, errSend := c.SendMessage(ctx, id, "m", "")
	_, errCreate := c.CreateSession(ctx, agen.SessionOptions{})
	_, errList := c.ListSessions(ctx)
	_, errEvents := c.Timeline(ctx, id, "", func(*agen.RawEvent) error { return nil })
	for _, err := range []error{errSend, errCreate, errList, errEvents} {
		if err == nil {
			t.Error("got no error from a call that was answered with 503")
		}
	}
}

// TestViolationsAreFound checks that the validator finds violations: a check that can't fail proves nothing.
func TestViolationsAreFound(t *testing.T) {
	const event = `{"id":"e","session_id":"s","type":"user_message","payload":%s,"status":%q,` +
		`"client_id":null,"session_goal_id":null,"session_task_id":null,"created_at":"x","updated_at":"x"}`
	good := fmt.Sprintf(event, `{"type":"user_message","message":"m"}`, "queued")
	for _, tt := range []struct {
		name, method, path, key, body string
		status                        int
		answer                        string
		want                          string // "" = no violation
	}{
		{"valid", "POST", "/api/v1/sessions/s/messages", "k", `{"message":"m"}`, 200, good, ""},
		{"error bodies are not documented", "POST", "/api/v1/sessions/s/messages", "k", `{"message":"m"}`, 418, `nonsense`, ""},
		{"no key", "POST", "/api/v1/sessions/s/messages", "", `{"message":"m"}`, 200, good, "request"},
		{"empty message", "POST", "/api/v1/sessions/s/messages", "k", `{"message":""}`, 200, good, "request"},
		{"client_id null", "POST", "/api/v1/sessions/s/messages", "k", `{"message":"m","client_id":null}`, 200, good, "request"},
		{"unknown field", "POST", "/api/v1/sessions/s/messages", "k", `{"message":"m","x":1}`, 200, good, "request"},
		{"no branch", "POST", "/api/v1/sessions", "k", `{}`, 400, `{}`, "request"},
		{"unknown parameter", "GET", "/api/v1/sessions?limit=3", "k", "", 200, `{"items":[],"next_cursor":null}`, "request"},
		{"unknown path", "GET", "/api/v1/session", "k", "", 404, `{}`, "request"},
		{"empty session", "GET", "/api/v1/sessions//events", "k", "", 404, `{}`, "request"},
		{"unknown status", "GET", "/api/v1/sessions/s/events", "k", "", 200, `[` + fmt.Sprintf(event, `{"type":"user_message","message":"m"}`, "done") + `]`, "answer"},
		{"payload without message", "GET", "/api/v1/sessions/s/events", "k", "", 200, `[` + fmt.Sprintf(event, `{}`, "queued") + `]`, "answer"},
		{"missing cursor", "GET", "/api/v1/sessions", "k", "", 200, `{"items":[]}`, "answer"},
		{"redirect", "GET", "/api/v1/sessions", "k", "", 302, `{}`, "answer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			wrap, err := contract.Wrap(func(err error) { got = append(got, err.Error()) })
			if err != nil {
				t.Fatal(err)
			}
			h := wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tt.status)
				fmt.Fprint(w, tt.answer)
			}))
			r := httptest.NewRequestWithContext(context.Background(), tt.method, tt.path, strings.NewReader(tt.body))
			r.Header.Set("Content-Type", "application/json")
			if tt.key != "" {
				r.Header.Set("x-api-key", tt.key)
			}
			h.ServeHTTP(httptest.NewRecorder(), r)
			if tt.want == "" && len(got) > 0 || tt.want != "" && (len(got) == 0 || !strings.HasPrefix(got[0], tt.want)) {
				t.Errorf("got violations %q, want %q", got, tt.want)
			}
		})
	}
}
