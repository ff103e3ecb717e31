package agentest_test

import (
	"encoding/json"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
)

func TestEncodeTimeline(t *testing.T) {
	const event = `{"id":"e1","session_id":"s1","type":"agent_dreams","payload":{"of":["sheep",1.50]},"status":"paused",` +
		`"client_id":null,"session_goal_id":"g","session_task_id":null,"created_at":"2026-01-02","updated_at":""}`
	const empty = `{"id":"","session_id":"","type":"","payload":{},"status":"",` +
		`"client_id":null,"session_goal_id":null,"session_task_id":null,"created_at":"","updated_at":""}`
	got, err := agentest.EncodeTimeline([]agen.Event{{
		ID: "e1", SessionID: "s1", Type: "agent_dreams", Status: "paused",
		Payload: json.RawMessage(`{"of": ["sheep", 1.50]}`), GoalID: "g", CreatedAt: "2026-01-02",
	}, {}})
	if want := "[" + event + "," + empty + "]"; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	if got, err := agentest.EncodeTimeline(nil); err != nil || string(got) != "[]" {
		t.Errorf("got %s, %v for no events, want []", got, err)
	}
	if got, err := agentest.EncodeTimeline([]agen.Event{{Payload: json.RawMessage(`{`)}}); err == nil {
		t.Errorf("got %s for a payload that is not JSON, want an error", got)
	}
}

func TestEventsShareNoMemoryWithTheServer(t *testing.T) {
	srv := agentest.NewStarted(t, agentest.Config{})
	id := srv.AddSession("", agen.Session{}).ID
	given := agen.Event{Payload: json.RawMessage(`{"a":1}`)}
	returned, err := srv.AddEvent(id, given)
	must(t, err)
	given.Payload[0], returned.Payload[0], srv.Timeline(id)[0].Payload[0] = '!', '!', '!'
	if got := string(srv.Timeline(id)[0].Payload); got != `{"a":1}` {
		t.Errorf("got payload %s, want it unchanged", got)
	}
}
