package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/agenbridge/agenbridge/bridge"
)

func TestEachThreadAndBackup(t *testing.T) {
	s := open(t, Config{Path: pathIn(t.TempDir()), NoSync: true, Due: dueByTests})
	const n = 2*threadsChunk + 5
	for i := range n {
		add(t, s, bridge.ThreadKey(fmt.Sprintf("T%04d", i)), "1.0")
	}
	var keys []bridge.ThreadKey
	err := s.Each(t.Context(), func(key bridge.ThreadKey, thread *bridge.Thread) error {
		keys = append(keys, key)
		if thread.StartTS != "1.0" {
			t.Errorf("thread %s: got %+v, want its record", key, thread)
		}
		return nil
	})
	if err != nil || len(keys) != n || keys[0] != "T0000" || keys[n-1] != bridge.ThreadKey(fmt.Sprintf("T%04d", n-1)) {
		t.Errorf("each thread: got %d of them, %v, want all %d in order", len(keys), err, n)
	}
	stop := errors.New("stop")
	if err := s.Each(t.Context(), func(bridge.ThreadKey, *bridge.Thread) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("each thread: got error %v, want the visitor's", err)
	}

	var copied bytes.Buffer
	if err := s.Backup(t.Context(), &copied); err != nil {
		t.Fatalf("backup: %v", err)
	}
	path := pathIn(t.TempDir())
	writeFile(t, path, copied.Bytes())
	b := open(t, Config{Path: path, NoSync: true, Due: dueByTests})
	if got := b.Depth(bridge.ToAgen).Lanes; got != n {
		t.Errorf("lanes in the copy: got %d, want %d", got, n)
	}
	if o := b.opening; o.Restored.IsZero() || o.Away > restoredAfter {
		t.Errorf("opening of the copy: got %+v, want one that knows that it is a copy", o)
	}
	if err := Verify(t.Context(), path+".missing"); err == nil {
		t.Error("verify: got no error for a file that isn't there")
	}
	writeFile(t, path+".cut", copied.Bytes()[:copied.Len()/2])
	if err := Verify(t.Context(), path+".cut"); !errors.Is(err, ErrForeign) {
		t.Errorf("verify: got error %v for half a copy, want ErrForeign", err)
	}
	writeFile(t, path+".whole", copied.Bytes())
	if err := Verify(t.Context(), path+".whole"); err != nil {
		t.Errorf("verify: %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if err := s.Backup(ctx, io.Discard); !errors.Is(err, stop) {
		t.Errorf("backup: got error %v, want the context's cause", err)
	}
	if err := s.Backup(t.Context(), failingWriter{stop}); !errors.Is(err, stop) {
		t.Errorf("backup: got error %v, want the writer's", err)
	}
	if got := filesBeside(t, s.cfg.Path); got != 1 {
		t.Errorf("files beside the store: got %d, want it alone", got)
	}
}

type failingWriter struct{ err error }

// Write implements io.Writer.
func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

// TestSpoolOfAKilledProcessIsRemoved: the unfinished copy contains text, and nobody needs
// it.
func TestSpoolOfAKilledProcessIsRemoved(t *testing.T) {
	path := pathIn(t.TempDir())
	writeFile(t, path+spoolMark+"123", []byte("half a copy"))
	writeFile(t, path+".mine", []byte("somebody's"))
	open(t, Config{Path: path, Due: noneDue})
	if got := filesBeside(t, path); got != 2 {
		t.Errorf("files: got %d, want the store and what isn't a spool", got)
	}
}
