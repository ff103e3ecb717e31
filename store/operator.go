package store

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// ThreadSummary is what an operator sees of a thread in a list.
type ThreadSummary struct {
	// Thread is the record as it is stored; vacant where only rows are left.
	Key    bridge.ThreadKey
	Thread bridge.Thread
	// Touched is when that record last changed.
	Touched time.Time
	// Messages and Posts count the live rows by state.
	Messages map[bridge.DeliveryState]int
	Posts    map[bridge.DeliveryState]int
}

// threadsChunk is how many threads are read in one transaction.
const threadsChunk = 200

// Threads visits every thread that has a record or live rows, in the order
// of their keys. It reads a few at a time, so that a slow visitor holds up
// nobody: what changes meanwhile may or may not be seen.
func (s *Store) Threads(ctx context.Context, visit func(ThreadSummary) error) error {
	next := []byte{}
	for next != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var some []ThreadSummary
		err := s.view(func(tx *bbolt.Tx) (err error) {
			some, next, err = summaries(tx.Bucket(bucketLive).Cursor(), next)
			return err
		})
		if err != nil {
			return fmt.Errorf("list threads: %w", err)
		}
		for _, t := range some {
			if err := visit(t); err != nil {
				return err
			}
		}
	}
	return nil
}

// summaries reads some threads and returns the key of the next one.
func summaries(c *bbolt.Cursor, from []byte) (some []ThreadSummary, next []byte, err error) {
	for k, v := c.Seek(from); k != nil; k, v = c.Next() {
		thread, kind, _, err := splitKey(k)
		if err != nil {
			return nil, nil, err
		}
		if len(some) == 0 || some[len(some)-1].Key != thread {
			if len(some) == threadsChunk {
				return some, bytes.Clone(k), nil
			}
			some = append(some, ThreadSummary{Key: thread, Messages: map[bridge.DeliveryState]int{}, Posts: map[bridge.DeliveryState]int{}})
		}
		if err := some[len(some)-1].add(kind, v); err != nil {
			return nil, nil, fmt.Errorf("thread %q: %w", thread, err)
		}
	}
	return some, nil, nil
}

// add takes one record into the summary.
func (t *ThreadSummary) add(k kind, record []byte) error {
	if k == kindThread {
		r, err := decodeThread(record)
		t.Thread, t.Touched = r.Thread, r.Touched
		return err
	}
	var a age
	if _, err := unseal(record, &a); err != nil {
		return err
	}
	if k == kindMessage {
		t.Messages[a.State]++
	} else {
		t.Posts[a.State]++
	}
	return nil
}

// Rows returns all that is stored of a thread, what is at rest included.
func (s *Store) Rows(ctx context.Context, thread bridge.ThreadKey) (*bridge.ThreadState, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	rows, err := s.snapshot(s.channels.Load().now(thread), live, rest)
	if err != nil {
		return nil, fmt.Errorf("rows: %w", err)
	}
	return rows, nil
}
