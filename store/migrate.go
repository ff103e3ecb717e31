package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"

	"go.etcd.io/bbolt"
)

// migrations convert a file from the format in the key to the next one. There is one for
// every released format except the newest.
var migrations = map[int]func(tx *bbolt.Tx) error{}

// migrate converts the file to this release's format, in one transaction. Before that it
// makes a copy next to the file.
func migrate(ctx context.Context, db *bbolt.DB, cfg Config) error {
	from, err := presentFormat(db)
	if err != nil {
		return newFile(cfg).explain(err)
	}
	if from == format {
		return nil
	}
	if from > format { // a newer release wrote it after inspect
		return newFile(cfg).newer(from)
	}
	kept := fmt.Sprintf("%s.v%d", cfg.Path, from)
	if err := keep(db, kept); err != nil {
		return fmt.Errorf("keep %s before migrating it: %w", cfg.Path, err)
	}
	cfg.Log.LogAttrs(ctx, slog.LevelInfo, "migrating the store",
		slog.String("path", cfg.Path), slog.Int("from", from), slog.Int("to", format), slog.String("kept", kept))
	if err := db.Update(func(tx *bbolt.Tx) error { return migrateTx(tx, from) }); err != nil {
		return fmt.Errorf("migrate %s: %w", cfg.Path, err)
	}
	return nil
}

// presentFormat returns the format of the file. A new file has the newest format.
func presentFormat(db *bbolt.DB) (v int, err error) {
	err = db.View(func(tx *bbolt.Tx) error {
		if isEmpty(tx) {
			v = format
			return nil
		}
		v, err = formatOf(tx.Bucket(bucketMeta))
		return err
	})
	return v, err
}

func migrateTx(tx *bbolt.Tx, from int) error {
	for v := from; v < format; v++ {
		step := migrations[v]
		if step == nil {
			return fmt.Errorf("no way from format %d: %w", v, ErrForeign)
		}
		if err := step(tx); err != nil {
			return fmt.Errorf("from format %d: %w", v, err)
		}
	}
	return put(tx.Bucket(bucketMeta), entry{metaFormat, strconv.Itoa(format)})
}

// keep copies the database to a path, atomically.
func keep(db *bbolt.DB, path string) (err error) {
	tmp, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("make copy: %w", err)
	}
	if err := copyTo(db, tmp); err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("name copy: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// copyTo writes a consistent copy to f, and syncs and closes f.
func copyTo(db *bbolt.DB, f *os.File) (err error) {
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = fmt.Errorf("close copy: %w", e)
		}
	}()
	err = db.View(func(tx *bbolt.Tx) error { return snapshotTo(tx, f) })
	if err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync copy: %w", err)
	}
	return nil
}

func snapshotTo(tx *bbolt.Tx, w io.Writer) error {
	if _, err := tx.WriteTo(w); err != nil {
		return fmt.Errorf("copy database: %w", err)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open directory: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}
