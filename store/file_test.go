package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

func TestParseURL(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"bolt:agenbridge.db", "agenbridge.db"},
		{"bolt:/data/agenbridge.db", "/data/agenbridge.db"},
		{"bolt:///data/agenbridge.db", "/data/agenbridge.db"},
		{"bolt:./a b.db", "./a b.db"},
		{"", ""},
		{"agenbridge.db", ""},
		{"bolt:", ""},
		{"bolt:/data/", ""},
		{"bolt://host/data.db", ""},
		{"postgres://db/x", ""},
		{"bolt:a\x00b", ""},
	} {
		got, err := ParseURL(c.url)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("ParseURL(%q): got %q, %v, want %q", c.url, got, err, c.want)
		}
	}
}

// foreignFiles are files that are not stores, or are damaged stores.
func foreignFiles(t *testing.T) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	path := pathIn(dir)
	s := open(t, Config{Path: path, NoSync: true, Due: noneDue})
	for i := range 300 {
		add(t, s, bridge.ThreadKey(fmt.Sprintf("T%03d", i)), "1.0")
	}
	torn, err := os.ReadFile(path) // as a crash leaves it, so the whole file has to be read
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "other.db")
	db, err := bbolt.Open(other, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("somebody else's"))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	db.Close()
	foreign, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	page := os.Getpagesize()
	scrubbed := bytes.Clone(torn)
	for i := 2 * page; i < len(scrubbed); i++ {
		scrubbed[i] = 0xff
	}
	metas := bytes.Clone(torn)
	for i := range 2 * page {
		metas[i] ^= 0x55
	}
	return map[string][]byte{
		"text":                  []byte("this is not a database, it is a note to self\n"),
		"long text":             bytes.Repeat([]byte("not a database either "), 5000),
		"zeros":                 make([]byte, 64<<10),
		"another bbolt file":    foreign,
		"both meta pages wrong": metas,
		"pages overwritten":     scrubbed,
		"cut in the middle":     torn[:len(torn)/2],
		"cut after the metas":   torn[:2*page],
		"cut in a page":         torn[:3*page+100],
	}
}

func TestForeignFilesAreRefusedUntouched(t *testing.T) {
	for name, content := range foreignFiles(t) {
		t.Run(name, func(t *testing.T) {
			path := pathIn(t.TempDir())
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := Open(t.Context(), Config{Path: path, Due: noneDue})
			if err == nil {
				s.Close()
			}
			if !errors.Is(err, ErrForeign) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "backup") {
				t.Errorf("open: got error %v, want ErrForeign with the path and what to do", err)
			}
			got, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(got, content) {
				t.Errorf("the file was changed (%v)", err)
			}
			if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
				t.Errorf("directory: got %v, %v, want the file alone", files, err)
			}
		})
	}
}

func TestOpenNewFiles(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty, nil, 0o660); err != nil {
		t.Fatal(err)
	}
	// The process was killed between bbolt's first write and ours.
	bare := filepath.Join(dir, "bare.db")
	db, err := bbolt.Open(bare, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
	for _, path := range []string{empty, bare, filepath.Join(dir, "new.db")} {
		s := open(t, Config{Path: path, NoSync: true})
		if o := s.opening; !o.Fresh || o.Boot != 1 || o.Away != 0 {
			t.Errorf("opening of %s: got %+v, want a fresh one", filepath.Base(path), o)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "new.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: got %v, %v, want 0600", info.Mode(), err)
	}
}

func TestOpenElsewhere(t *testing.T) {
	dir := t.TempDir()
	for name, path := range map[string]string{"a directory": dir, "no directory": filepath.Join(dir, "no", "such.db"), "below a file": filepath.Join(os.Args[0], "x.db")} {
		s, err := Open(t.Context(), Config{Path: path, Due: noneDue})
		if err == nil {
			s.Close()
			t.Errorf("open %s: got no error", name)
		} else if !strings.Contains(err.Error(), path) {
			t.Errorf("open %s: got %q, want the path in it", name, err)
		}
	}
}

func TestOpening(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	cfg := Config{Path: pathIn(t.TempDir()), NoSync: true, Due: noneDue, Now: func() time.Time { return now }}
	s := open(t, cfg)
	s.Close()
	now = now.Add(2 * time.Hour)
	s = open(t, cfg)
	if got, want := s.opening, (Opening{Boot: 2, Away: 2 * time.Hour, Restored: now.Round(0).UTC(), AloneSince: now.Round(0).UTC()}); got != want {
		t.Errorf("opening: got %+v, want %+v", got, want)
	}
	for after, want := range map[time.Duration]time.Time{time.Hour: {}, time.Hour + time.Second: now} {
		if got := s.instant(now.Add(after)).AloneSince; !got.Equal(want) {
			t.Errorf("%v after a restoration: alone since %v, want %v", after, got, want)
		}
	}
	s.Close()
	now = now.Add(-5 * time.Hour)
	got := open(t, cfg).opening
	if got.Away != 0 {
		t.Errorf("away under a clock that went back: got %v, want 0", got.Away)
	}
	if !got.Restored.Equal(now) {
		t.Errorf("restored under a clock that went back: got %v, want %v, not a time to come", got.Restored, now)
	}
}

func TestLock(t *testing.T) {
	path := pathIn(t.TempDir())
	holder := open(t, Config{Path: path, NoSync: true})
	var log bytes.Buffer
	cfg := Config{Path: path, NoSync: true, LockWait: 350 * time.Millisecond, Due: noneDue, Log: slog.New(slog.NewTextHandler(&log, nil))}
	began := time.Now()
	_, err := Open(t.Context(), cfg)
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), path) {
		t.Errorf("open: got error %v, want ErrLocked with the path", err)
	}
	if took := time.Since(began); took < cfg.LockWait {
		t.Errorf("open: gave up after %v, want %v", took, cfg.LockWait)
	}
	if got := strings.Count(log.String(), "waiting for another process"); got != 1 {
		t.Errorf("log: got %d lines about waiting, want 1:\n%s", got, &log)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	cfg.LockWait = time.Hour
	if _, err := Open(ctx, cfg); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("open: got error %v, want the context's", err)
	}
	time.AfterFunc(50*time.Millisecond, func() { holder.Close() })
	open(t, cfg)
}

// TestPermission runs as an unprivileged user, even if root runs the tests.
func TestPermission(t *testing.T) {
	dir := t.TempDir()
	path := pathIn(dir)
	s := open(t, Config{Path: path, NoSync: true})
	s.Close()
	for name, deny := range map[string]func() error{
		"file can't be read":      func() error { return os.Chmod(path, 0) },
		"file can't be written":   func() error { return os.Chmod(path, 0o444) },
		"directory can't be read": func() error { return os.Chmod(dir, 0) },
	} {
		if err := deny(); err != nil {
			t.Fatal(err)
		}
		err := asNobody(func() error {
			s, err := Open(t.Context(), Config{Path: path, Due: noneDue})
			if err == nil {
				s.Close()
			}
			return err
		})
		if !errors.Is(err, ErrPermission) {
			t.Errorf("%s: got error %v, want ErrPermission", name, err)
		} else {
			for _, want := range []string{path, fmt.Sprintf("uid %d", os.Getuid()), "fsGroup", "chown"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%s: got %q, want %q in it", name, err, want)
				}
			}
		}
		if err := errors.Join(os.Chmod(dir, 0o700), os.Chmod(path, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// asNobody runs f on an OS thread with the file permissions of nobody, because root has
// access to everything.
func asNobody(f func() error) error {
	if os.Getuid() != 0 {
		return f()
	}
	err := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked, so the OS thread ends with the goroutine
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0); errno != 0 {
			err <- fmt.Errorf("setfsuid: %w", errno)
			return
		}
		err <- f()
	}()
	return <-err
}

func TestReadableByOthers(t *testing.T) {
	for mode, want := range map[os.FileMode]bool{0o600: false, 0o660: false, 0o644: true, 0o666: true} {
		path := pathIn(t.TempDir())
		open(t, Config{Path: path, NoSync: true}).Close()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		open(t, Config{Path: path, NoSync: true, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if got := strings.Contains(log.String(), "level=WARN"); got != want {
			t.Errorf("mode %v: got a warning %t, want %t", mode, got, want)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("mode: got %v, %v, want %v as it was", info.Mode(), err, mode)
		}
	}
}

func TestDueIsRequired(t *testing.T) {
	path := pathIn(t.TempDir())
	if _, err := Open(t.Context(), Config{Path: path}); err == nil || !strings.Contains(err.Error(), "Due") {
		t.Errorf("open without Due: got error %v, want one that names it", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file: got %v, want none", err)
	}
}
