package store

import (
	"context"
	"fmt"

	"github.com/agenbridge/agenbridge/bridge"
)

// Rows returns all that is stored of a thread, what is at rest included. It is for
// those who check a store: the conformance suite and the simulators.
func (s *Store) Rows(ctx context.Context, thread bridge.ThreadKey) (*bridge.ThreadState, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	rows, err := s.snapshot(thread, live, rest)
	if err != nil {
		return nil, fmt.Errorf("rows: %w", err)
	}
	return rows, nil
}

// snapshot reads a thread's rows in some places, with the memo that goes with
// them.
func (s *Store) snapshot(thread bridge.ThreadKey, in ...place) (*bridge.ThreadState, error) {
	for {
		rows, ok, err := s.snapshotOnce(thread, in)
		if ok || err != nil {
			return rows, err
		}
		// A whole commit went by between reading the rows and the memo.
	}
}

func (s *Store) snapshotOnce(thread bridge.ThreadKey, in []place) (*bridge.ThreadState, bool, error) {
	s.reading.RLock()
	defer s.reading.RUnlock()
	tx, err := s.db.Begin(false)
	if err != nil {
		return nil, false, fmt.Errorf("begin reading: %w", err)
	}
	memo, ok := s.memoAt(thread, tx.ID())
	if !ok {
		return nil, false, rollback(tx, nil)
	}
	l, err := scan(tx, s.horizon, thread, in...)
	if err := rollback(tx, err); err != nil {
		return nil, false, err
	}
	l.rows.Volatile = memo
	return l.rows, true, nil
}

func (s *Store) memoAt(thread bridge.ThreadKey, tx int) (bridge.Volatile, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.talks[thread]; t != nil {
		return t.memoAt(tx)
	}
	return bridge.Volatile{}, true
}
