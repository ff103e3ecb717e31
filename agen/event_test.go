package agen_test

import (
	"encoding/json"
	"reflect"
	"testing"

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
