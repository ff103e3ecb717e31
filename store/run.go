package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

const (
	// heartbeat is how often the store records that it is open.
	heartbeat = time.Minute
	// healing is how often it tries to write while the disk fails.
	healing = 5 * time.Second
	// pruning is how often old records are removed. pruneRetry is the pause before a
	// retry if that fails.
	pruning    = 24 * time.Hour
	pruneRetry = time.Hour
)

// Run does the housekeeping until ctx ends or the store is closed. It writes the
// heartbeat, retries after the disk has failed, prunes, scrubs, and checks the file. If
// the disk fails, or the file was removed or replaced, that is logged once and Health
// returns it. Run returns an error, ErrBroken, only if the file was truncated or damaged.
func (s *Store) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var loops sync.WaitGroup
	loops.Go(func() { s.watches(ctx) })
	loops.Go(func() { s.beats(ctx) })
	loops.Go(func() { s.prunes(ctx) })
	loops.Go(func() { s.scrubs(ctx) })
	select {
	case <-ctx.Done():
	case <-s.quit:
	case <-s.file.broken:
	}
	cancel()
	loops.Wait()
	err := s.file.failed()
	if err != nil {
		s.cfg.Log.LogAttrs(ctx, slog.LevelError, "store file was damaged while it was open", slog.String("path", s.cfg.Path), slog.Any("err", err))
	}
	return err
}

// watches checks the file periodically. A commit checks it as well.
func (s *Store) watches(ctx context.Context) {
	repeat(ctx, watching, nil, func(bool) time.Duration {
		if err := s.file.check(); err != nil && s.Health() == nil {
			s.memory.setHealth(err)
		}
		return watching
	})
}

// beats writes the heartbeat, and does so more often while the disk fails.
func (s *Store) beats(ctx context.Context) {
	failing := false
	repeat(ctx, heartbeat, s.memory.unhealthy, func(woken bool) time.Duration {
		if !woken && s.beat(ctx) != nil && ctx.Err() != nil {
			return 0
		}
		err := s.Health()
		switch {
		case errors.Is(err, ErrBroken): // Run returns it
		case err == nil && !failing, err != nil && failing: // no change
		case errors.Is(err, ErrMoved):
			s.cfg.Log.LogAttrs(ctx, slog.LevelError, "store file was removed or replaced", slog.String("path", s.cfg.Path), slog.Any("err", err))
		case err != nil:
			s.cfg.Log.LogAttrs(ctx, slog.LevelError, "store can't write to its disk", slog.String("path", s.cfg.Path), slog.Any("err", err))
		default:
			s.cfg.Log.LogAttrs(ctx, slog.LevelInfo, "store writes again", slog.String("path", s.cfg.Path))
		}
		if failing = err != nil; failing {
			return healing
		}
		return heartbeat
	})
}

// beat writes the time. Health returns the same error.
func (s *Store) beat(ctx context.Context) error {
	return s.submit(ctx, &request{keep: func(tx *bbolt.Tx, at bridge.Instant) error {
		return put(tx.Bucket(bucketMeta), entry{metaHeartbeat, at.Now.Format(time.RFC3339Nano)})
	}})
}

// prunes removes old records once a day.
func (s *Store) prunes(ctx context.Context) {
	repeat(ctx, s.untilPrune(), nil, func(bool) time.Duration {
		if err := s.Prune(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "prune the store", slog.Any("err", err))
			return pruneRetry
		}
		return pruning
	})
}

// untilPrune returns the time until the next pass. It is at least a minute, so that
// pruning doesn't slow down the start.
func (s *Store) untilPrune() time.Duration {
	var last time.Time
	err := s.view(func(tx *bbolt.Tx) (err error) {
		last, err = readPruned(tx)
		return err
	})
	if err != nil {
		return heartbeat // the next pass will write it again
	}
	return max(last.Add(pruning).Sub(s.cfg.Now()), heartbeat)
}

// lastPrune is the stored time of the last complete pass of pruning: when it began.
type lastPrune struct {
	Finished time.Time `json:"finished"`
}

func readPruned(tx *bbolt.Tx) (time.Time, error) {
	var p lastPrune
	data := tx.Bucket(bucketMeta).Get(metaPrune)
	if data == nil {
		return p.Finished, nil
	}
	if err := json.Unmarshal(data, &p); err != nil {
		return p.Finished, fmt.Errorf("read when pruning ended: %w", err)
	}
	return p.Finished, nil
}

func writePruned(tx *bbolt.Tx, at time.Time) error {
	data, err := json.Marshal(lastPrune{at})
	if err != nil {
		return fmt.Errorf("encode when pruning ended: %w", err)
	}
	return put(tx.Bucket(bucketMeta), entry{metaPrune, string(data)})
}
