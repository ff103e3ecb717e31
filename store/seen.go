package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// seenPerRow is how many seen events a row holds at most. Events are added to
// the last row until it is full, so this bounds what a read with little news
// writes.
const seenPerRow = 128

// seenRows describes the seen events of a thread as they are in the file: a list
// that is cut into rows, which are numbered from 0.
type seenRows struct {
	// events are those that are stored, rows is the number of rows, and last
	// the content of the last one.
	events bridge.SeenEvents
	rows   int
	last   []byte
}

// seenKey is the key of a row of seen events.
func seenKey(prefix []byte, row int) []byte {
	return binary.BigEndian.AppendUint32(bytes.Clone(prefix), uint32(row))
}

// scanSeen loads the thread's seen events. Releases up to October 2026 kept them
// within the thread's record; those are added, and move into rows of their own
// when the record is next written.
func (l *loaded) scanSeen(tx *bbolt.Tx) error {
	var all []byte
	c := tx.Bucket(bucketSeen).Cursor()
	for k, v := c.Seek(l.prefix); bytes.HasPrefix(k, l.prefix); k, v = c.Next() {
		if len(v) == 0 || v[0] != recordVersion {
			return fmt.Errorf("thread %q: seen events of an unknown version: %w", l.rows.Key, ErrUnreadable)
		}
		l.seen.rows++
		l.seen.last = v[1:]
		all = append(all, v[1:]...)
	}
	l.seen.last = bytes.Clone(l.seen.last)
	var err error
	if l.seen.events, err = bridge.LoadSeenEvents(all); err != nil {
		return fmt.Errorf("thread %q: %w: %w", l.rows.Key, err, ErrUnreadable)
	}
	inRecord, err := bridge.DecodeSeenEvents(l.seenInRecord)
	if err != nil {
		return fmt.Errorf("thread %q: %w: %w", l.rows.Key, err, ErrUnreadable)
	}
	l.rows.Thread.Seen, l.seenInRecord = l.seen.events.With(inRecord), nil
	return nil
}

// seenChanges are the changes that bring the rows of seen events up to date with
// the thread. What they lead to is noted: if they are not written, the thread is
// loaded again.
func (l *loaded) seenChanges() []change {
	encoded, replace, now := l.rows.Thread.Seen.Unstored(l.seen.events)
	before := l.seen.rows
	l.rows.Thread.Seen, l.seen.events = now, now
	if len(encoded) == 0 && !replace {
		return nil
	}
	switch {
	case replace:
		l.seen.rows, l.seen.last = 0, nil
	case before > 0 && len(l.seen.last) < seenPerRow*bridge.SeenEventSize: // the last row has room
		encoded = slices.Concat(l.seen.last, encoded)
		l.seen.rows--
	}
	var cs []change
	for len(encoded) > 0 {
		row := encoded[:min(len(encoded), seenPerRow*bridge.SeenEventSize)]
		encoded = encoded[len(row):]
		c := change{key: seenKey(l.prefix, l.seen.rows), to: seen, value: slices.Concat([]byte{recordVersion}, row)}
		if l.seen.rows < before {
			c.from = seen
		}
		cs = append(cs, c)
		l.seen.rows++
		l.seen.last = row
	}
	for row := l.seen.rows; row < before; row++ {
		cs = append(cs, change{key: seenKey(l.prefix, row), from: seen})
	}
	return cs
}
