package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"
)

var (
	// ErrMoved means that the path no longer names the open file. Nothing is written
	// until it does again.
	ErrMoved = errors.New("store file was removed or replaced")
	// ErrBroken means that the file was truncated or damaged while it was open. It has to
	// be opened again to find out what is left of it.
	ErrBroken = errors.New("store file was damaged")
)

// watching is how often an idle store checks its file.
const watching = 2 * time.Second

// fileWatch detects whether the file is removed, replaced, truncated or damaged while it
// is open.
type fileWatch struct {
	path string
	// broken is closed when the file can no longer be used.
	broken chan struct{}

	mu sync.Mutex
	// opened identifies the file, by device and inode.
	opened fs.FileInfo
	// size is the last known size. bbolt never makes its file smaller.
	size int64
	// err says why the file can no longer be used. It is nil while the file can be used.
	err error
}

func newFileWatch(path string, handle *os.File) (*fileWatch, error) {
	info, err := handle.Stat()
	if err != nil {
		return nil, fmt.Errorf("stat the file: %w", err)
	}
	return &fileWatch{path: path, opened: info, size: info.Size(), broken: make(chan struct{})}, nil
}

// check returns an error if the file is no longer in place. It costs one stat, which is a
// few microseconds.
func (w *fileWatch) check() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	info, err := os.Stat(w.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is not there: %w", w.path, ErrMoved)
	case err != nil:
		return fmt.Errorf("look for the store file: %w", err)
	case !os.SameFile(info, w.opened):
		return fmt.Errorf("%s is another file than the open one: %w", w.path, ErrMoved)
	case info.Size() < w.size:
		return w.breaks(fmt.Errorf("%s was cut from %d to %d bytes: %w", w.path, w.size, info.Size(), ErrBroken))
	}
	w.size = info.Size()
	return nil
}

// failed returns why the file can no longer be used, or nil.
func (w *fileWatch) failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// breaks records why the file can no longer be used. The caller holds w.mu.
func (w *fileWatch) breaks(err error) error {
	if w.err == nil {
		w.err = err
		close(w.broken)
	}
	return w.err
}
