package slackapp

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// loose is a value of an event that is the zero value where the JSON has another shape. One field that Slack, or an
// app, got wrong doesn't cost the message: what is required is looked for afterwards.
type loose[T any] struct{ V T }

// UnmarshalJSON never fails. The two kinds of which an event is full have a short way.
func (l *loose[T]) UnmarshalJSON(b []byte) error {
	switch v := any(&l.V).(type) {
	case *string:
		if simple(b) {
			*v = string(b[1 : len(b)-1])
			return nil
		}
		if len(b) > 0 && b[0] != '"' {
			return nil
		}
	case *bool:
		*v = string(b) == "true"
		return nil
	}
	var v T
	if err := json.Unmarshal(b, &v); err == nil {
		l.V = v
	}
	return nil
}

// simple reports whether a JSON value is a string that stands for itself, as most do.
func simple(b []byte) bool {
	return len(b) >= 2 && b[0] == '"' && bytes.IndexByte(b, '\\') < 0 && utf8.Valid(b)
}

// MarshalJSON writes the value itself.
func (l loose[T]) MarshalJSON() ([]byte, error) { return json.Marshal(l.V) }
