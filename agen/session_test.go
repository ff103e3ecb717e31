package agen_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
)

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
		return newClient(t, agen.Config{HTTPClient: &http.Client{Transport: &cannedResponse{[]byte(body)}}}).ListSessions(t.Context())
	}
	page, err := list(`{"items":[null,{"id":"a"},1,{"id":"b"}],"next_cursor":7}`)
	if err != nil || len(page) != 2 || page[1].ID != "b" {
		t.Errorf("got %+v, %v; want sessions a and b", page, err)
	}
	if page, err := list(`{"items":null}`); err != nil || len(page) != 0 {
		t.Errorf("got %+v, %v; want no sessions", page, err)
	}
}
