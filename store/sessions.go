package store

import (
	"context"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// OpenedWithin returns the last session of each thread, if it was opened within the given
// time. It reads a few threads at a time, like Each.
func (s *Store) OpenedWithin(ctx context.Context, within time.Duration) ([]bridge.OpenedSession, error) {
	since := s.cfg.Now().Add(-within)
	var found []bridge.OpenedSession
	for next := []byte{}; next != nil; {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var some []bridge.OpenedSession
		err := s.view(func(tx *bbolt.Tx) (err error) {
			some, next, err = records(tx.Bucket(bucketLive).Cursor(), next, openedSince(since))
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("list opened sessions: %w", err)
		}
		found = append(found, some...)
	}
	return found, nil
}

// openedSince selects the last session of a thread if it was opened since the given time.
// Most threads can be ruled out without decoding the whole record.
func openedSince(since time.Time) func(bridge.ThreadKey, []byte) (bridge.OpenedSession, bool, error) {
	touched := touchedSince(since)
	return func(key bridge.ThreadKey, record []byte) (o bridge.OpenedSession, wanted bool, err error) {
		if _, lately, err := touched(key, record); err != nil || !lately {
			return o, false, err
		}
		t, err := decodeThread(record)
		o = bridge.OpenedSession{Thread: key, Count: t.Session.Count, By: t.Session.Card.Asker, At: t.Session.OpenedAt}
		return o, o.By != "" && !o.At.Before(since), err
	}
}
