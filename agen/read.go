package agen

import (
	"errors"
	"io"
)

// ReadTimeline reads a timeline, a JSON array of session events, from elsewhere than the API: a file, a test. It visits
// the events as Client.Timeline does. The error is visit's own, or says where the JSON is broken.
func ReadTimeline(r io.Reader, visit func(*RawEvent) error) error {
	err := scan(r, DefaultMaxEventBytes, visit)
	var own visitError
	if errors.As(err, &own) {
		return own.error
	}
	return err
}
