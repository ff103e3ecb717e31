package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"go.etcd.io/bbolt"
)

// spoolMark is part of the file names of unfinished copies.
const spoolMark = ".backup-"

// Backup writes a consistent copy of the store to w. The copy can replace the store. It
// is marked as a copy: when it is opened, Opening.Restored is set, and pending work in it
// is looked up before anything is sent, because the work may have been done after the
// copy was made. The copy is first written to a file next to the store, so that a slow
// reader of the backup doesn't make the store grow. The disk must have room for it.
func (s *Store) Backup(ctx context.Context, w io.Writer) (err error) {
	spool, err := os.CreateTemp(filepath.Dir(s.cfg.Path), filepath.Base(s.cfg.Path)+spoolMark+"*")
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	defer func() {
		if e := errors.Join(spool.Close(), os.Remove(spool.Name())); e != nil && err == nil {
			err = fmt.Errorf("back up: remove spool: %w", e)
		}
	}()
	if err := s.spool(ctx, spool); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx) // bbolt wraps it by text only
		}
		return fmt.Errorf("back up: %w", err)
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if _, err := io.Copy(contextWriter{ctx, w}, spool); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}

// spool writes a copy to f and marks it as a copy. Freed pages are overwritten first, so
// that the copy contains no deleted text. If that is impossible because another copy is
// being made, or because the disk fails, the copy is made anyway.
func (s *Store) spool(ctx context.Context, f *os.File) error {
	if err := s.Scrub(ctx); err != nil && !errors.Is(err, errCopying) && s.Health() == nil {
		return err
	}
	s.copying.Lock()
	err := s.reading(func() error {
		return s.db.View(func(tx *bbolt.Tx) error { return snapshotTo(tx, contextWriter{ctx, f}) })
	})
	s.copying.Unlock()
	if err != nil {
		return err
	}
	return markCopied(f.Name())
}

// markCopied marks a file as a copy.
func markCopied(path string) (err error) {
	defer catch(&err)
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoFreelistSync: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return fmt.Errorf("open copy: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.Update(func(tx *bbolt.Tx) error {
		return put(tx.Bucket(bucketMeta), entry{metaCopied, "1"})
	})
	if err != nil {
		return fmt.Errorf("mark copy: %w", err)
	}
	return nil
}

// Verify reports whether the file is an intact store that this release can open. It reads
// the whole file and changes nothing.
func Verify(ctx context.Context, path string) error {
	if info, err := os.Stat(path); err == nil && info.Size() == 0 {
		return fmt.Errorf("verify %s: it is empty: %w", path, ErrForeign)
	} else if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	return newFile(Config{Path: path}.withDefaults()).inspect(ctx)
}

// contextWriter stops a copy when ctx ends.
type contextWriter struct {
	ctx context.Context
	w   io.Writer
}

// Write implements io.Writer.
func (c contextWriter) Write(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.w.Write(p)
}

// removeSpools removes unfinished copies of a killed process, because they contain text.
// The caller holds the store's lock.
func removeSpools(path string) error {
	all, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("look for unfinished copies: %w", err)
	}
	for _, one := range all {
		if !strings.HasPrefix(one.Name(), filepath.Base(path)+spoolMark) || !one.Type().IsRegular() {
			continue
		}
		if err := os.Remove(filepath.Join(filepath.Dir(path), one.Name())); err != nil {
			return fmt.Errorf("remove unfinished copy: %w", err)
		}
	}
	return nil
}
