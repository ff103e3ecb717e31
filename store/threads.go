package store

import (
	"bytes"
	"context"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// threadsChunk is how many threads are read in one transaction.
const threadsChunk = 200

// Each visits every thread that is ours, in the order of their keys, without
// looking at its rows. It reads a few at a time, so that a slow visitor holds up
// nobody. It implements bridge.Threads.
func (s *Store) Each(ctx context.Context, visit func(bridge.ThreadKey, *bridge.Thread) error) error {
	for next := []byte{}; next != nil; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var some []ownThread
		err := s.view(func(tx *bbolt.Tx) (err error) {
			some, next, err = records(tx.Bucket(bucketLive).Cursor(), next, readThread)
			return err
		})
		if err != nil {
			return fmt.Errorf("visit each thread: %w", err)
		}
		for i := range some {
			if err := visit(some[i].key, &some[i].thread); err != nil {
				return err
			}
		}
	}
	return nil
}

// Last implements bridge.Threads.
func (s *Store) Last(ctx context.Context, from, before bridge.ThreadKey) (key bridge.ThreadKey, t bridge.Thread, err error) {
	if ctx.Err() != nil {
		return "", t, context.Cause(ctx)
	}
	err = s.view(func(tx *bbolt.Tx) error {
		key, t, err = lastOf(tx.Bucket(bucketLive).Cursor(), from, before)
		return err
	})
	if err != nil {
		return "", bridge.Thread{}, fmt.Errorf("find the last thread: %w", err)
	}
	return key, t, nil
}

// lastOf finds the last thread with a record. Threads without one are not ours.
func lastOf(c *bbolt.Cursor, from, before bridge.ThreadKey) (key bridge.ThreadKey, t bridge.Thread, err error) {
	for {
		c.Seek([]byte(before))
		k, _ := c.Prev()
		if k == nil {
			return "", t, nil
		}
		thread, _, _, err := splitKey(k)
		if err != nil || thread < from {
			return "", t, err
		}
		prefix, err := prefixOf(thread)
		if err != nil {
			return "", t, err
		}
		if k, v := c.Seek(prefix); string(k) == string(keyOf(prefix, suffix(kindThread, ""))) {
			found, ours, err := readThread(thread, v)
			if err != nil {
				return "", t, fmt.Errorf("thread %q: %w", thread, err)
			}
			if ours {
				return thread, found.thread, nil
			}
		}
		before = thread
	}
}

// ownThread is a thread that the bot takes part in.
type ownThread struct {
	key    bridge.ThreadKey
	thread bridge.Thread
}

func readThread(key bridge.ThreadKey, record []byte) (ownThread, bool, error) {
	r, err := decodeThread(record)
	return ownThread{key, r.Thread}, !r.Thread.Unbound(), err
}

// records reads the records of some threads without their rows, returns what take
// wants of them, and the key to go on with; nil at the end.
func records[T any](c *bbolt.Cursor, from []byte, take func(bridge.ThreadKey, []byte) (T, bool, error)) (some []T, next []byte, err error) {
	seen := 0
	for k, v := c.Seek(from); k != nil; seen++ {
		thread, kind, _, err := splitKey(k)
		if err != nil {
			return nil, nil, err
		}
		if seen == threadsChunk {
			return some, bytes.Clone(k), nil
		}
		if kind == kindThread { // or the thread isn't ours
			one, wanted, err := take(thread, v)
			if err != nil {
				return nil, nil, fmt.Errorf("thread %q: %w", thread, err)
			}
			if wanted {
				some = append(some, one)
			}
		}
		k, v = c.Seek(append([]byte(thread), 1)) // behind its rows
	}
	return some, nil, nil
}
