package agen

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a string that no formatting verb, logger or encoder shows. Convert it with string(s) to use it.
type Secret string

// String returns a placeholder.
func (Secret) String() string { return redacted }

// LogValue returns a placeholder.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns a placeholder, so that a Secret inside a printed configuration shows nothing.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Format writes a placeholder for every verb, also %x and %#v.
func (Secret) Format(f fmt.State, _ rune) {
	// The writer is fmt's own buffer, which takes everything.
	_, _ = io.WriteString(f, redacted)
}
