package agen

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// RawEvent is an event of a timeline that is being read, still in the reader's buffer. Nothing is decoded or copied
// before it is asked for, so passing over the events of a long timeline that are already known costs no allocation.
// It and every slice it returns are valid only until the visit returns; Event makes a copy to keep.
type RawEvent struct {
	whole   []byte
	values  [noField + 1][]byte // JSON values, strings in their quotes; nil when missing
	kind    EventType           // the type, once it was asked for
	follows [noField + 1]field  // the field that stood after each field in the events before; the first one after noField
}

// Bytes returns the event's JSON object as it came.
func (r *RawEvent) Bytes() []byte { return r.whole }

// ID returns the event's id, empty when there is none.
func (r *RawEvent) ID() []byte { return r.text(fieldID) }

// ClientID returns what the sender of a message passed as client_id, empty for null.
func (r *RawEvent) ClientID() []byte { return r.text(fieldClient) }

// Type returns the event's type. It allocates only for a type that is not documented.
func (r *RawEvent) Type() EventType {
	if r.kind == "" {
		var known bool
		if r.kind, known = knownTypes[string(inside(r.values[fieldType]))]; !known {
			r.kind = EventType(r.text(fieldType))
		}
	}
	return r.kind
}

// Status returns the event's status. It allocates only for a status that is not documented.
func (r *RawEvent) Status() Status {
	switch string(inside(r.values[fieldStatus])) {
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

// Payload returns the raw JSON of the payload, nil when there is none.
func (r *RawEvent) Payload() json.RawMessage { return r.values[fieldPayload] }

// UpdatedAt returns the timestamp of the last change as it came.
func (r *RawEvent) UpdatedAt() []byte { return r.text(fieldUpdated) }

// Event decodes the event into a value of its own.
func (r *RawEvent) Event() Event {
	return Event{
		ID: string(r.text(fieldID)), SessionID: string(r.text(fieldSession)),
		Type: r.Type(), Status: r.Status(), Payload: bytes.Clone(r.values[fieldPayload]),
		ClientID: string(r.text(fieldClient)), GoalID: string(r.text(fieldGoal)), TaskID: string(r.text(fieldTask)),
		CreatedAt: string(r.text(fieldCreated)), UpdatedAt: string(r.text(fieldUpdated)),
	}
}

// text returns a field's value as text.
func (r *RawEvent) text(f field) []byte { return text(r.values[f]) }

// text reads a JSON value as text: the content of a string, the digits of a number, nothing for anything else. A plain
// string is a slice of value.
func text(value []byte) []byte {
	if len(value) == 0 {
		return nil
	}
	switch c := value[0]; {
	case c == '"':
		inner := inside(value)
		if plainText(inner) {
			return inner
		}
		if plain, ok := unescape(inner); ok {
			return plain
		}
		return bytes.ToValidUTF8(inner, []byte("\uFFFD"))
	case c == '-' || c >= '0' && c <= '9':
		return value
	}
	return nil
}

// inside returns what is between the quotes of a string as it came, nil for any other value.
func inside(value []byte) []byte {
	if len(value) < 2 || value[0] != '"' {
		return nil
	}
	return value[1 : len(value)-1]
}

// plainText reports whether a string's content needs no decoding.
func plainText(inner []byte) bool {
	return bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner)
}

// unescape decodes the content of a JSON string.
func unescape(inner []byte) ([]byte, bool) {
	quoted := make([]byte, 0, len(inner)+2)
	quoted = append(quoted, '"')
	quoted = append(quoted, inner...)
	quoted = append(quoted, '"')
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return nil, false
	}
	return []byte(s), true
}
