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
	// ErrMoved: the path does not name the open file any more. Nothing is written
	// until it does again.
	ErrMoved = errors.New("store file was removed or replaced")
	// ErrBroken: the file was cut short or damaged while it was open. Only a new
	// opening can say what is left of it.
	ErrBroken = errors.New("store file was damaged")
)

// watching is how often an idle store looks for its file.
const watching = 2 * time.Second

// fileWatch notices if the file is removed, replaced, cut short or damaged while
// it is open.
type fileWatch struct {
	path string
	// broken is closed when the file can't be used any more.
	broken chan struct{}

	mu sync.Mutex
	// opened identifies the file, by device and inode.
	opened fs.FileInfo
	// size is the last one that was seen. bbolt never makes its file smaller.
	size int64
	// err says why the file can't be used any more; nil while it can.
	err error
}

func newFileWatch(path string, handle *os.File) (*fileWatch, error) {
	info, err := handle.Stat()
	if err != nil {
		return nil, fmt.Errorf("stat the file: %w", err)
	}
	return &fileWatch{path: path, opened: info, size: info.Size(), broken: make(chan struct{})}, nil
}

// check returns what has become of the file, nil if it is where it was. It costs
// one stat, a few microseconds.
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

// failed returns why the file can't be used any more; nil while it can.
func (w *fileWatch) failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// breaks notes why the file can't be used any more. The caller holds w.mu.
func (w *fileWatch) breaks(err error) error {
	if w.err == nil {
		w.err = err
		close(w.broken)
	}
	return w.err
}
