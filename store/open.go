package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// Open opens the store, or creates it.
//   - A file that is damaged, that isn't a store, or that a newer release wrote is
//     refused and not changed (ErrForeign, ErrNewer).
//   - If another process has locked the file, Open waits for it (ErrLocked). ctx ends
//     only this wait.
//   - A file of an older format is migrated, and a copy of the original is kept next
//     to it.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Due == nil {
		return nil, errors.New("open store: Config.Due is missing")
	}
	d := &database{cfg: cfg.withDefaults(), memory: newMemory()}
	f := newFile(d.cfg)
	if err := f.inspect(ctx); err != nil {
		return nil, err
	}
	db, err := f.open(ctx, false)
	if err != nil {
		return nil, err
	}
	d.db = db
	if d.file, err = newFileWatch(d.cfg.Path, f.handle); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	d.scrubber.handle, d.scrubber.stale, d.scrubber.torn = f.handle, true, true
	d.scrubbed()
	if err := d.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s := &Store{committer: newCommitter(d)}
	go s.run()
	return s, nil
}

// prepare updates an opened file and fills the queues.
func (d *database) prepare(ctx context.Context) error {
	d.warnOfReaders(ctx)
	if err := removeSpools(d.cfg.Path); err != nil {
		d.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "unfinished copies of the store are left", slog.Any("err", err))
	}
	if err := migrate(ctx, d.db, d.cfg); err != nil {
		return err
	}
	now := d.cfg.Now().Round(0).UTC()
	err := d.db.Update(func(tx *bbolt.Tx) (err error) {
		if d.opening, err = enter(tx, now); err != nil {
			return err
		}
		d.guard = clockGuard{boot: d.opening.Boot, opened: now}
		known, err := readChannels(tx)
		if err != nil {
			return err
		}
		d.channels.Store(known)
		if !d.opening.Fresh && string(tx.Bucket(bucketMeta).Get(metaRelease)) == d.cfg.Release {
			return nil
		}
		return d.reindex(tx)
	})
	if err != nil {
		return fmt.Errorf("open %s: %w", d.cfg.Path, err)
	}
	if err := d.db.View(d.fill); err != nil {
		return fmt.Errorf("open %s: %w", d.cfg.Path, err)
	}
	return nil
}

func (d *database) warnOfReaders(ctx context.Context) {
	info, err := os.Stat(d.cfg.Path)
	if err == nil && info.Mode().Perm()&0o007 != 0 {
		d.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "store file is open to other users of the machine",
			slog.String("path", d.cfg.Path), slog.String("mode", info.Mode().String()))
	}
}

// fill adds the lanes in the index to the queues.
func (d *database) fill(tx *bbolt.Tx) error {
	return tx.Bucket(bucketDue).ForEach(func(k, v []byte) error {
		next, err := decodeDues(v)
		if err != nil {
			next = atOnce
		}
		for i := range next {
			d.guard.due(&next[i].at)
			d.guard.past(&next[i].undelivered.oldest)
		}
		d.memory.schedule(bridge.ThreadKey(k), next, d.guard.opened)
		return nil
	})
}

// Close stops the store and releases the file. Requests that were received are finished,
// others get ErrClosed. Close waits for readers, and for nothing else. A file that was
// damaged while it was open is not changed; Run has returned the error.
func (s *Store) Close() error {
	s.closing.Do(func() {
		close(s.quit)
		<-s.stopped
		if s.file.failed() != nil {
			// bbolt would wait for the transaction that was left open. The lock on the
			// file ends with the process.
			s.closeErr = s.scrubber.handle.Close()
			return
		}
		err := s.writing(func() error { return errors.Join(s.scrubLast(), s.leave()) })
		if errors.Is(err, ErrBroken) {
			s.closeErr = errors.Join(err, s.scrubber.handle.Close())
			return
		}
		s.closeErr = errors.Join(err, s.db.Close())
	})
	return s.closeErr
}

// leave marks the file as cleanly closed and, in this one commit, also writes the list of
// free pages. The next opening then doesn't have to search the file for free pages.
func (s *Store) leave() error {
	s.db.NoFreelistSync = false
	now := s.cfg.Now().Round(0).UTC()
	err := s.db.Update(func(tx *bbolt.Tx) error { return exit(tx, now) })
	if err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}
