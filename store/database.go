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

// database is the open file together with what memory knows of it: all that
// readers and the committer share.
type database struct {
	cfg     Config
	db      *bbolt.DB
	opening Opening
	guard   clockGuard
	memory  *memory
	file    *fileWatch

	// channels is what is known of channels; only the committer replaces it.
	channels atomic.Pointer[channels]

	// readers is held by those who read, except for a copy, which holds copying:
	// a copy takes longer than scrubbing can wait.
	readers  sync.RWMutex
	copying  sync.Mutex
	scrubber scrubber
}

// scrubber overwrites what rows leave behind. Its fields belong to the
// committer, and to Close once that has ended.
type scrubber struct {
	// handle is bbolt's own handle of the file: whatever has become of the
	// path, and whoever holds which lock.
	handle *os.File
	// stale: rows were changed since the last pass.
	stale bool
	// torn: pages may have been written that belong to no transaction, also
	// behind the end of the database, because a commit failed or the process
	// was killed.
	torn bool
	// left are pages of the present pass that are still to be looked at.
	left []uint64
	buf  []byte
	// done is when a pass last found everything overwritten, in nanoseconds since
	// 1970. Anybody may read it.
	done atomic.Int64
}

// read returns the thread's live rows, for a worker to keep.
func (d *database) read(thread bridge.ThreadKey) (*bridge.ThreadState, error) {
	if state := d.memory.cloneCached(thread); state != nil {
		return state, nil
	}
	return d.snapshot(thread, live)
}

// snapshot reads the rows that a thread has in some buckets, with the Volatile
// that belongs to them.
func (d *database) snapshot(thread bridge.ThreadKey, in ...bucket) (*bridge.ThreadState, error) {
	for {
		state, ok, err := d.trySnapshot(thread, in)
		if ok || err != nil {
			return state, err
		}
		// A whole commit went by between reading the rows and the Volatile.
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

// view reads. Scrubbing waits for it, so it is to be short.
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

// dues asks Config.Due when the thread's lanes have their next steps, and counts what
// is undelivered. A thread in a channel that rests has none.
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

// instant is what a decision is told of the time.
func (d *database) instant(now time.Time) bridge.Instant {
	o := &d.opening
	at := bridge.Instant{Now: now.Round(0).UTC(), Opening: o.Boot, Opened: d.guard.opened, Restored: o.Restored}
	if o.Restored.IsZero() || now.Sub(o.Restored) > restoredAfter {
		at.AloneSince = o.AloneSince
	}
	return at
}

// reading does what reads the file. bbolt panics at a damaged page, and the memory
// map faults where the file was cut short. After that nothing uses the file: the
// transaction stays open, since rolling it back could read the file as well.
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

// writing does what changes the file, if it is still there: what is written into a
// file without a name would be lost, and writing into one that was cut short would
// hide that.
func (d *database) writing(do func() error) error {
	if err := d.file.check(); err != nil {
		d.memory.setHealth(err)
		return err
	}
	return d.reading(do)
}
