package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// maxBatch bounds how many requests share a commit, so that the first of
// them doesn't wait for the work of hundreds.
const maxBatch = 128

// patience is how long an outcome that nobody waits for waits for company.
// Under load it then shares the commit of somebody who is in a hurry, and half
// of all commits are spared; otherwise a reaction comes so much later.
const patience = 20 * time.Millisecond

// request is one change that somebody waits for.
type request struct {
	thread bridge.ThreadKey
	ids    []string
	decide bridge.Decision
	// intake marks what comes in: it is news to whoever holds a lane.
	intake bool
	// claim is what the request depends on, nil for none, and last tells that
	// it gives the lane back.
	claim *bridge.Claim
	last  bool
	// patient: it may wait for company.
	patient bool
	// keep is housekeeping, in place of a decision. It may only fail where
	// the disk does.
	keep func(tx *bbolt.Tx, at bridge.Instant) error
	// wide concerns many threads, in place of a decision, and is alone in its
	// batch: where it fails nothing of it has happened.
	wide func(b *batch) error

	// err and lost are written by the committer before it closes done; lost
	// tells that the claim is over.
	err  error
	lost bool
	done chan struct{}
}

// submit hands the request to the committer and waits for its result. Where
// ctx ends first the request has not been looked at; once it was picked up
// the caller waits for the result, so that nobody is left in doubt.
func (s *Store) submit(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	r.done = make(chan struct{})
	select {
	case s.requests <- r:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.quit:
		return ErrClosed
	}
	<-r.done
	return r.err
}

// commits is the committer: the only goroutine that writes.
func (s *Store) commits() {
	defer close(s.stopped)
	for {
		if r := s.next; r != nil {
			s.next = nil
			s.commit([]*request{r})
			continue
		}
		select {
		case r := <-s.requests:
			s.commit(s.gather(r))
		case do := <-s.chores:
			do()
		case <-s.quit:
			return
		}
	}
}

// gather takes on everybody who waits at this moment. It waits for nobody,
// unless all of them have patience. What concerns many threads has its turn
// alone: whoever comes after it finds it done.
func (s *Store) gather(first *request) []*request {
	all := append(make([]*request, 0, 8), first)
	patient := first.patient
	for len(all) < maxBatch && first.wide == nil {
		select {
		case r := <-s.requests:
			if r.wide != nil {
				s.next = r
				return all
			}
			all = append(all, r)
			patient = patient && r.patient
			continue
		default:
		}
		if !patient {
			return all
		}
		return s.linger(all)
	}
	return all
}

// linger waits for somebody in a hurry, and takes on who comes meanwhile.
func (s *Store) linger(all []*request) []*request {
	over := time.NewTimer(patience)
	defer over.Stop()
	for len(all) < maxBatch {
		select {
		case r := <-s.requests:
			if r.wide != nil {
				s.next = r
				return all
			}
			all = append(all, r)
			if !r.patient {
				return all
			}
		case <-over.C:
			return all
		case <-s.quit:
			return all
		}
	}
	return all
}

// batch is one transaction and the requests that share it.
type batch struct {
	s       *Store
	tx      *bbolt.Tx
	started time.Time
	at      bridge.Instant
	all     []*request
	// effects are what the batch did so far, by thread.
	effects map[bridge.ThreadKey]*effect
	// channels is what is known of channels after what the batch did so far.
	channels *channels
	// dirty tells that something was written.
	dirty bool
	// cold tells that records change by other ways than through loaded rows.
	cold bool
}

// effect is what a batch changes in memory, once it is on disk.
type effect struct {
	memo bridge.Volatile
	dues dues
	// loaded is the thread as the batch left it.
	loaded *loaded
	// intake tells that something came in for the thread.
	intake bool
}

// commit runs the requests in one transaction and tells everybody.
func (s *Store) commit(all []*request) {
	b := &batch{
		s: s, all: all, started: s.cfg.Now(), effects: map[bridge.ThreadKey]*effect{}, channels: s.channels.Load(),
	}
	b.at = bridge.Instant{Now: b.started.Round(0).UTC(), Opening: s.opening.Boot, Restored: s.opening.Restored}
	b.cold = slices.ContainsFunc(all, func(r *request) bool { return r.decide == nil })
	err := b.run()
	if err != nil {
		for _, r := range all {
			if r.err == nil {
				r.err = err
			}
		}
	} else {
		s.channels.Store(b.channels)
	}
	s.book(b, err)
	for _, r := range all {
		close(r.done)
	}
}

// run applies every request and commits. Its error is the disk's: nothing of
// the batch happened then. That of a request is in the request.
func (b *batch) run() error {
	tx, err := b.s.db.Begin(true)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	b.tx = tx
	for _, r := range b.all {
		if err := b.apply(r); err != nil {
			b.dirty = false
			return rollback(tx, err)
		}
	}
	if b.all[0].err != nil && b.all[0].wide != nil {
		return b.undo()
	}
	if !b.dirty {
		return rollback(tx, nil)
	}
	b.s.announce(b.effects, tx.ID())
	b.s.scrubber.stale = b.s.scrubber.stale || len(b.effects) > 0
	began := b.s.cfg.Now()
	err = tx.Commit()
	if o := b.s.cfg.Observe; o != nil {
		o.Committed(len(b.all), b.s.cfg.Now().Sub(began), err)
	}
	if err != nil {
		b.s.scrubber.torn = true
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// undo leaves everything as it was before the batch.
func (b *batch) undo() error {
	b.dirty, b.channels = false, b.s.channels.Load()
	clear(b.effects)
	return rollback(b.tx, nil)
}

func rollback(tx *bbolt.Tx, err error) error {
	if e := tx.Rollback(); e != nil && err == nil {
		return fmt.Errorf("roll back: %w", e)
	}
	return err
}

// apply runs one request. Its error ends the whole batch.
func (b *batch) apply(r *request) error {
	if r.keep != nil {
		b.dirty = true
		return r.keep(b.tx, b.at)
	}
	if r.wide != nil {
		r.err = r.wide(b)
		return nil
	}
	if r.claim != nil && !b.s.pin(r.claim, b.started) {
		r.err, r.lost = bridge.ErrLost, true
		return nil
	}
	l, err := b.load(r.thread, r.ids)
	if err != nil {
		r.err = err
		return nil
	}
	l.rows.Volatile = b.memo(r.thread)
	if err := attempt(r.decide, l.rows, b.at); err != nil {
		r.err = err
		return nil
	}
	cs, err := l.changes(b.tx, b.at)
	if err != nil {
		r.err = err
		return nil
	}
	l.advance()
	next, err := b.outlook(l.rows, len(cs) > 0)
	if err != nil {
		r.err = err
		return nil
	}
	for _, c := range cs {
		b.dirty = true
		if err := c.write(b.tx); err != nil {
			return err
		}
	}
	return b.note(l, r.intake, len(cs) > 0, next)
}

// memo returns the thread's memo, as the batch left it so far, for a
// decision to change.
func (b *batch) memo(thread bridge.ThreadKey) bridge.Volatile {
	if e := b.effects[thread]; e != nil {
		return cloneMemo(e.memo)
	}
	return b.s.memo(thread)
}

// outlook is when a thread's lanes have their next steps: as memory has it and,
// where something changed, as the index on disk does.
type outlook struct{ memory, disk dues }

func (b *batch) outlook(rows *bridge.ThreadState, changed bool) (o outlook, err error) {
	if o.memory, err = b.s.dues(rows, b.channels); err != nil || !changed {
		return o, err
	}
	afterRestart := *rows
	afterRestart.Volatile = bridge.Volatile{}
	o.disk, err = b.s.dues(&afterRestart, b.channels)
	return o, err
}

// note keeps the index on disk in step, and remembers what memory is to
// learn.
func (b *batch) note(l *loaded, intake, changed bool, next outlook) error {
	thread := l.rows.Key
	e := b.effects[thread]
	if e == nil {
		e = &effect{}
		b.effects[thread] = e
	}
	e.loaded, e.memo, e.dues = l, cloneMemo(l.rows.Volatile), next.memory
	if !changed {
		return nil
	}
	e.intake = e.intake || intake
	if err := writeDues(b.tx, thread, next.disk); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	return nil
}

// attempt runs a decision. One that panics fails alone.
func attempt(decide bridge.Decision, rows *bridge.ThreadState, at bridge.Instant) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decide: %w", bridge.PanicFault(p))
		}
	}()
	return decide(rows, at)
}

// dues asks the policy when the thread's lanes have their next steps. One that
// rests has none.
func (s *Store) dues(rows *bridge.ThreadState, known *channels) (d dues, err error) {
	if known.rests(rows.Key) {
		return d, nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("next steps: %w", bridge.PanicFault(p))
		}
	}()
	for i, r := range remotes {
		d[i].at, d[i].owed = s.cfg.Due(rows, r)
	}
	return d, nil
}
