package store

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
)

// setFormat changes the format that the file says it has.
func setFormat(t *testing.T, path string, v int) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketMeta).Put(metaFormat, []byte(strconv.Itoa(v)))
	}); err != nil {
		t.Fatal(err)
	}
}

// withMigration registers a migration for the duration of a test.
func withMigration(t *testing.T, from int, step func(tx *bbolt.Tx) error) {
	t.Helper()
	migrations[from] = step
	t.Cleanup(func() { delete(migrations, from) })
}

func olderStore(t *testing.T) string {
	t.Helper()
	path := pathIn(t.TempDir())
	s := open(t, Config{Path: path, NoSync: true, Due: noneDue})
	add(t, s, "T1", "1.0")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	setFormat(t, path, format-1)
	return path
}

func TestMigrate(t *testing.T) {
	path := olderStore(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	runs := 0
	withMigration(t, format-1, func(tx *bbolt.Tx) error {
		runs++
		return tx.Bucket(bucketMeta).Put([]byte("migrated"), []byte("yes"))
	})
	var log bytes.Buffer
	cfg := Config{Path: path, NoSync: true, Due: noneDue, Log: slog.New(slog.NewTextHandler(&log, nil))}
	s := open(t, cfg)
	if rowsOf(t, s, "T1").Messages["1.0"] == nil {
		t.Error("the message did not survive the migration")
	}
	kept := fmt.Sprintf("%s.v%d", path, format-1)
	if !strings.Contains(log.String(), kept) {
		t.Errorf("log: got %q, want where the old file is kept", &log)
	}
	info, err := os.Stat(kept)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("kept file: got %v, %v, want one with mode 0600", info, err)
	}
	check(t, kept)
	db, err := bbolt.Open(kept, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if v, err := presentFormat(db); v != format-1 || err != nil {
		t.Errorf("format of the kept file: got %d, %v, want %d", v, err, format-1)
	}
	if int64(len(before)) < info.Size() {
		t.Errorf("kept file: got %d bytes, want at most the %d of the original", info.Size(), len(before))
	}
	s.Close()
	open(t, cfg)
	if runs != 1 {
		t.Errorf("migration ran %d times, want once", runs)
	}
}

func TestMigrationFails(t *testing.T) {
	path := olderStore(t)
	boom := errors.New("boom")
	withMigration(t, format-1, func(tx *bbolt.Tx) error {
		return errors.Join(tx.DeleteBucket(bucketLive), boom)
	})
	if s, err := Open(t.Context(), Config{Path: path, Due: noneDue}); !errors.Is(err, boom) {
		s.Close()
		t.Fatalf("open: got error %v, want the migration's", err)
	}
	withMigration(t, format-1, func(*bbolt.Tx) error { return nil })
	if s := open(t, Config{Path: path, NoSync: true, Due: noneDue}); rowsOf(t, s, "T1").Messages["1.0"] == nil {
		t.Error("the failed migration left something behind")
	}
}

func TestNoMigration(t *testing.T) {
	path := olderStore(t)
	if s, err := Open(t.Context(), Config{Path: path, Due: noneDue}); !errors.Is(err, ErrForeign) {
		s.Close()
		t.Errorf("open: got error %v, want ErrForeign", err)
	}
}

func TestNewerFormat(t *testing.T) {
	path := olderStore(t)
	setFormat(t, path, 99)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	kept := fmt.Sprintf("%s.v%d", path, format)
	for _, want := range []string{"is not there", "kept when it migrated"} {
		_, err = Open(t.Context(), Config{Path: path, Due: noneDue})
		if !errors.Is(err, ErrNewer) {
			t.Fatalf("open: got error %v, want ErrNewer", err)
		}
		for _, want := range []string{path, kept, "format 99", fmt.Sprintf("up to %d", format), want} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("open: got %q, want %q in it", err, want)
			}
		}
		if err := os.WriteFile(kept, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed (%v)", err)
	}
}
