package store

import (
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// request is one change, and the caller who waits for it.
type request struct {
	thread bridge.ThreadKey
	ids    []string
	decide bridge.Decision
	// intake marks a change that came from outside. Workers that lease a lane of the
	// thread are notified of it.
	intake bool
	// claim is the claim that the request depends on, or nil. last means that the request
	// also gives the lane back.
	claim *bridge.Claim
	last  bool
	// deferrable means that no caller needs the result soon, so the request may wait a
	// moment to share a commit with others.
	deferrable bool
	// keep is housekeeping, in place of a decision. It may fail only if the disk fails.
	keep func(tx *bbolt.Tx, at bridge.Instant) error
	// channelTx changes many threads, in place of a decision. It is alone in its batch,
	// so that if it fails, none of its changes are made.
	channelTx func(b *batch) error

	// err and lost are written by the committer before it closes done. lost means that
	// the claim has expired.
	err  error
	lost bool
	done chan struct{}
}

// batch is one transaction and the requests that share it.
type batch struct {
	s       *database
	tx      *bbolt.Tx
	started time.Time
	at      bridge.Instant
	all     []*request
	// effects are the changes in memory that the batch has caused so far, by thread.
	effects map[bridge.ThreadKey]*effect
	// channels is the channel state after the changes that the batch has made so far.
	channels *channels
	// dirty is true if anything was written.
	dirty bool
	// uncached is true if the batch may change records without loading them as rows.
	uncached bool
}

// effect is a change in memory that takes place once the batch is on disk.
type effect struct {
	volatile bridge.Volatile
	dues     dues
	// loaded is the thread after the changes of the batch.
	loaded *loaded
	// intake is true if a change came from outside.
	intake bool
}

func newBatch(s *database, all []*request) *batch {
	now := s.cfg.Now()
	return &batch{
		s: s, all: all, started: now,
		at:       s.instant(now),
		effects:  map[bridge.ThreadKey]*effect{},
		channels: s.channels.Load(),
		uncached: slices.ContainsFunc(all, func(r *request) bool { return r.decide == nil }),
	}
}

// run applies every request and commits. It returns an error if the disk fails, and then
// nothing in the batch takes effect. The error of a single request is stored in the
// request.
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
	if b.all[0].err != nil && b.all[0].channelTx != nil {
		return b.undo()
	}
	if !b.dirty {
		return rollback(tx, nil)
	}
	b.announce()
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

// announce tells memory which Volatile parts belong to the batch's transaction. It must
// be called before the commit.
func (b *batch) announce() {
	m := b.s.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	for thread, e := range b.effects {
		t := m.entry(thread)
		t.next, t.nextSince = &e.volatile, b.tx.ID()
	}
}

// undo discards all changes of the batch.
func (b *batch) undo() error {
	b.dirty, b.channels = false, b.s.channels.Load()
	clear(b.effects)
	return rollback(b.tx, nil)
}

// apply runs one request. If it returns an error, the whole batch fails.
func (b *batch) apply(r *request) error {
	if r.keep != nil {
		b.dirty = true
		return r.keep(b.tx, b.at)
	}
	if r.channelTx != nil {
		r.err = r.channelTx(b)
		return nil
	}
	if r.claim != nil && !b.s.memory.pin(r.claim, b.started) {
		r.err, r.lost = bridge.ErrLost, true
		return nil
	}
	l, cs, next, err := b.decide(r)
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

// decide loads the thread, runs the decision and returns what to write.
func (b *batch) decide(r *request) (l *loaded, cs []change, next outlook, err error) {
	if l, err = b.load(r.thread, r.ids); err != nil {
		return nil, nil, next, err
	}
	l.rows.Volatile = b.volatile(r.thread)
	if err := attempt(r.decide, l.rows, b.at); err != nil {
		return nil, nil, next, err
	}
	if cs, err = l.changes(b.tx, b.at); err != nil {
		return nil, nil, next, err
	}
	l.rebase()
	next, err = b.outlook(l.rows, len(cs) > 0)
	return l, cs, next, err
}

// attempt runs a decision. If the decision panics, only its request fails.
func attempt(decide bridge.Decision, state *bridge.ThreadState, at bridge.Instant) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decide: %w", bridge.PanicFault(p))
		}
	}()
	return decide(state, at)
}

// load returns a thread with the changes that the batch has made so far, including the
// resting rows with the given ids. The caller owns it until it is noted.
func (b *batch) load(thread bridge.ThreadKey, ids []string) (*loaded, error) {
	if b.uncached {
		return load(b.tx, b.s.guard, thread, ids)
	}
	var l *loaded
	if e := b.effects[thread]; e != nil {
		l, e.loaded = e.loaded, nil
	}
	if l == nil {
		l = b.s.memory.takeCached(thread)
	}
	if l == nil {
		return load(b.tx, b.s.guard, thread, ids)
	}
	return l, l.findAll(b.tx, b.s.guard, ids)
}

// volatile returns a copy of the thread's Volatile, with the changes that the batch has
// made so far, for a decision to change.
func (b *batch) volatile(thread bridge.ThreadKey) bridge.Volatile {
	if e := b.effects[thread]; e != nil {
		return cloneVolatile(e.volatile)
	}
	return b.s.memory.volatile(thread)
}

// outlook is when a thread's lanes have their next steps: in memory, and, if something
// changed, in the index on disk.
type outlook struct{ memory, disk dues }

func (b *batch) outlook(state *bridge.ThreadState, changed bool) (o outlook, err error) {
	if o.memory, err = b.s.dues(state, b.channels); err != nil || !changed {
		return o, err
	}
	afterRestart := *state
	afterRestart.Volatile = bridge.Volatile{}
	o.disk, err = b.s.dues(&afterRestart, b.channels)
	return o, err
}

// note updates the index on disk, and records what has to change in memory.
func (b *batch) note(l *loaded, intake, changed bool, next outlook) error {
	thread := l.rows.Key
	e := b.effects[thread]
	if e == nil {
		e = &effect{}
		b.effects[thread] = e
	}
	e.loaded, e.volatile, e.dues = l, cloneVolatile(l.rows.Volatile), next.memory
	if !changed {
		return nil
	}
	e.intake = e.intake || intake
	if err := writeDues(b.tx, thread, next.disk); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	return nil
}
