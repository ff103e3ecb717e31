package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// recordVersion is the first byte of every record. It says how to read one record, while
// the file's format says which migrations have been applied.
const recordVersion = 1

// threadRecord is the stored form of a thread, with additional fields of the store.
type threadRecord struct {
	bridge.Thread
	// Touched is when the record was last written.
	Touched time.Time `json:"touched,omitzero"`
	// Seen are the seen events that an earlier release stored in the record. It is no
	// longer written.
	Seen []byte `json:"seen,omitempty"`
}

// seal encodes a record: the version, the opening that wrote it, and JSON.
func seal(boot uint64, v any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte(recordVersion)
	b.Write(binary.AppendUvarint(b.AvailableBuffer(), boot))
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode record: %w", err)
	}
	return b.Bytes()[:b.Len()-1], nil // without Encode's newline
}

// unseal decodes a record into v and returns the opening that wrote it.
func unseal(data []byte, v any) (boot uint64, err error) {
	if len(data) == 0 || data[0] != recordVersion {
		return 0, fmt.Errorf("record of an unknown version: %w", ErrUnreadable)
	}
	boot, n := binary.Uvarint(data[1:])
	if n <= 0 {
		return 0, fmt.Errorf("record without its opening: %w", ErrUnreadable)
	}
	if err := json.Unmarshal(data[1+n:], v); err != nil {
		// The decoder's error can quote message text.
		return 0, fmt.Errorf("record of %d bytes is not JSON of its kind: %w", len(data), ErrUnreadable)
	}
	return boot, nil
}

// decodeThread decodes a thread's own record as it was written, without the corrections
// of clockGuard.
func decodeThread(data []byte) (threadRecord, error) {
	var t threadRecord
	_, err := unseal(data, &t)
	return t, err
}
