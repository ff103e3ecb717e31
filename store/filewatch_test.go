package store

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// TestARemovedFileTakesNothing removes the file in several ways. Then nothing is
// accepted, and an idle store notices it as well. When the file is back, the store
// recovers without a restart.
func TestARemovedFileTakesNothing(t *testing.T) {
	for name, instead := range map[string]func(path string) error{
		"removed":  func(string) error { return nil },
		"replaced": func(path string) error { return os.WriteFile(path, make([]byte, 1<<20), 0o600) },
		"a folder": func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			inBubble(t, Config{Log: slog.New(slog.NewTextHandler(&log, nil))}, func(t *testing.T, s *Store) {
				path := s.cfg.Path
				running(t, s, func() {
					add(t, s, "A", "1.0")
					if err := errors.Join(os.Rename(path, path+".away"), instead(path)); err != nil {
						t.Fatal(err)
					}
					time.Sleep(watching)
					synctest.Wait()
					if err := s.Health(); !errors.Is(err, ErrMoved) || !strings.Contains(err.Error(), path) {
						t.Errorf("health: got %v, want ErrMoved with the path", err)
					}
					for range 3 {
						if err := s.Accept(t.Context(), "B", nil, fresh("1.0")); !errors.Is(err, ErrMoved) {
							t.Errorf("accept: got %v, want ErrMoved", err)
						}
						time.Sleep(healing)
					}
					var rescued bytes.Buffer
					if err := s.Backup(t.Context(), &rescued); err != nil {
						t.Errorf("backup of the open file: %v", err)
					}
					writeFile(t, path+".rescued", rescued.Bytes())
					if err := Verify(t.Context(), path+".rescued"); err != nil {
						t.Errorf("verify the backup: %v", err)
					}
					if err := errors.Join(os.RemoveAll(path), os.Rename(path+".away", path)); err != nil {
						t.Fatal(err)
					}
					time.Sleep(healing)
					synctest.Wait()
					if err := s.Health(); err != nil {
						t.Errorf("health with the file back: got %v, want none", err)
					}
					add(t, s, "B", "1.0")
				})
			})
			if bad, good := strings.Count(log.String(), "level=ERROR"), strings.Count(log.String(), "writes again"); bad != 1 || good != 1 {
				t.Errorf("log: got %d lines about the file and %d recoveries, want one of each:\n%s", bad, good, &log)
			}
		})
	}
}

// TestAFileWithoutANameTakesNothingAtOnce leaves no idle time: the first request after
// the removal is refused.
func TestAFileWithoutANameTakesNothingAtOnce(t *testing.T) {
	path := pathIn(t.TempDir())
	s, err := Open(t.Context(), Config{Path: path, NoSync: true, Due: noneDue})
	if err != nil {
		t.Fatal(err)
	}
	add(t, s, "A", "1.0")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := s.Accept(t.Context(), "B", nil, fresh("1.0")); !errors.Is(err, ErrMoved) {
		t.Errorf("accept: got %v, want ErrMoved", err)
	}
	if err := s.Close(); !errors.Is(err, ErrMoved) {
		t.Errorf("close: got %v, want ErrMoved", err)
	}
	if n := filesBeside(t, path); n != 0 {
		t.Errorf("got %d files, want none", n)
	}
}

// ruined is a store with a few hundred threads whose file is about to be damaged.
func ruined(t *testing.T) (*Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ruined.db")
	s, err := Open(t.Context(), Config{Path: path, NoSync: true, Due: noneDue})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		add(t, s, threadAt(i), "1.0")
	}
	s.memory.cache.clear() // make reads go to the file
	return s, path
}

func threadAt(i int) bridge.ThreadKey { return bridge.ThreadKey(fmt.Sprintf("T%03d", i)) }

// readAll reads all threads and returns the first error.
func readAll(t *testing.T, s *Store) error {
	t.Helper()
	for i := range 300 {
		if _, err := s.Rows(t.Context(), threadAt(i)); err != nil {
			return err
		}
	}
	return nil
}

// TestDamageWhileOpenEndsTheStore truncates or overwrites the file of an open store. No
// matter which operation notices it first, Run returns an error that names the file,
// nothing more is written, and the next opening is refused.
func TestDamageWhileOpenEndsTheStore(t *testing.T) {
	page := int64(os.Getpagesize())
	cut := func(to int64) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			if err := os.Truncate(path, to); err != nil {
				t.Fatal(err)
			}
		}
	}
	overwrite := func(t *testing.T, path string) {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		info, err := f.Stat()
		if err == nil {
			_, err = f.WriteAt(make([]byte, info.Size()-2*page), 2*page)
		}
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	read := func(t *testing.T, s *Store) error { return readAll(t, s) }
	write := func(t *testing.T, s *Store) error { return s.Accept(t.Context(), threadAt(300), nil, fresh("1.0")) }
	wait := func(_ *testing.T, s *Store) error { <-s.file.broken; return s.file.failed() }
	for _, c := range []struct {
		name   string
		damage func(*testing.T, string)
		notice func(*testing.T, *Store) error
	}{
		{"empty, a read", cut(0), read},
		{"empty, a write", cut(0), write},
		{"empty, nobody", cut(0), wait},
		{"the metas only, a read", cut(2 * page), read},
		{"the metas only, a write", cut(2 * page), write},
		{"half a page, a read", cut(5*page + 100), read},
		{"half a page, nobody", cut(5*page + 100), wait},
		{"overwritten, a read", overwrite, read},
		{"overwritten, a write", overwrite, write},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, path := ruined(t)
			ended := make(chan error, 1)
			go func() { ended <- s.Run(t.Context()) }()
			c.damage(t, path)
			left, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.notice(t, s); !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), path) {
				t.Errorf("got error %v, want ErrBroken with the path", err)
			}
			if err := <-ended; !errors.Is(err, ErrBroken) {
				t.Errorf("run: got %v, want ErrBroken", err)
			}
			for range 2 {
				if err := write(t, s); !errors.Is(err, ErrBroken) {
					t.Errorf("accept: got %v, want ErrBroken", err)
				}
			}
			if err := s.Close(); err != nil {
				t.Errorf("close: got %v, want none: Run has returned it", err)
			}
			if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, left) {
				t.Errorf("the damaged file was changed (%v)", err)
			}
			if len(left) == 0 {
				return
			}
			// The lock lasts as long as the process, so the next opening uses a copy.
			next := pathIn(t.TempDir())
			writeFile(t, next, left)
			if s, err := Open(t.Context(), Config{Path: next, Due: noneDue}); !errors.Is(err, ErrForeign) {
				t.Errorf("open: got %v, %v, want ErrForeign", s, err)
			}
		})
	}
}
