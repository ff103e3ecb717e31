package agentest

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/agenbridge/agenbridge/agen"
)

// The types below give events and sessions the API's field names and order. Package agen only decodes.
//
// Source: https://docs.agenhq.com, "Get the session timeline events" and "List sessions".

type eventJSON struct {
	ID        string          `json:"id"`
	SessionID string          `json:"session_id"`
	Type      agen.EventType  `json:"type"`
	Payload   json.RawMessage `json:"payload"`
	Status    agen.Status     `json:"status"`
	ClientID  *string         `json:"client_id"`
	GoalID    *string         `json:"session_goal_id"`
	TaskID    *string         `json:"session_task_id"`
	CreatedAt string          `json:"created_at"`
	UpdatedAt string          `json:"updated_at"`
}

type sessionJSON struct {
	ID          string  `json:"id"`
	Title       string  `json:"title"`
	WorkspaceID string  `json:"workspace_id"`
	UserID      string  `json:"user_id"`
	BranchName  *string `json:"branch_name"`
	AutoCommit  bool    `json:"auto_commit"`
	Status      string  `json:"status"`
	Origin      string  `json:"origin"`
	CreatedAt   string  `json:"created_at"`
	UpdatedAt   string  `json:"updated_at"`
	SandboxID   *string `json:"sandbox_id"`
	MergedAt    *string `json:"merged_at"`
	DeepWorkID  *string `json:"deep_work_id"`
	Model       string  `json:"model,omitempty"`
	AgentStatus string  `json:"agent_status,omitempty"`
}

type pageJSON struct {
	Items      []sessionJSON `json:"items"`
	NextCursor *string       `json:"next_cursor"`
}

// EncodeTimeline returns the events as one JSON array, as the API answers them. The error says which event has a
// payload that is not JSON.
func EncodeTimeline(events []agen.Event) ([]byte, error) {
	encoded := make([][]byte, len(events))
	for i := range events {
		var err error
		if encoded[i], err = encodeEvent(&events[i]); err != nil {
			return nil, err
		}
	}
	return joinArray(encoded), nil
}

func encodeEvent(e *agen.Event) ([]byte, error) {
	payload := e.Payload
	if payload == nil {
		payload = json.RawMessage(`{}`)
	}
	body, err := json.Marshal(eventJSON{
		ID: e.ID, SessionID: e.SessionID, Type: e.Type, Payload: payload, Status: e.Status,
		ClientID: nullable(e.ClientID), GoalID: nullable(e.GoalID), TaskID: nullable(e.TaskID),
		CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt,
	})
	if err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.ID, err)
	}
	return body, nil
}

func toSessionJSON(s *agen.Session) sessionJSON {
	return sessionJSON{
		ID: s.ID, Title: s.Title, WorkspaceID: s.WorkspaceID, UserID: s.UserID, BranchName: nullable(s.BranchName),
		AutoCommit: s.AutoCommit, Status: s.Status, Origin: s.Origin, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt,
		SandboxID: nullable(s.SandboxID), MergedAt: nullable(s.MergedAt), DeepWorkID: nullable(s.DeepWorkID),
		Model: s.Model, AgentStatus: s.AgentStatus,
	}
}

// joinArray returns the JSON array of the encoded elements.
func joinArray(elements [][]byte) []byte {
	return append(append([]byte{'['}, bytes.Join(elements, []byte{','})...), ']')
}

// nullable returns nil, which encodes as null, for the empty string.
func nullable(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
