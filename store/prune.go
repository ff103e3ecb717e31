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
// did not change for 400 days, and what is known of a channel goes with its last
// thread. Prune goes through the file in small steps; one that is interrupted
// begins again, which costs only reading. Run does it once a day.
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

// pruner goes through the file once.
type pruner struct {
	s   *Store
	now time.Time
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

// step looks at one chunk, removes what is to go, and returns where the next one
// begins, nil after the last.
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

// lookAtRest finds rows that have been at rest for long enough.
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

// remove deletes the rows that are still as old as they were.
func (w *pruner) remove(tx *bbolt.Tx, keys [][]byte) error {
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
	return nil
}

// age is what pruning reads of a row.
type age struct {
	State    bridge.DeliveryState `json:"state"`
	Accepted time.Time            `json:"accepted"`
	Settled  time.Time            `json:"settled"`
	Unshown  bridge.Unshown       `json:"unshown"`
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
