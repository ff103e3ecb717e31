package agen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
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
	// Payload is the raw JSON of the payload, nil when there is none. Events hands out a Payload that is valid only
	// until the visit returns; see Clone.
	Payload json.RawMessage
	// ClientID is what the sender of a message passed as client_id; "" for null.
	ClientID string
	// GoalID and TaskID are session_goal_id and session_task_id; "" for null.
	GoalID, TaskID string
	// CreatedAt and UpdatedAt are timestamps as they came; see ParseTime.
	CreatedAt, UpdatedAt string
	// Extra holds the fields that this package does not know, so that they survive encoding. Nil when there are none;
	// Events never fills it.
	Extra map[string]json.RawMessage
}

// Clone returns a copy that shares no memory with e, for keeping an event beyond the visit it was handed out for.
func (e *Event) Clone() Event {
	c := *e
	c.Payload = bytes.Clone(e.Payload)
	c.Extra = maps.Clone(e.Extra)
	for name, value := range c.Extra {
		c.Extra[name] = bytes.Clone(value)
	}
	return c
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

// MarshalJSON writes the event as Agen does, with null for an empty ClientID, GoalID and TaskID, and the fields of
// Extra at the end.
func (e Event) MarshalJSON() ([]byte, error) {
	payload := e.Payload
	if payload == nil {
		payload = json.RawMessage("{}")
	}
	var b bytes.Buffer
	fields := []struct {
		name  string
		value any
	}{
		{"id", e.ID},
		{"session_id", e.SessionID},
		{"type", e.Type},
		{"payload", payload},
		{"status", e.Status},
		{"client_id", nullable(e.ClientID)},
		{"session_goal_id", nullable(e.GoalID)},
		{"session_task_id", nullable(e.TaskID)},
		{"created_at", e.CreatedAt},
		{"updated_at", e.UpdatedAt},
	}
	for _, f := range fields {
		if err := appendField(&b, f.name, f.value); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Extra)) {
		if err := appendField(&b, name, e.Extra[name]); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// appendField writes one member of an object, with the opening brace or the comma before it.
func appendField(b *bytes.Buffer, name string, value any) error {
	key, err := json.Marshal(name)
	if err != nil {
		return fmt.Errorf("encode name %q: %w", name, err)
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	if b.Len() == 0 {
		b.WriteByte('{')
	} else {
		b.WriteByte(',')
	}
	b.Write(key)
	b.WriteByte(':')
	b.Write(encoded)
	return nil
}

// nullable is nil for the empty string, which encodes as null.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}
