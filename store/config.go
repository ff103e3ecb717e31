package store

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Config says where the store is and how it is kept. Path and Due are required. The zero
// values of the other fields are the production defaults.
type Config struct {
	// Path is the path of the file. The file is created if it doesn't exist.
	Path string
	// LockWait is how long Open waits for another process to release the file. 0 means 30
	// seconds.
	LockWait time.Duration
	// Retention is how long rows at rest are kept, for deduplication and for buttons that
	// somebody may still click. 0 means 720 hours.
	Retention time.Duration
	// Now is the clock. nil means time.Now.
	Now func() time.Time
	// Due returns when a lane of a thread has its next step, and false if it has none. It
	// must be a pure function of the thread's state. Required.
	Due func(*bridge.ThreadState, bridge.Remote) (time.Time, bool)
	// Release is the program's release. If another release opened the file last, Open
	// rebuilds the index of due lanes, because its Due may have been different.
	Release string
	// Log receives messages about waiting for the file, unsafe permissions, and a disk
	// that fails or recovers. nil means no logging.
	Log *slog.Logger
	// Observe is called after every commit. nil means that it is not called.
	Observe Observer
	// NoSync leaves it to the operating system when the file is written to the disk. It
	// is for tests and simulations: a power failure can then lose messages.
	NoSync bool
}

// Observer receives measurements of the disk, for metrics. It is called by the goroutine
// that commits and must not block.
type Observer interface {
	// Committed reports one transaction: how many requests shared it, how long it
	// took to write, and the error if it could not be written.
	Committed(requests int, took time.Duration, err error)
}

var (
	// ErrClosed means that the store was closed before it received the request.
	ErrClosed = errors.New("store is closed")
	// ErrLocked means that another process held the file for longer than LockWait.
	ErrLocked = errors.New("file is in use by another process")
	// ErrForeign means that the file is not a store, or that it is damaged.
	ErrForeign = errors.New("not an agenbridge store, or damaged")
	// ErrNewer means that the file was written by a newer release.
	ErrNewer = errors.New("store of a newer release")
	// ErrPermission means that this user may not open the file.
	ErrPermission = errors.New("no permission for the store")
	// ErrUnreadable means that a record can't be decoded. Only its thread is affected.
	ErrUnreadable = errors.New("unreadable record")
)

const (
	defaultLockWait  = 30 * time.Second
	defaultRetention = 720 * time.Hour
	// threadRetention is how long a thread's record is kept after its last change.
	threadRetention = 400 * 24 * time.Hour
	// maxAhead is the maximum distance of a due time into the future when the store is
	// opened. A later one was written while the clock was wrong.
	maxAhead = 10 * time.Minute
)

func (c Config) withDefaults() Config {
	if c.LockWait == 0 {
		c.LockWait = defaultLockWait
	}
	if c.Retention == 0 {
		c.Retention = defaultRetention
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// ParseURL returns the path in a STORE_URL of the form bolt:path. A relative path is
// relative to the working directory. bolt:///path is accepted as well.
func ParseURL(url string) (string, error) {
	path, ok := strings.CutPrefix(url, "bolt:")
	if !ok {
		return "", fmt.Errorf("store URL %q: want bolt:path, such as bolt:/data/agenbridge.db", url)
	}
	if rest, ok := strings.CutPrefix(path, "//"); ok {
		if !strings.HasPrefix(rest, "/") {
			return "", fmt.Errorf("store URL %q: want bolt:path, without a host", url)
		}
		path = rest
	}
	if path == "" || strings.HasSuffix(path, "/") || strings.ContainsRune(path, 0) {
		return "", fmt.Errorf("store URL %q: want the path of a file after the bolt: prefix", url)
	}
	return path, nil
}
