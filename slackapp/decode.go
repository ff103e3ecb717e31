package slackapp

import (
	"encoding/json"
	"errors"
)

// decode is json.Unmarshal for what Slack and other apps wrote: a field of the wrong type stays zero, and everything
// else is read, because one field that an app got wrong must not cost the message. Callers check the fields that they
// require. The error is about a value that isn't JSON, or that as a whole isn't of v's type.
func decode(raw []byte, v any) error {
	err := json.Unmarshal(raw, v)
	// Unmarshal reads on after this error and returns the first one (https://pkg.go.dev/encoding/json#Unmarshal).
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return nil
	}
	return err
}

// decodeAll decodes each of a list's elements. One that isn't of the type T is its zero value.
func decodeAll[T any](raws []json.RawMessage) []T {
	all := make([]T, len(raws))
	for i, raw := range raws {
		var one T
		if decode(raw, &one) == nil {
			all[i] = one
		}
	}
	return all
}
