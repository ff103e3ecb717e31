package agen_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

func TestEventKeepsUnknownValues(t *testing.T) {
	const in = `{"id":"e1","session_id":"s1","type":"agent_dreams","payload":{"of":["sheep",1.50]},"status":"paused",` +
		`"client_id":null,"session_goal_id":"g","session_task_id":null,"created_at":"2026-01-02","updated_at":"",` +
		`"mood":{"calm":true}}`
	var e agen.Event
	if err := json.Unmarshal([]byte(in), &e); err != nil {
		t.Fatal(err)
	}
	want := agen.Event{
		ID: "e1", SessionID: "s1", Type: "agent_dreams", Status: "paused",
		Payload: json.RawMessage(`{"of":["sheep",1.50]}`), GoalID: "g", CreatedAt: "2026-01-02",
	}
	if !reflect.DeepEqual(e, want) {
		t.Errorf("got %+v, want %+v", e, want)
	}
	if e.Type.Known() {
		t.Error("the type counts as known")
	}
}

func TestEventToleratesWrongTypes(t *testing.T) {
	for in, want := range map[string]agen.Event{
		`{}`: {},
		`{"id":null,"session_id":false,"type":[],"status":{},"client_id":{"a":1},"created_at":null}`: {},
		`{"id":17,"created_at":1767225600,"updated_at":-1.5e3}`:                                      {ID: "17", CreatedAt: "1767225600", UpdatedAt: "-1.5e3"},
		`{"id":"a","id":"b","\u0069d":"c"}`:                                                          {ID: "c"},
		`{"id":"\u00e9\n\ud83d\ude42","client_id":"é"}`:                                              {ID: "é\n🙂", ClientID: "é"},
		`{"payload":null}`: {Payload: json.RawMessage("null")},
		`{"payload":"x"}`:  {Payload: json.RawMessage(`"x"`)},
		"{\n \"id\" :\t\"a\" , \"status\" : \"queued\" }\n": {ID: "a", Status: agen.StatusQueued},
	} {
		var got agen.Event
		if err := json.Unmarshal([]byte(in), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v; want %+v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "null", "[]", `"x"`, "{", `{"id"`, `{"id":}`, `{"id":"a"`, `{1:2}`, `{"a":1,}`} {
		var got agen.Event
		if err := got.UnmarshalJSON([]byte(in)); err == nil {
			t.Errorf("%q: got no error", in)
		}
	}
}

func TestDocumentedEventTypes(t *testing.T) {
	seen := map[agen.EventType]bool{}
	for _, kind := range agen.EventTypes() {
		if seen[kind] || !kind.Known() {
			t.Errorf("%s is there twice, or unknown", kind)
		}
		seen[kind] = true
	}
	if len(seen) != 34 {
		t.Errorf("got %d types, want 34", len(seen))
	}
}

func TestSessionToleratesWrongTypes(t *testing.T) {
	const in = `{"id":"s","title":null,"workspace_id":3,"user_id":[],"branch_name":null,"auto_commit":"yes","status":"new",` +
		`"merged_at":null,"sandbox_id":"sb","surprise":1}`
	var got agen.Session
	if err := json.Unmarshal([]byte(in), &got); err != nil {
		t.Fatal(err)
	}
	if want := (agen.Session{ID: "s", WorkspaceID: "3", Status: "new", SandboxID: "sb"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	list := func(body string) ([]agen.Session, error) {
		return newClient(t, agen.Config{HTTPClient: &http.Client{Transport: &memory{[]byte(body)}}}).ListSessions(t.Context())
	}
	page, err := list(`{"items":[null,{"id":"a"},1,{"id":"b"}],"next_cursor":7}`)
	if err != nil || len(page) != 2 || page[1].ID != "b" {
		t.Errorf("got %+v, %v; want sessions a and b", page, err)
	}
	if page, err := list(`{"items":null}`); err != nil || len(page) != 0 {
		t.Errorf("got %+v, %v; want no sessions", page, err)
	}
}

func TestParseTime(t *testing.T) {
	zone := time.FixedZone("", 3600)
	at := func(h, m, s, ns int, l *time.Location) time.Time { return time.Date(2026, 1, 2, h, m, s, ns, l) }
	for in, want := range map[string]time.Time{
		"2026-01-02T03:04:05Z":             at(3, 4, 5, 0, time.UTC),
		"2026-01-02T03:04:05.678901234Z":   at(3, 4, 5, 678901234, time.UTC),
		"2026-01-02T03:04:05,5Z":           at(3, 4, 5, 500000000, time.UTC),
		"2026-01-02T03:04:05+01:00":        at(3, 4, 5, 0, zone),
		"2026-01-02T03:04:05.678901+01:00": at(3, 4, 5, 678901000, zone),
		"2026-01-02T03:04:05-00:30":        at(3, 34, 5, 0, time.UTC),
		"2026-01-02T03:04:05.1234567890Z":  at(3, 4, 5, 123456789, time.UTC),
		"2026-01-02T03:04:05":              at(3, 4, 5, 0, time.UTC),
		"2026-01-02T03:04:05.5":            at(3, 4, 5, 500000000, time.UTC),
		"2026-01-02 03:04:05":              at(3, 4, 5, 0, time.UTC),
		"2026-01-02 03:04:05.5+01:00":      at(3, 4, 5, 500000000, zone),
	} {
		if got, ok := agen.ParseTime(in); !ok || !got.Equal(want) {
			t.Errorf("%q: got %v, %t; want %v", in, got, ok, want)
		}
	}
	for _, in := range []string{
		"", "now", "1767225600", "2026", "2026-13-01", "2026-02-30", "2026-01-02T", "2026-01-02T25:00", "2026-01-02T03:60",
		"2026-01-02T03:04:05+25:00", "2026-01-02T03:04:05+1:2:3:4", "T03:04", "2026-01-02T03:04:05.", "2026-01-02T03:04:05.x",
		"Mon Jan 2", "2026-01-02T03:04:05+-100", "2026-01-02T03:04:05z0", "2026-W54-1",
		// ISO 8601, but not RFC 3339.
		"2026-W01-5", "2026W015T030405Z", "2026-002", "2026002T03Z", "20260102T030405Z", "20260102", "2026-01-02",
		"2026-01-02T24:00", "2026-01-02T03.5", "2026-01-02T03:04:05+0100",
	} {
		if got, ok := agen.ParseTime(in); ok {
			t.Errorf("%q: got %v, want none", in, got)
		}
	}
}
