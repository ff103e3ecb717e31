package store

import (
	"bytes"
	"context"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// threadsChunk is the number of threads that are read in one transaction.
const threadsChunk = 200

// Each visits every thread that the bot takes part in, in the order of their keys,
// without reading their rows. It reads a few threads at a time, so that a slow visitor
// blocks nobody. It implements bridge.Threads.
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

// lastOf finds the last thread with a record. The bot doesn't take part in threads
// without one.
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

// records reads the records of some threads without their rows. It returns what take
// selects, and the key at which to continue, or nil at the end.
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
		if kind == kindThread { // otherwise the bot doesn't take part in the thread
			one, wanted, err := take(thread, v)
			if err != nil {
				return nil, nil, fmt.Errorf("thread %q: %w", thread, err)
			}
			if wanted {
				some = append(some, one)
			}
		}
		k, v = c.Seek(append([]byte(thread), 1)) // skip its rows
	}
	return some, nil, nil
}
