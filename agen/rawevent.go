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
	id      []byte // this and the next ones: JSON values, with quotes; nil when missing
	session []byte
	kind    []byte
	status  []byte
	payload []byte
	client  []byte
	goal    []byte
	task    []byte
	created []byte
	updated []byte
	unknown bool // there are fields of other names
}

// Bytes returns the event's JSON object as it came.
func (r *RawEvent) Bytes() []byte { return r.whole }

// ID returns the event's id, empty when there is none.
func (r *RawEvent) ID() []byte { return text(r.id) }

// ClientID returns what the sender of a message passed as client_id, empty for null.
func (r *RawEvent) ClientID() []byte { return text(r.client) }

// Type returns the event's type. It allocates only for a type that is not documented.
func (r *RawEvent) Type() EventType {
	b := text(r.kind)
	if t, known := knownTypes[string(b)]; known {
		return t
	}
	return EventType(b)
}

// Status returns the event's status. It allocates only for a status that is not documented.
func (r *RawEvent) Status() Status {
	b := text(r.status)
	switch string(b) {
	case string(StatusCompleted):
		return StatusCompleted
	case string(StatusQueued):
		return StatusQueued
	case string(StatusProcessing):
		return StatusProcessing
	case string(StatusCanceled):
		return StatusCanceled
	}
	return Status(b)
}

// Payload returns the raw JSON of the payload, nil when there is none.
func (r *RawEvent) Payload() json.RawMessage { return r.payload }

// UpdatedAt returns the timestamp of the last change as it came.
func (r *RawEvent) UpdatedAt() []byte { return text(r.updated) }

// Event decodes the event into a value of its own, with its Extra fields.
func (r *RawEvent) Event() Event {
	e := Event{
		ID: string(text(r.id)), SessionID: string(text(r.session)),
		Type: r.Type(), Status: r.Status(), Payload: bytes.Clone(r.payload),
		ClientID: string(text(r.client)), GoalID: string(text(r.goal)), TaskID: string(text(r.task)),
		CreatedAt: string(text(r.created)), UpdatedAt: string(text(r.updated)),
	}
	if r.unknown {
		e.Extra = extra(r.whole)
	}
	return e
}

// note keeps the value of a field. Of a field that comes twice the last one counts, as in encoding/json.
func (r *RawEvent) note(key, value []byte) {
	switch string(key) {
	case "id":
		r.id = value
	case "session_id":
		r.session = value
	case "type":
		r.kind = value
	case "payload":
		r.payload = value
	case "status":
		r.status = value
	case "client_id":
		r.client = value
	case "session_goal_id":
		r.goal = value
	case "session_task_id":
		r.task = value
	case "created_at":
		r.created = value
	case "updated_at":
		r.updated = value
	default:
		if bytes.IndexByte(key, '\\') >= 0 {
			if plain, ok := unescape(key); ok && !bytes.Equal(plain, key) {
				r.note(plain, value)
				return
			}
		}
		r.unknown = true
	}
}

// extra decodes the fields that have no place in Event. Nil when the object is not valid JSON.
func extra(object []byte) map[string]json.RawMessage {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(object, &fields); err != nil {
		return nil // the scanner only looks at the structure; what it let pass has no extra fields
	}
	for _, known := range []string{
		"id", "session_id", "type", "payload", "status", "client_id",
		"session_goal_id", "session_task_id", "created_at", "updated_at",
	} {
		delete(fields, known)
	}
	return fields
}

// text reads a JSON value as text: the content of a string, the digits of a number, nothing for anything else. A plain
// string is a slice of value.
func text(value []byte) []byte {
	if len(value) == 0 {
		return nil
	}
	switch c := value[0]; {
	case c == '"' && len(value) >= 2:
		inner := value[1 : len(value)-1]
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

// plainText reports whether a string's content needs no decoding.
func plainText(inner []byte) bool {
	for _, c := range inner {
		if c == '\\' || c >= utf8.RuneSelf {
			return bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner)
		}
	}
	return true
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
