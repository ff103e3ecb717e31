package agen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Event is one entry of a session's timeline. Decoding never fails because of a field: null or a wrong type where a
// string is promised gives "" (a number gives its digits), and unknown types and statuses are kept as they came.
//
// Source: https://docs.agenhq.com, "Get the session timeline events".
type Event struct {
	// ID identifies the event, SessionID the session it belongs to.
	ID, SessionID string
	// Type says what the event is about, Status how far Agen is with it. Both can change after they were first seen.
	Type   EventType
	Status Status
	// Payload is the raw JSON of the payload, nil when there is none.
	Payload json.RawMessage
	// ClientID is what the sender of a message passed as client_id; "" for null.
	ClientID string
	// GoalID and TaskID are session_goal_id and session_task_id; "" for null.
	GoalID, TaskID string
	// CreatedAt and UpdatedAt are timestamps as they came; see ParseTime.
	CreatedAt, UpdatedAt string
}

// Time returns when the event was created; false if CreatedAt can't be read as a time.
func (e *Event) Time() (time.Time, bool) { return ParseTime(e.CreatedAt) }

// UnmarshalJSON reads an event tolerantly: it fails only if data is no JSON object.
func (e *Event) UnmarshalJSON(data []byte) error {
	var raw RawEvent
	data = bytes.TrimSpace(data)
	if len(data) == 0 || data[0] != '{' {
		return fmt.Errorf("decode event: %w", errNoObject)
	}
	if _, err := raw.parse(data); err != nil {
		return fmt.Errorf("decode event: %w", err)
	}
	*e = raw.Event()
	return nil
}
