package slackapp

import "encoding/json"

// loose is a value of an event that is the zero value where the JSON has another shape. One field that Slack, or an
// app, got wrong doesn't cost the message: what is required is looked for afterwards.
type loose[T any] struct{ V T }

// UnmarshalJSON never fails.
func (l *loose[T]) UnmarshalJSON(b []byte) error {
	var v T
	if err := json.Unmarshal(b, &v); err == nil {
		l.V = v
	}
	return nil
}

// MarshalJSON writes the value itself.
func (l loose[T]) MarshalJSON() ([]byte, error) { return json.Marshal(l.V) }
