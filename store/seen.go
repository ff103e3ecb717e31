package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// seenPerRow is the maximum number of seen events in a row. Events are appended to the
// last row until it is full, so this limits what a read with few news writes.
const seenPerRow = 128

// seenRows describes the seen events of a thread as they are in the file: a list that is
// split into rows, which are numbered from 0.
type seenRows struct {
	// events are the stored events, count is the number of rows, and last is the content
	// of the last row.
	events bridge.SeenEvents
	count  int
	last   []byte
}

// seenKey is the key of a row of seen events.
func seenKey(prefix []byte, row int) []byte {
	return binary.BigEndian.AppendUint32(bytes.Clone(prefix), uint32(row))
}

// loadSeen loads the rows of a thread.
func loadSeen(tx *bbolt.Tx, prefix []byte) (r seenRows, err error) {
	var all []byte
	c := tx.Bucket(bucketSeen).Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		if len(v) == 0 || v[0] != recordVersion {
			return r, fmt.Errorf("seen events of an unknown version: %w", ErrUnreadable)
		}
		r.count++
		r.last = v[1:]
		all = append(all, v[1:]...)
	}
	r.last = bytes.Clone(r.last) // the memory belongs to bbolt
	if r.events, err = bridge.LoadSeenEvents(all); err != nil {
		return r, fmt.Errorf("%w: %w", err, ErrUnreadable)
	}
	return r, nil
}

// add returns the stored events together with those that an earlier release stored in the
// thread's record.
func (r *seenRows) add(encoded []byte) (bridge.SeenEvents, error) {
	events, err := bridge.DecodeSeenEvents(encoded)
	if err != nil {
		return bridge.SeenEvents{}, fmt.Errorf("%w: %w", err, ErrUnreadable)
	}
	return r.events.With(events), nil
}

// changes returns the changes that update the rows to the events, and describes the rows
// after them. Events are appended to the list, or the list is replaced.
func (r *seenRows) changes(prefix []byte, events bridge.SeenEvents) []change {
	encoded, replace, now := events.Unstored(r.events)
	r.events = now
	if len(encoded) == 0 && !replace {
		return nil
	}
	before := r.count
	switch {
	case replace:
		r.count, r.last = 0, nil
	case before > 0 && len(r.last) < seenPerRow*bridge.SeenEventSize: // the last row has room
		encoded = slices.Concat(r.last, encoded)
		r.count--
	}
	var cs []change
	for row := range slices.Chunk(encoded, seenPerRow*bridge.SeenEventSize) {
		c := change{key: seenKey(prefix, r.count), to: seen, value: slices.Concat([]byte{recordVersion}, row)}
		if r.count < before {
			c.from = seen
		}
		cs = append(cs, c)
		r.count++
		r.last = row
	}
	for row := r.count; row < before; row++ {
		cs = append(cs, change{key: seenKey(prefix, row), from: seen})
	}
	return cs
}
