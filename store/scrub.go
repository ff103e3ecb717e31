package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.etcd.io/bbolt"
)

const (
	// scrubbing is how often freed pages are overwritten. It allows three attempts within
	// the promised minute.
	scrubbing = 20 * time.Second
	// scrubSlice is the maximum time that commits wait for scrubbing. scrubRun is the
	// number of pages that are read at a time.
	scrubSlice = 2 * time.Millisecond
	scrubRun   = 32
	// scrubAgain is the pause before a retry while a copy is being made.
	scrubAgain = time.Second
	// leaveSlice is the maximum time that scrubbing takes when the store is closed.
	leaveSlice = time.Second
)

// errCopying means that a copy of the store is being made, which still reads the pages
// that were freed after it began.
var errCopying = errors.New("a copy is being made")

// ScrubAge returns the time since the last complete pass of scrubbing, or since the store
// was opened. A pass that finds nothing to overwrite is complete. While Run runs,
// ScrubAge stays below half a minute, with three exceptions: a copy is being made, the
// disk fails, or the layout of the bbolt file is one that this release doesn't know. Then
// text of settled messages may still be in the file.
func (d *database) ScrubAge() time.Duration {
	return max(d.cfg.Now().Sub(time.Unix(0, d.scrubber.done.Load())), 0)
}

// scrubbed records that a pass is complete.
func (d *database) scrubbed() { d.scrubber.done.Store(d.cfg.Now().UnixNano()) }

// Scrub overwrites the pages that the file no longer uses, so that the file contains no
// text of settled messages. It does nothing if there was no change since the last pass.
// It blocks commits for only a few milliseconds at a time. While a copy of the store is
// being made, it does nothing and returns an error.
func (s *Store) Scrub(ctx context.Context) error {
	for first := true; ; first = false {
		more, err := s.scrubSlice(ctx, first)
		if err != nil {
			return fmt.Errorf("scrub: %w", err)
		}
		if !more {
			return nil
		}
	}
}

// scrubs overwrites freed pages periodically until ctx ends.
func (s *Store) scrubs(ctx context.Context) {
	timer := time.NewTimer(scrubbing)
	defer timer.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		next := scrubbing
		if s.Health() == nil { // otherwise beats logs the error
			err := s.Scrub(ctx)
			switch {
			case errors.Is(err, errCopying):
				next, err = scrubAgain, nil
			case err != nil && !failing && ctx.Err() == nil && s.Health() == nil:
				s.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "freed pages can't be overwritten", slog.Any("err", err))
			}
			failing = err != nil
		}
		timer.Reset(next)
	}
}

// scrubLast overwrites freed pages before the store is closed. If a copy is being made,
// which still reads old pages, or the disk fails, the next opening does it.
func (s *Store) scrubLast() error {
	if s.Health() != nil {
		return nil
	}
	if _, err := s.scrub(true, leaveSlice); err != nil && !errors.Is(err, errCopying) {
		return fmt.Errorf("scrub before closing: %w", err)
	}
	return nil
}

// scrubSlice makes the committer do a part of the pass.
func (s *Store) scrubSlice(ctx context.Context, first bool) (more bool, err error) {
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	done := make(chan struct{})
	chore := func() {
		defer close(done)
		err = s.writing(func() (err error) {
			more, err = s.scrub(first, scrubSlice)
			return err
		})
	}
	select {
	case s.chores <- chore:
	case <-ctx.Done():
		return false, context.Cause(ctx)
	case <-s.quit:
		return false, ErrClosed
	}
	<-done
	return more, err
}

// scrub does a part of a pass, for about the given time. first starts a new pass. Nothing
// else may write in the meantime.
func (s *Store) scrub(first bool, slice time.Duration) (more bool, err error) {
	c := &s.scrubber
	if first {
		if !c.stale && !c.torn {
			s.scrubbed()
			return false, nil
		}
		if err := s.listFree(); err != nil {
			return false, err
		}
	}
	tx, err := s.beginUnseen()
	if err != nil {
		return false, err
	}
	if c.torn {
		err = c.blankTail(tx)
		c.torn = err != nil
	}
	if err == nil {
		err = c.blank(tx, time.Now().Add(slice))
	}
	if err := rollback(tx, err); err != nil {
		c.stale = true
		return false, err
	}
	if len(c.left) > 0 {
		return true, nil
	}
	c.buf = nil
	if !s.cfg.NoSync {
		if err := c.handle.Sync(); err != nil {
			return false, fmt.Errorf("sync: %w", err)
		}
	}
	s.scrubbed()
	return false, nil
}

// beginUnseen begins a transaction in which every free page may be overwritten, because
// no reader uses an older state of the file in which the page was in use. Readers that
// start later see the present state.
func (s *Store) beginUnseen() (*bbolt.Tx, error) {
	if !s.copying.TryLock() {
		return nil, errCopying
	}
	defer s.copying.Unlock()
	s.readers.Lock()
	defer s.readers.Unlock()
	tx, err := s.db.Begin(true)
	if err != nil {
		return nil, fmt.Errorf("begin transaction: %w", err)
	}
	return tx, nil
}

// blank overwrites the remaining pages of the pass until the time is up.
func (c *scrubber) blank(tx *bbolt.Tx, until time.Time) error {
	for len(c.left) > 0 {
		n := runOf(c.left)
		if err := c.blankRun(tx, c.left[0], n); err != nil {
			return err
		}
		c.left = c.left[n:]
		if time.Now().After(until) {
			return nil
		}
	}
	return nil
}

// runOf returns how many of the pages are consecutive, counted from the first.
func runOf(ids []uint64) int {
	n := 1
	for n < len(ids) && n < scrubRun && ids[n] == ids[0]+uint64(n) {
		n++
	}
	return n
}

// blankRun overwrites those of n pages that contain data and that bbolt itself reports as
// free. Some may have come into use since the pass began.
func (c *scrubber) blankRun(tx *bbolt.Tx, from uint64, n int) error {
	size := tx.DB().Info().PageSize
	if len(c.buf) < scrubRun*size {
		c.buf = make([]byte, scrubRun*size)
	}
	run := c.buf[:n*size]
	if _, err := c.handle.ReadAt(run, int64(from)*int64(size)); err != nil {
		return fmt.Errorf("read free pages: %w", err)
	}
	for i := range n {
		page := run[i*size : (i+1)*size]
		if isBlank(page) {
			continue
		}
		info, err := tx.Page(int(from) + i)
		if err != nil {
			return fmt.Errorf("look at page: %w", err)
		}
		if info == nil || info.Type != "free" {
			continue
		}
		clear(page)
		if _, err := c.handle.WriteAt(page, (int64(from)+int64(i))*int64(size)); err != nil {
			return fmt.Errorf("overwrite page: %w", err)
		}
	}
	return nil
}

// blankTail overwrites everything past the end of the database.
func (c *scrubber) blankTail(tx *bbolt.Tx) error {
	info, err := c.handle.Stat()
	if err != nil {
		return fmt.Errorf("look at the file: %w", err)
	}
	buf := make([]byte, scrubRun*tx.DB().Info().PageSize)
	for at := tx.Size(); at < info.Size(); {
		part := buf[:min(int64(len(buf)), info.Size()-at)]
		if _, err := c.handle.ReadAt(part, at); err != nil {
			return fmt.Errorf("read behind the end: %w", err)
		}
		if !isBlank(part) {
			clear(part)
			if _, err := c.handle.WriteAt(part, at); err != nil {
				return fmt.Errorf("overwrite what is behind the end: %w", err)
			}
		}
		at += int64(len(part))
	}
	return nil
}

func isBlank(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
