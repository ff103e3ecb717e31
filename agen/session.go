package agen

import (
	"encoding/json"
	"fmt"
)

// Session is a conversation with the agent about one workspace. Decoding is as tolerant as an Event's.
//
// Source: https://docs.agenhq.com, Session schema.
type Session struct {
	// ID identifies the session.
	ID string
	// Title is the name that Agen gave it.
	Title string
	// WorkspaceID is the workspace that the session belongs to, UserID the user who opened it.
	WorkspaceID, UserID string
	// BranchName is the branch that the agent works on, "" for null.
	BranchName string
	// AutoCommit says whether the agent commits without being asked.
	AutoCommit bool
	// Status is the lifecycle of the session, AgentStatus the execution state of the agent. The values are not
	// documented.
	Status, AgentStatus string
	// Origin says what opened the session.
	Origin string
	// Model is the model in use, "" if missing.
	Model string
	// SandboxID and DeepWorkID are "" if null or missing.
	SandboxID, DeepWorkID string
	// CreatedAt, UpdatedAt and MergedAt are timestamps, not parsed; MergedAt is "" for null. See ParseTime.
	CreatedAt, UpdatedAt, MergedAt string
}

// UnmarshalJSON decodes a session tolerantly: it fails only if data is not a JSON object.
func (s *Session) UnmarshalJSON(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return fmt.Errorf("decode session: %w", err)
	}
	if fields == nil {
		return fmt.Errorf("decode session: %w", errNotObject)
	}
	read := func(name string) string { return string(textOfValue(fields[name])) }
	*s = Session{
		ID: read("id"), Title: read("title"), WorkspaceID: read("workspace_id"), UserID: read("user_id"),
		BranchName: read("branch_name"), AutoCommit: string(fields["auto_commit"]) == "true",
		Status: read("status"), AgentStatus: read("agent_status"), Origin: read("origin"), Model: read("model"),
		SandboxID: read("sandbox_id"), DeepWorkID: read("deep_work_id"),
		CreatedAt: read("created_at"), UpdatedAt: read("updated_at"), MergedAt: read("merged_at"),
	}
	return nil
}

// SessionOptions says how a session is opened.
//
// Source: https://docs.agenhq.com, "Create sessions".
type SessionOptions struct {
	// Branch is the branch that the agent starts from; nil is sent as JSON null and means Agen's default.
	Branch *string
	// AutoCommit lets the agent commit without being asked.
	AutoCommit bool
	// Model names the model; empty means Agen's default, and the field is not sent.
	Model string
}

// sessionPage is one page of a listing of sessions.
type sessionPage []Session

// UnmarshalJSON decodes a page tolerantly; items that are not objects are left out.
func (p *sessionPage) UnmarshalJSON(data []byte) error {
	var page struct {
		Items json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(data, &page); err != nil {
		return fmt.Errorf("decode sessions: %w", err)
	}
	var items []json.RawMessage
	if err := json.Unmarshal(page.Items, &items); err != nil {
		return fmt.Errorf("decode items: %w", err)
	}
	*p = nil
	for _, item := range items {
		if item[0] != '{' {
			continue
		}
		var s Session
		if err := s.UnmarshalJSON(item); err != nil {
			return err
		}
		*p = append(*p, s)
	}
	return nil
}
