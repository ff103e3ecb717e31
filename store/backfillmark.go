package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// metaSwept is the key of the sweep mark, which says up to where Slack was read.
var metaSwept = []byte("swept")

// Swept returns the sweep mark that SetSwept stored last, or "".
func (s *Store) Swept(ctx context.Context) (mark string, err error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	err = s.view(func(tx *bbolt.Tx) error {
		mark = string(tx.Bucket(bucketMeta).Get(metaSwept))
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read the sweep mark: %w", err)
	}
	return mark, nil
}

// SetSwept stores up to where Slack was read. The mark is opaque to the store.
func (s *Store) SetSwept(ctx context.Context, mark string) error {
	return s.submit(ctx, &request{keep: func(tx *bbolt.Tx, _ bridge.Instant) error {
		return put(tx.Bucket(bucketMeta), entry{metaSwept, mark})
	}})
}

// Recent returns up to limit threads whose record changed within the given time and whose
// channel isn't paused, the most recent first. more is the number of threads beyond the
// limit.
func (s *Store) Recent(ctx context.Context, within time.Duration, limit int) (threads []bridge.ThreadKey, more int, err error) {
	since := s.cfg.Now().Add(-within)
	var found []touchedThread
	for next := []byte{}; next != nil; {
		if ctx.Err() != nil {
			return nil, 0, context.Cause(ctx)
		}
		var some []touchedThread
		err := s.view(func(tx *bbolt.Tx) (err error) {
			some, next, err = records(tx.Bucket(bucketLive).Cursor(), next, touchedSince(since))
			return err
		})
		if err != nil {
			return nil, 0, fmt.Errorf("list recent threads: %w", err)
		}
		found = append(found, slices.DeleteFunc(some, func(t touchedThread) bool { return s.channels.Load().rests(t.key) })...)
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

// touchedThread is a thread and the time of the last change of its record.
type touchedThread struct {
	key bridge.ThreadKey
	at  time.Time
}

// touchedSince selects threads whose record changed since the given time. It decodes only
// that time.
func touchedSince(since time.Time) func(bridge.ThreadKey, []byte) (touchedThread, bool, error) {
	return func(key bridge.ThreadKey, record []byte) (touchedThread, bool, error) {
		var t struct {
			Touched time.Time `json:"touched"`
		}
		_, err := unseal(record, &t)
		return touchedThread{key, t.Touched}, !t.Touched.Before(since), err
	}
}
