package store

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// metaSwept is the mark of the sweeps.
var metaSwept = []byte("swept")

// Swept returns the mark that SetSwept wrote last, empty when there is none.
func (s *Store) Swept(ctx context.Context) (mark string, err error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	err = s.view(func(tx *bbolt.Tx) error {
		mark = string(tx.Bucket(bucketMeta).Get(metaSwept))
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read the mark of the sweeps: %w", err)
	}
	return mark, nil
}

// SetSwept remembers up to where Slack was read.
func (s *Store) SetSwept(ctx context.Context, mark string) error {
	return s.submit(ctx, &request{keep: func(tx *bbolt.Tx, _ bridge.Moment) error {
		return put(tx.Bucket(bucketMeta), entry{metaSwept, mark})
	}})
}

// Recent returns the threads whose record changed within that time, the latest
// change first, at most limit of them, and how many more there are.
func (s *Store) Recent(ctx context.Context, within time.Duration, limit int) (threads []bridge.ThreadKey, more int, err error) {
	since := s.cfg.Now().Add(-within)
	var found []touchedThread
	for next := []byte{}; next != nil; {
		if ctx.Err() != nil {
			return nil, 0, context.Cause(ctx)
		}
		var some []touchedThread
		err := s.view(func(tx *bbolt.Tx) (err error) {
			some, next, err = touchedSince(tx.Bucket(bucketLive).Cursor(), next, since)
			return err
		})
		if err != nil {
			return nil, 0, fmt.Errorf("list recent threads: %w", err)
		}
		found = append(found, some...)
	}
	slices.SortFunc(found, func(a, b touchedThread) int {
		return cmp.Or(b.at.Compare(a.at), cmp.Compare(a.key, b.key))
	})
	more = max(len(found)-limit, 0)
	for _, t := range found[:len(found)-more] {
		threads = append(threads, t.key)
	}
	return threads, more, nil
}

// touchedThread is a thread and when its record last changed.
type touchedThread struct {
	key bridge.ThreadKey
	at  time.Time
}

// touchedSince looks at the records of some threads, passing over their rows,
// and returns the key to go on with.
func touchedSince(c *bbolt.Cursor, from []byte, since time.Time) (some []touchedThread, next []byte, err error) {
	seen := 0
	for k, v := c.Seek(from); k != nil; seen++ {
		thread, kind, _, err := splitKey(k)
		if err != nil {
			return nil, nil, err
		}
		if seen == threadsChunk {
			return some, bytes.Clone(k), nil
		}
		if kind == kindThread { // a thread that isn't ours has none
			var t struct {
				Touched time.Time `json:"touched"`
			}
			if _, err := unseal(v, &t); err != nil {
				return nil, nil, fmt.Errorf("thread %q: %w", thread, err)
			}
			if !t.Touched.Before(since) {
				some = append(some, touchedThread{thread, t.Touched})
			}
		}
		k, v = c.Seek(append([]byte(thread), 1)) // behind its rows
	}
	return some, nil, nil
}
