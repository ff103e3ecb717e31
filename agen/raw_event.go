package agen

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// RawEvent is an event of a timeline that is being read, not decoded and still in the reader's buffer. Only the fields
// that are asked for are decoded, so passing over the known events of a long timeline allocates nothing. The RawEvent
// and every slice that it returns are valid only until visit returns; Event returns a copy to keep.
type RawEvent struct {
	object    []byte
	values    [unknownField + 1][]byte // JSON values, strings in their quotes; nil if missing
	eventType EventType                // cached by Type
	// following predicts names: the field that came after each field in earlier events, and the first one at
	// unknownField.
	following [unknownField + 1]eventField
}

// Bytes returns the event's JSON object, unchanged.
func (r *RawEvent) Bytes() []byte { return r.object }

// ID returns the event's id, empty if there is none.
func (r *RawEvent) ID() []byte { return r.text(fieldID) }

// ClientID returns what the sender of a message passed as client_id, empty for null.
func (r *RawEvent) ClientID() []byte { return r.text(fieldClientID) }

// Type returns the event's type. It allocates only for a type that is not documented.
func (r *RawEvent) Type() EventType {
	if r.eventType == "" {
		var known bool
		if r.eventType, known = knownTypes[string(stringContent(r.values[fieldType]))]; !known {
			r.eventType = EventType(r.text(fieldType))
		}
	}
	return r.eventType
}

// Status returns the event's status. It allocates only for a status that is not documented.
func (r *RawEvent) Status() Status {
	switch string(stringContent(r.values[fieldStatus])) {
	case string(StatusCompleted):
		return StatusCompleted
	case string(StatusQueued):
		return StatusQueued
	case string(StatusProcessing):
		return StatusProcessing
	case string(StatusCanceled):
		return StatusCanceled
	}
	return Status(r.text(fieldStatus))
}

// Payload returns the raw JSON of the payload, nil if there is none.
func (r *RawEvent) Payload() json.RawMessage { return r.values[fieldPayload] }

// UpdatedAt returns the timestamp of the last change, not parsed.
func (r *RawEvent) UpdatedAt() []byte { return r.text(fieldUpdatedAt) }

// Event decodes the event into a copy that shares no memory with the reader's buffer.
func (r *RawEvent) Event() Event {
	return Event{
		ID: string(r.text(fieldID)), SessionID: string(r.text(fieldSessionID)),
		Type: r.Type(), Status: r.Status(), Payload: bytes.Clone(r.values[fieldPayload]),
		ClientID: string(r.text(fieldClientID)), GoalID: string(r.text(fieldGoalID)), TaskID: string(r.text(fieldTaskID)),
		CreatedAt: string(r.text(fieldCreatedAt)), UpdatedAt: string(r.text(fieldUpdatedAt)),
	}
}

// UnmarshalJSON decodes an event tolerantly: it fails only if data is not a JSON object.
func (e *Event) UnmarshalJSON(data []byte) error {
	var raw RawEvent
	data = bytes.TrimSpace(data)
	if len(data) == 0 || data[0] != '{' {
		return fmt.Errorf("decode event: %w", errNotObject)
	}
	if _, err := raw.parse(data); err != nil {
		return fmt.Errorf("decode event: %w", err)
	}
	*e = raw.Event()
	return nil
}

// text returns a field's value as text.
func (r *RawEvent) text(f eventField) []byte { return textOfValue(r.values[f]) }

// parse parses the object at the beginning of b and returns its length, or errIncomplete. The last of two members with
// the same name counts, as in encoding/json.
func (r *RawEvent) parse(b []byte) (int, error) {
	r.object, r.values, r.eventType = nil, [unknownField + 1][]byte{}, ""
	i := skipSpace(b, 1)
	if i < len(b) && b[i] == '}' {
		r.object = b[: i+1 : i+1]
		return i + 1, nil
	}
	for previous := unknownField; i < len(b); {
		f, end, err := r.parseName(b, i, previous)
		if err != nil {
			return 0, err
		}
		if i = skipSpace(b, end); i >= len(b) {
			return 0, errIncomplete
		}
		if b[i] != ':' {
			return 0, errMalformed
		}
		i = skipSpace(b, i+1)
		if end, err = skipValue(b, i); err != nil {
			return 0, err
		}
		if r.values[f] = b[i:end:end]; f != unknownField {
			previous = f
		}
		if i = skipSpace(b, end); i >= len(b) {
			return 0, errIncomplete
		}
		if b[i] == '}' {
			r.object = b[: i+1 : i+1]
			return i + 1, nil
		}
		if b[i] != ',' {
			return 0, errMalformed
		}
		i = skipSpace(b, i+1)
	}
	return 0, errIncomplete
}

// parseName parses the member name at i and returns its field and the index after it. Most events have their members in
// the same order, so the name is looked up only if it isn't the one that followed the previous field in earlier events.
func (r *RawEvent) parseName(b []byte, i int, previous eventField) (eventField, int, error) {
	if f := r.following[previous]; f.isAt(b, i) {
		return f, i + len(quotedNames[f]), nil
	}
	if b[i] != '"' {
		return unknownField, 0, errMalformed
	}
	end := skipString(b, i)
	if end < 0 {
		return unknownField, 0, errIncomplete
	}
	f := fieldNamed(b[i:end])
	if f != unknownField {
		r.following[previous] = f
	}
	return f, end, nil
}
