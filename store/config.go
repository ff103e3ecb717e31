package store

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Config says where the state is and how it is kept. Path and Due are required;
// the zero values of the other fields are what production runs with.
type Config struct {
	// Path is the file. It is created where there is none.
	Path string
	// LockWait is how long Open waits for another process to release the file; 30
	// seconds when zero.
	LockWait time.Duration
	// Retention is how long rows at rest are kept, for deduplication and for
	// buttons that somebody may still press; 720 hours when zero.
	Retention time.Duration
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// Due returns when a lane of a thread has its next step, and false if it has
	// none. It is a pure function of the thread's state. Required.
	Due func(*bridge.ThreadState, bridge.Remote) (time.Time, bool)
	// Release names the program's release. If another one opened the file last,
	// Open rebuilds the index of due lanes, since Due may differ.
	Release string
	// Log gets a line about waiting, bad permissions, and a disk that fails or
	// recovers; nil discards.
	Log *slog.Logger
	// Observe is called with every commit; nil observes nothing.
	Observe Observer
	// NoSync leaves it to the operating system when the file reaches the
	// disk. For tests and simulations: a power cut then loses messages.
	NoSync bool
}

// Observer gets figures about the disk, for metrics. It is called from the
// goroutine that commits and must not block.
type Observer interface {
	// Committed reports one transaction: how many requests shared it, how long it
	// took to write, and the error if it could not be written.
	Committed(requests int, took time.Duration, err error)
}

var (
	// ErrClosed: the store was closed before the request was picked up.
	ErrClosed = errors.New("store is closed")
	// ErrLocked: another process held the file for longer than LockWait.
	ErrLocked = errors.New("file is in use by another process")
	// ErrForeign: the file is not a store, or it is damaged.
	ErrForeign = errors.New("not an agenbridge store, or damaged")
	// ErrNewer: the file was written by a newer release.
	ErrNewer = errors.New("store of a newer release")
	// ErrPermission: this user may not open the file.
	ErrPermission = errors.New("no permission for the store")
	// ErrUnreadable: a record can't be decoded. Only its thread is affected.
	ErrUnreadable = errors.New("unreadable record")
)

const (
	defaultLockWait  = 30 * time.Second
	defaultRetention = 720 * time.Hour
	// threadRetention is how long the binding of a thread outlives its last
	// change.
	threadRetention = 400 * 24 * time.Hour
	// maxAhead is how far ahead a due time may be when the store is opened. One
	// further away was written under a wrong clock.
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

// ParseURL returns the path in a STORE_URL of the form bolt:path. A relative
// path is relative to the working directory; bolt:///path is taken as well.
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
