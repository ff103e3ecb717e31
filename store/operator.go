package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	Messages map[bridge.State]int
	Posts    map[bridge.State]int
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
			some = append(some, ThreadSummary{Key: thread, Messages: map[bridge.State]int{}, Posts: map[bridge.State]int{}})
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
func (s *Store) Rows(ctx context.Context, thread bridge.ThreadKey) (*bridge.Rows, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	rows, err := s.snapshot(thread, live, rest)
	if err != nil {
		return nil, fmt.Errorf("rows: %w", err)
	}
	return rows, nil
}

// Backup writes a consistent copy of the store to w: a store of its own, to
// be put in the place of this one. The copy is spooled beside the file first,
// so that a slow reader does not keep the store from growing; there must be
// room for it.
func (s *Store) Backup(ctx context.Context, w io.Writer) (err error) {
	spool, err := os.CreateTemp(filepath.Dir(s.cfg.Path), filepath.Base(s.cfg.Path)+".backup-*")
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	defer func() {
		if e := errors.Join(spool.Close(), os.Remove(spool.Name())); e != nil && err == nil {
			err = fmt.Errorf("back up: remove spool: %w", e)
		}
	}()
	s.copying.Lock()
	err = s.db.View(func(tx *bbolt.Tx) error { return snapshotTo(tx, contextWriter{ctx, spool}) })
	s.copying.Unlock()
	if ctx.Err() != nil {
		err = context.Cause(ctx) // bbolt wraps by text only
	}
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if _, err := io.Copy(contextWriter{ctx, w}, spool); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}

// contextWriter stops a copy when ctx ends.
type contextWriter struct {
	ctx context.Context
	w   io.Writer
}

// Write implements io.Writer.
func (c contextWriter) Write(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.w.Write(p)
}
