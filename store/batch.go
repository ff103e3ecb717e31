package store

import (
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// request is one change that somebody waits for.
type request struct {
	thread bridge.ThreadKey
	ids    []string
	decide bridge.Decision
	// intake marks what comes in: workers that lease a lane of the thread are
	// told of it.
	intake bool
	// claim is what the request depends on, nil for none, and last tells that
	// it gives the lane back.
	claim *bridge.Claim
	last  bool
	// deferrable: nobody waits for the outcome, so it may wait a moment for other
	// requests to share a commit with.
	deferrable bool
	// keep is housekeeping, in place of a decision. It may only fail where
	// the disk does.
	keep func(tx *bbolt.Tx, at bridge.Instant) error
	// channelTx changes many threads, in place of a decision, and is alone in its
	// batch: if it fails, nothing of it has happened.
	channelTx func(b *batch) error

	// err and lost are written by the committer before it closes done; lost
	// tells that the claim is over.
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
	// effects are what the batch did so far, by thread.
	effects map[bridge.ThreadKey]*effect
	// channels is what is known of channels after what the batch did so far.
	channels *channels
	// dirty tells that something was written.
	dirty bool
	// uncached tells that records change by other ways than through loaded rows.
	uncached bool
}

// effect is what a batch changes in memory, once it is on disk.
type effect struct {
	volatile bridge.Volatile
	dues     dues
	// loaded is the thread as the batch left it.
	loaded *loaded
	// intake tells that something came in for the thread.
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

// announce tells memory which Volatile parts belong to the batch's transaction,
// before it is committed.
func (b *batch) announce() {
	m := b.s.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	for thread, e := range b.effects {
		t := m.entry(thread)
		t.next, t.nextSince = &e.volatile, b.tx.ID()
	}
}

// undo leaves everything as it was before the batch.
func (b *batch) undo() error {
	b.dirty, b.channels = false, b.s.channels.Load()
	clear(b.effects)
	return rollback(b.tx, nil)
}

// apply runs one request. Its error ends the whole batch.
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

// attempt runs a decision. One that panics fails alone.
func attempt(decide bridge.Decision, state *bridge.ThreadState, at bridge.Instant) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decide: %w", bridge.PanicFault(p))
		}
	}()
	return decide(state, at)
}

// load returns a thread as the batch left it so far, with the resting rows that
// have the given ids. Until it is noted nobody else has it.
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

// volatile returns the thread's Volatile, as the batch left it so far, for a
// decision to change.
func (b *batch) volatile(thread bridge.ThreadKey) bridge.Volatile {
	if e := b.effects[thread]; e != nil {
		return cloneVolatile(e.volatile)
	}
	return b.s.memory.volatile(thread)
}

// outlook is when a thread's lanes have their next steps: as memory has it and,
// if something changed, as the index on disk does.
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

// note updates the index on disk, and records what memory has to learn.
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
