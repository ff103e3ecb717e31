package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

const (
	// pruneChunk is the number of records that are examined at a time, and so the maximum
	// number that one transaction deletes.
	pruneChunk = 500
	// prunePause is the pause between two chunks. It gives others access to the disk and
	// the processor.
	prunePause = 10 * time.Millisecond
)

// Prune removes what is older than it must be kept. Config.Retention applies to rows at
// rest, to messages that still wait for a person's decision, and to posts with buttons
// that nobody clicked, if their thread has not changed for as long. A thread is removed
// if it has no live rows and its record has not changed for 400 days. The state of a
// channel is removed with its last thread. Prune works in small steps. If it is
// interrupted, it starts again, which costs only reads. Run calls it once a day.
func (s *Store) Prune(ctx context.Context) error {
	w := &pruner{s: s, now: s.cfg.Now().Round(0).UTC()}
	for _, look := range []func(*bbolt.Tx, []byte) find{w.lookAtRest, w.lookAtLive} {
		for next := []byte{}; next != nil; {
			var err error
			if next, err = w.step(ctx, look, next); err != nil {
				return fmt.Errorf("prune: %w", err)
			}
		}
	}
	err := s.submit(ctx, &request{channelTx: func(b *batch) error {
		if err := b.forgetChannels(); err != nil {
			return err
		}
		b.dirty = true
		return writePruned(b.tx, w.now)
	}})
	if err != nil {
		return fmt.Errorf("prune: %w", err)
	}
	if w.unreadable > 0 {
		s.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "records can't be read and are kept", slog.Int("records", w.unreadable))
	}
	return nil
}

// pruner is one pass through the file.
type pruner struct {
	s   *Store
	now time.Time
	// unreadable counts records that can't be decoded. They are kept.
	unreadable int
}

// find is what one step found to remove, and where the next step begins.
type find struct {
	rest    [][]byte
	threads []census
	next    []byte
}

func (w *pruner) cutoff() time.Time { return w.now.Add(-w.s.cfg.Retention) }

// step examines one chunk, removes what is too old, and returns where the next chunk
// begins, or nil after the last one.
func (w *pruner) step(ctx context.Context, look func(*bbolt.Tx, []byte) find, from []byte) (next []byte, err error) {
	var f find
	err = w.s.view(func(tx *bbolt.Tx) error {
		f = look(tx, from)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for what is old: %w", err)
	}
	for _, c := range f.threads {
		err := w.s.submit(ctx, &request{thread: c.thread, decide: w.clear(c)})
		if err != nil && !errors.Is(err, ErrUnreadable) {
			return nil, fmt.Errorf("clear thread: %w", err)
		}
	}
	if len(f.rest) > 0 {
		err := w.s.submit(ctx, &request{keep: func(tx *bbolt.Tx, _ bridge.Instant) error { return w.remove(tx, f.rest) }})
		if err != nil {
			return nil, fmt.Errorf("remove rows: %w", err)
		}
	}
	return f.next, w.pause(ctx)
}

func (w *pruner) pause(ctx context.Context) error {
	t := time.NewTimer(prunePause)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-w.s.quit:
		return ErrClosed
	}
}

// lookAtRest finds rows that have been at rest for longer than the retention.
func (w *pruner) lookAtRest(tx *bbolt.Tx, from []byte) find {
	var f find
	c := tx.Bucket(bucketRest).Cursor()
	n := 0
	for k, v := c.Seek(from); k != nil; k, v = c.Next() {
		if n == pruneChunk {
			f.next = bytes.Clone(k)
			break
		}
		n++
		switch old, err := w.old(v); {
		case err != nil:
			w.unreadable++
		case old:
			f.rest = append(f.rest, bytes.Clone(k))
		}
	}
	return f
}

// remove deletes the rows, unless they have changed in the meantime.
func (w *pruner) remove(tx *bbolt.Tx, keys [][]byte) error {
	b := tx.Bucket(bucketRest)
	for _, k := range keys {
		v := b.Get(k)
		if v == nil {
			continue
		}
		if old, err := w.old(v); err != nil || !old {
			continue // it has changed in the meantime
		}
		if err := b.Delete(k); err != nil {
			return fmt.Errorf("delete row: %w", err)
		}
	}
	return nil
}

// age is the part of a row that pruning reads.
type age struct {
	State    bridge.DeliveryState `json:"state"`
	Accepted time.Time            `json:"accepted"`
	Settled  time.Time            `json:"settled"`
	Unshown  bridge.Unshown       `json:"unshown"`
}

// old reports whether a row has been at rest for longer than the retention.
func (w *pruner) old(record []byte) (bool, error) {
	var a age
	if _, err := unseal(record, &a); err != nil {
		return false, err
	}
	return since(a.Accepted, a.Settled).Before(w.cutoff()), nil
}

// since returns when a row reached its present state.
func since(accepted, settled time.Time) time.Time {
	if settled.IsZero() {
		return accepted
	}
	return settled
}
