// Package slackjson decodes what Slack and other apps wrote. It tolerates fields of the wrong type, because one field
// that an app got wrong must not cost the message. It knows no payload.
package slackjson

import (
	"encoding/json"
	"errors"
	"strings"
)

// Unmarshal is json.Unmarshal, except that a field of the wrong type stays zero and everything else is decoded. Callers
// check the fields that they require. The error says that raw isn't JSON, or that the value as a whole isn't of v's type.
func Unmarshal(raw []byte, v any) error {
	err := json.Unmarshal(raw, v)
	// Unmarshal reads on after this error and returns the first one (https://pkg.go.dev/encoding/json#Unmarshal).
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return nil
	}
	return err
}

// UnmarshalEach decodes each element of a list. An element that isn't of the type T becomes the zero value.
func UnmarshalEach[T any](raws []json.RawMessage) []T {
	all := make([]T, len(raws))
	for i, raw := range raws {
		var one T
		if Unmarshal(raw, &one) == nil {
			all[i] = one
		}
	}
	return all
}

// Code limits s, which should be an error code or a list of scopes, to 100 bytes of harmless ASCII, so that it can
// appear in a log line or a note.
func Code(s string) string {
	if len(s) > 100 {
		s = s[:100]
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("_-.:, ", r):
			return r
		}
		return -1
	}, s)
}
