package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// lockRetry is the time between attempts to lock the file.
const lockRetry = 100 * time.Millisecond

// file is the database file while it is being opened.
type file struct {
	cfg Config
	// until is when to stop waiting for another process. It is zero before the wait
	// begins.
	until time.Time
	// handle is bbolt's own handle of the file.
	handle *os.File
}

func newFile(cfg Config) *file { return &file{cfg: cfg} }

// open opens the database. If another process has locked it, open waits.
func (f *file) open(ctx context.Context, readOnly bool) (*bbolt.DB, error) {
	for {
		db, err := f.try(readOnly)
		if err == nil {
			return db, nil
		}
		if !errors.Is(err, berrors.ErrTimeout) {
			return nil, f.explain(err)
		}
		if err := f.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// try opens the database. If another process has locked it, try returns
// berrors.ErrTimeout at once. bbolt panics on some kinds of damage.
func (f *file) try(readOnly bool) (db *bbolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer catch(&err)
	return bbolt.Open(f.cfg.Path, 0o600, &bbolt.Options{
		Timeout:        time.Nanosecond, // one attempt
		ReadOnly:       readOnly,
		NoFreelistSync: true,
		FreelistType:   bbolt.FreelistMapType,
		NoStatistics:   true,
		NoSync:         f.cfg.NoSync,
		OpenFile: func(path string, flag int, mode os.FileMode) (h *os.File, err error) {
			h, err = os.OpenFile(path, flag, mode)
			f.handle = h
			return h, err
		},
	})
}

// catch converts a panic, or a fault on a missing page, into an error. It must be
// deferred.
func catch(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%v: %w", p, ErrForeign)
	}
}

// wait waits for the next attempt. It returns ErrLocked when LockWait has passed.
func (f *file) wait(ctx context.Context) error {
	now := f.cfg.Now()
	if f.until.IsZero() {
		f.until = now.Add(f.cfg.LockWait)
		f.cfg.Log.LogAttrs(ctx, slog.LevelInfo, "waiting for another process to let go of the store",
			slog.String("path", f.cfg.Path), slog.Float64("wait_seconds", f.cfg.LockWait.Seconds()))
	}
	if !now.Before(f.until) {
		return fmt.Errorf("open %s: %w: stop the other agenbridge first (waited %s)", f.cfg.Path, ErrLocked, f.cfg.LockWait)
	}
	t := time.NewTimer(lockRetry)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for %s: %w", f.cfg.Path, context.Cause(ctx))
	}
}

// explain adds advice to the error of a file that can't be opened.
func (f *file) explain(err error) error {
	path, uid := f.cfg.Path, os.Getuid()
	var errno syscall.Errno
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("open %s as uid %d: %w: give the file and its directory to that user (chown -R %d %s), or set fsGroup in the pod's securityContext: %w",
			path, uid, ErrPermission, uid, filepath.Dir(path), err)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("open %s: the directory has to exist: %w", path, err)
	case errors.As(err, &errno):
		return fmt.Errorf("open %s: %w", path, err)
	case errors.Is(err, ErrNewer):
		return err
	case errors.Is(err, ErrForeign):
		return fmt.Errorf("open %s: %w. It was left as it is: put a backup in its place, or move it away to start with nothing", path, err)
	default: // an error of bbolt about a file that isn't a database
		return f.explain(fmt.Errorf("%w: %w", err, ErrForeign))
	}
}

// inspect checks an existing file before anything is written to it.
func (f *file) inspect(ctx context.Context) error {
	info, err := os.Stat(f.cfg.Path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode().IsRegular() && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return f.explain(err)
	}
	if !info.Mode().IsRegular() {
		return f.explain(fmt.Errorf("it is not a regular file: %w", ErrForeign))
	}
	db, err := f.open(ctx, true)
	if err != nil {
		return err
	}
	err = f.look(db)
	if e := db.Close(); err == nil && e != nil {
		return fmt.Errorf("close %s: %w", f.cfg.Path, e)
	}
	if err != nil {
		return f.explain(err)
	}
	return nil
}

// look reads the whole database and returns an error if anything is wrong with it.
func (f *file) look(db *bbolt.DB) (err error) {
	// If the disk can't read a page, the memory map faults.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer catch(&err)
	info, err := f.handle.Stat()
	if err != nil {
		return fmt.Errorf("stat the file: %w", err)
	}
	return db.View(func(tx *bbolt.Tx) error {
		buckets, err := checkPages(f.handle, info.Size(), db.Info().PageSize, tx.ID())
		if err != nil || isEmpty(tx) {
			return err
		}
		page := buckets[string(bucketMeta)]
		switch v, err := formatOf(tx.Bucket(bucketMeta)); {
		case err != nil:
			return fmt.Errorf("page %d: %w", page, err)
		case v > format:
			return f.newer(v)
		case v < format:
			return nil
		}
		if err := known(buckets); err != nil {
			return err
		}
		_, err = readOpening(tx.Bucket(bucketMeta))
		if _, e := readChannels(tx); e != nil {
			err = fmt.Errorf("%w: %w", e, ErrForeign)
		}
		if err != nil {
			return fmt.Errorf("page %d: %w", page, err)
		}
		return nil
	})
}

func (f *file) newer(v int) error {
	old := fmt.Sprintf("%s.v%d", f.cfg.Path, format)
	hint := "which that release kept when it migrated the file"
	if _, err := os.Stat(old); err != nil {
		hint = "which that release keeps when it migrates a file, but which is not there"
	}
	return fmt.Errorf("open %s: %w: it has format %d and this release knows formats up to %d. Run the newer release, or put %s in its place, %s",
		f.cfg.Path, ErrNewer, v, format, old, hint)
}
