package store

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// Config says where the state is and how it is kept. Its zero value, with a
// Path, is what production runs with.
type Config struct {
	// Path is the file. It is created where there is none.
	Path string
	// LockWait is how long Open waits for another process to let go of the
	// file; 30 seconds when zero.
	LockWait time.Duration
	// Retention is how long what has come to rest is remembered; 720 hours
	// when zero.
	Retention time.Duration
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// Due tells when a lane has its next step; (*bridge.Rows).Due when nil.
	// Only the conformance suite brings its own, to be independent of policy.
	Due func(*bridge.ThreadState, bridge.Remote) (time.Time, bool)
	// Release names the program that opens the file. When it is not the one
	// that opened it last, the index of due lanes is made anew by the rules of
	// this one.
	Release string
	// Log is told of waiting, of bad permissions and of a disk that fails and
	// recovers; nil discards.
	Log *slog.Logger
	// Observe is told of every commit; nil tells nobody.
	Observe Observer
	// NoSync leaves it to the operating system when the file reaches the
	// disk. For tests and simulations: a power cut then loses messages.
	NoSync bool
}

// Observer is told what the disk does, for metrics. It is called from the
// goroutine that commits and must not block.
type Observer interface {
	// Committed tells of one transaction: how many requests shared it, how
	// long it took to write, and the error when it could not be written.
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
	// ErrUnreadable: a record can't be decoded. It concerns its thread only.
	ErrUnreadable = errors.New("unreadable record")
)

const (
	defaultLockWait  = 30 * time.Second
	defaultRetention = 720 * time.Hour
	// threadRetention is how long the binding of a thread outlives its last
	// change.
	threadRetention = 400 * 24 * time.Hour
	// maxAhead is how far ahead a due time may be when the store is opened:
	// one further away was written under a clock that was wrong.
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
	if c.Due == nil {
		c.Due = schedule.Due
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
