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
	// pruneChunk is how many records are looked at in one go, and so how many
	// one transaction deletes at most.
	pruneChunk = 500
	// prunePause lets others have the disk, and the processor, in between.
	prunePause = 10 * time.Millisecond
)

// Prune removes what is older than it must be kept. Config.Retention is for
// rows that came to rest, for messages that wait for a person who never came,
// and for posts with buttons that nobody pressed, once their thread did not
// change for as long. Threads go when they have no live rows and their record
// did not change for 400 days. Prune goes through the file in small steps and
// resumes a pass that was interrupted; Run does it once a day.
func (s *Store) Prune(ctx context.Context) error {
	w := &pruner{s: s, now: s.cfg.Now().Round(0).UTC()}
	err := s.view(func(tx *bbolt.Tx) (err error) {
		w.at, err = readPass(tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("prune: %w", err)
	}
	if w.at.In == "" {
		w.at.In, w.at.Next = string(bucketRest), nil
	}
	for w.at.In != "" {
		if err := w.step(ctx); err != nil {
			return fmt.Errorf("prune: %w", err)
		}
	}
	if w.unreadable > 0 {
		s.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "records can't be read and are kept", slog.Int("records", w.unreadable))
	}
	return nil
}

// pruner goes through the file once.
type pruner struct {
	s   *Store
	now time.Time
	at  pass
	// unreadable counts records that can't be decoded. They stay.
	unreadable int
}

// find is what one look found to be removed, and where the next one begins.
type find struct {
	rest    [][]byte
	threads []census
	next    []byte
}

func (w *pruner) cutoff() time.Time { return w.now.Add(-w.s.cfg.Retention) }

// step looks at one chunk and removes what is to go.
func (w *pruner) step(ctx context.Context) error {
	var f find
	err := w.s.view(func(tx *bbolt.Tx) error {
		if w.at.In == string(bucketRest) {
			f = w.lookAtRest(tx.Bucket(bucketRest).Cursor())
		} else {
			f = w.lookAtLive(tx.Bucket(bucketLive).Cursor())
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("look for what is old: %w", err)
	}
	for _, c := range f.threads {
		err := w.s.submit(ctx, &request{thread: c.thread, decide: w.clear(c)})
		if err != nil && !errors.Is(err, ErrUnreadable) {
			return fmt.Errorf("clear thread: %w", err)
		}
	}
	w.advance(f.next)
	if len(f.rest) > 0 || w.at.In == "" {
		at := w.at
		if err := w.s.submit(ctx, &request{keep: func(tx *bbolt.Tx, _ bridge.Instant) error {
			return w.remove(tx, f.rest, at)
		}}); err != nil {
			return fmt.Errorf("remove rows: %w", err)
		}
	}
	return w.pause(ctx)
}

// advance moves on to next, to the second bucket, or to the end.
func (w *pruner) advance(next []byte) {
	w.at.Next = next
	switch {
	case next != nil:
	case w.at.In == string(bucketRest):
		w.at.In = string(bucketLive)
	default:
		w.at.In, w.at.Finished = "", w.now
	}
}

func (w *pruner) pause(ctx context.Context) error {
	if w.at.In == "" {
		return nil
	}
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

// lookAtRest finds rows that have been at rest for long enough.
func (w *pruner) lookAtRest(c *bbolt.Cursor) find {
	var f find
	n := 0
	for k, v := c.Seek(w.at.Next); k != nil; k, v = c.Next() {
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

// remove deletes the rows that are still as old as they were, and notes how
// far the pass has come.
func (w *pruner) remove(tx *bbolt.Tx, keys [][]byte, at pass) error {
	b := tx.Bucket(bucketRest)
	for _, k := range keys {
		v := b.Get(k)
		if v == nil {
			continue
		}
		if old, err := w.old(v); err != nil || !old {
			continue // touched since
		}
		if err := b.Delete(k); err != nil {
			return fmt.Errorf("delete row: %w", err)
		}
	}
	return at.write(tx)
}

// age is what pruning reads of a row.
type age struct {
	State    bridge.DeliveryState `json:"state"`
	Accepted time.Time            `json:"accepted"`
	Settled  time.Time            `json:"settled"`
}

// old reports whether a row at rest has been there for long enough.
func (w *pruner) old(record []byte) (bool, error) {
	var a age
	if _, err := unseal(record, &a); err != nil {
		return false, err
	}
	return since(a.Accepted, a.Settled).Before(w.cutoff()), nil
}

// since is when a row came to where it is.
func since(accepted, settled time.Time) time.Time {
	if settled.IsZero() {
		return accepted
	}
	return settled
}
