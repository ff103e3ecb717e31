package store

import (
	"context"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// OpenedWithin returns the sessions that were opened within that time, of each thread
// the last. It reads a few threads at a time, like Threads.
func (s *Store) OpenedWithin(ctx context.Context, within time.Duration) ([]bridge.Opened, error) {
	since := s.cfg.Now().Add(-within)
	var found []bridge.Opened
	for next := []byte{}; next != nil; {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		err := s.view(func(tx *bbolt.Tx) (err error) {
			var some []touchedThread
			some, next, err = touchedSince(tx.Bucket(bucketLive).Cursor(), next, since)
			if err != nil {
				return err
			}
			for _, t := range some {
				one, err := openedIn(tx, t.key)
				if err != nil {
					return err
				}
				if one.By != "" && !one.At.Before(since) {
					found = append(found, one)
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("list opened sessions: %w", err)
		}
	}
	return found, nil
}

// openedIn is the session that a thread had last.
func openedIn(tx *bbolt.Tx, key bridge.ThreadKey) (bridge.Opened, error) {
	prefix, err := prefixOf(key)
	if err != nil {
		return bridge.Opened{}, err
	}
	t, err := decodeThread(tx.Bucket(bucketLive).Get(keyOf(prefix, suffix(kindThread, ""))))
	if err != nil {
		return bridge.Opened{}, fmt.Errorf("thread %q: %w", key, err)
	}
	return bridge.Opened{ID: t.Session.ID, By: t.Session.Card.Asker, At: t.Session.Opened}, nil
}
