package store

import (
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/store/storetest"
)

func pathIn(dir string) string { return filepath.Join(dir, "agenbridge.db") }

// open opens a store that is checked when the test ends, and when crash closes it.
func open(t testing.TB, cfg Config) *Store {
	t.Helper()
	if cfg.Due == nil {
		cfg.Due = dueByTests
	}
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		check(t, cfg.Path)
	})
	return s
}

// check runs bbolt's own check of the file.
func check(t testing.TB, path string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, FreelistType: bbolt.FreelistMapType, PreLoadFreelist: true})
	if err != nil {
		t.Errorf("open for a check: %v", err)
		return
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) error {
		for err := range tx.Check() {
			t.Errorf("bbolt check: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Errorf("check: %v", err)
	}
}

// crash ends a store like a kill: what counts is the file as it is on disk while the
// store is open.
func crash(t *testing.T, path string, s *Store) {
	t.Helper()
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read the file: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatalf("remove the file: %v", err)
	}
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatalf("put the image back: %v", err)
	}
	check(t, path)
}

func TestStore(t *testing.T) {
	storetest.Run(t, storetest.Opener{
		Open: func(t *testing.T, dir string, o storetest.Options) storetest.Store {
			return open(t, Config{Path: pathIn(dir), Now: o.Now, Due: o.Due, Retention: o.Retention, NoSync: true})
		},
		Crash: func(t *testing.T, dir string, s storetest.Store) {
			crash(t, pathIn(dir), s.(*Store))
		},
	})
}
