package store

import (
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// database is the open file with the state in memory that belongs to it. Readers and the
// committer share it.
type database struct {
	cfg     Config
	db      *bbolt.DB
	opening Opening
	guard   clockGuard
	memory  *memory
	file    *fileWatch

	// channels is the channel state. Only the committer replaces it.
	channels atomic.Pointer[channels]

	// readers is held during reads. A copy holds copying instead, because it takes longer
	// than scrubbing can wait.
	readers  sync.RWMutex
	copying  sync.Mutex
	scrubber scrubber
}

// scrubber overwrites pages that rows have left. Its fields belong to the committer and,
// after the committer has ended, to Close.
type scrubber struct {
	// handle is bbolt's own handle of the file. It refers to the open file regardless of
	// what happened to the path, and of which process holds a lock.
	handle *os.File
	// stale is true if rows have changed since the last pass.
	stale bool
	// torn is true if pages may have been written that belong to no transaction, because
	// a commit failed or the process was killed. Such pages may be past the end of the
	// database.
	torn bool
	// left are the pages that the present pass still has to examine.
	left []uint64
	buf  []byte
	// done is when a pass last completed, in nanoseconds since 1970. Any goroutine may
	// read it.
	done atomic.Int64
}

// read returns the thread's live rows. The caller may keep them.
func (d *database) read(thread bridge.ThreadKey) (*bridge.ThreadState, error) {
	if state := d.memory.cloneCached(thread); state != nil {
		return state, nil
	}
	return d.snapshot(thread, live)
}

// snapshot reads the thread's rows in the given buckets, with the Volatile that belongs
// to them.
func (d *database) snapshot(thread bridge.ThreadKey, in ...bucket) (*bridge.ThreadState, error) {
	for {
		state, ok, err := d.trySnapshot(thread, in)
		if ok || err != nil {
			return state, err
		}
		// A whole commit took place between the start of the transaction and the read of
		// the Volatile.
	}
}

func (d *database) trySnapshot(thread bridge.ThreadKey, in []bucket) (state *bridge.ThreadState, ok bool, err error) {
	err = d.view(func(tx *bbolt.Tx) error {
		var volatile bridge.Volatile
		if volatile, ok = d.memory.volatileAt(thread, tx.ID()); !ok {
			return nil
		}
		l, err := scan(tx, d.guard, thread, in...)
		if err == nil {
			l.rows.Volatile = volatile
			state = l.rows
		}
		return err
	})
	return state, ok, err
}

// view runs a read transaction. Scrubbing waits for it, so it must be short.
func (d *database) view(read func(tx *bbolt.Tx) error) error {
	d.readers.RLock()
	defer d.readers.RUnlock()
	return d.reading(func() error { return d.db.View(read) })
}

func rollback(tx *bbolt.Tx, err error) error {
	if e := tx.Rollback(); e != nil && err == nil {
		return fmt.Errorf("roll back: %w", e)
	}
	return err
}

// dues asks Config.Due when the thread's lanes have their next steps, and counts what is
// undelivered. A paused thread has no next steps.
func (d *database) dues(state *bridge.ThreadState, known *channels) (next dues, err error) {
	if known.rests(state.Key) {
		return next, nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("next steps: %w", bridge.PanicFault(p))
		}
	}()
	for i, r := range remotes {
		if next[i].at, next[i].owed = d.cfg.Due(state, r); next[i].owed {
			next[i].undelivered.count, next[i].undelivered.oldest = state.Undelivered(r)
		}
	}
	return next, nil
}

// instant returns the Instant for decisions at the given time.
func (d *database) instant(now time.Time) bridge.Instant {
	o := &d.opening
	at := bridge.Instant{Now: now.Round(0).UTC(), Opening: o.Boot, Opened: d.guard.opened, Restored: o.Restored}
	if o.Restored.IsZero() || now.Sub(o.Restored) > restoredAfter {
		at.AloneSince = o.AloneSince
	}
	return at
}

// reading runs a function that reads the file. bbolt panics at a damaged page, and the
// memory map faults if the file was truncated. After that, the file is no longer used.
// The transaction stays open, because a rollback could read the file as well.
func (d *database) reading(do func() error) (err error) {
	if err := d.file.failed(); err != nil {
		return err
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			d.file.mu.Lock()
			err = d.file.breaks(fmt.Errorf("read %s: %w: %w", d.cfg.Path, ErrBroken, bridge.PanicFault(p)))
			d.file.mu.Unlock()
			d.memory.setHealth(err)
		}
	}()
	return do()
}

// writing runs a function that changes the file, if the file is still in place. Data
// written to a deleted file would be lost, and writing to a truncated file would hide the
// truncation.
func (d *database) writing(do func() error) error {
	if err := d.file.check(); err != nil {
		d.memory.setHealth(err)
		return err
	}
	return d.reading(do)
}
