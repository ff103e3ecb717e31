package store

import "github.com/agenbridge/agenbridge/bridge"

// warmRows bounds how many live rows are kept in memory.
const warmRows = 2000

// warm is what the disk says of some threads, so that their rows need not be
// read and decoded for every decision about them: without it that is a third of
// the processor time under load. All of it belongs to Store.mu.
//
// There is one copy of a thread's rows, and the batch that changes it takes it
// away: it comes back when the change is on disk, and never when that failed.
// What keeps house changes records by itself; it drops everything, once a minute
// at least, so that what nobody asks for any more does not stay.
type warm struct {
	threads map[bridge.ThreadKey]*loaded
	rows    int
}

// take takes the thread's rows away; nil when they are not there.
func (w *warm) take(thread bridge.ThreadKey) *loaded {
	l := w.threads[thread]
	if l != nil {
		delete(w.threads, thread)
		w.rows -= l.size()
	}
	return l
}

// keep takes back what a batch has written. Where err says that it has not, what
// the disk says is to be read.
func (w *warm) keep(b *batch, err error) {
	if b.cold {
		w.drop()
	}
	if b.cold || err != nil {
		return
	}
	for thread, e := range b.effects {
		if e.loaded == nil { // a decision failed half way
			continue
		}
		if w.rows += e.loaded.size(); w.rows > warmRows {
			w.drop()
			w.rows = e.loaded.size()
		}
		w.threads[thread] = e.loaded
	}
}

func (w *warm) drop() {
	w.threads, w.rows = map[bridge.ThreadKey]*loaded{}, 0
}

// size is how many records the thread has, its own among them.
func (l *loaded) size() int { return 1 + len(l.rows.Messages) + len(l.rows.Posts) }

// load returns a thread as the batch left it so far, with the resting rows that
// have the given ids. Until it is noted nobody else has it.
func (b *batch) load(thread bridge.ThreadKey, ids []string) (*loaded, error) {
	if b.cold {
		return load(b.tx, b.s.horizon, thread, ids)
	}
	var l *loaded
	if e := b.effects[thread]; e != nil {
		l, e.loaded = e.loaded, nil
	}
	if l == nil {
		l = b.s.takeWarm(thread)
	}
	if l == nil {
		return load(b.tx, b.s.horizon, thread, ids)
	}
	return l, l.findAll(b.tx, b.s.horizon, ids)
}

func (s *Store) takeWarm(thread bridge.ThreadKey) *loaded {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.warm.take(thread)
}

// read returns the thread's live rows, for a worker to keep.
func (s *Store) read(thread bridge.ThreadKey) (*bridge.ThreadState, error) {
	if state := s.cloneWarm(thread); state != nil {
		return state, nil
	}
	return s.snapshot(thread, live)
}

func (s *Store) cloneWarm(thread bridge.ThreadKey) *bridge.ThreadState {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, t := s.warm.threads[thread], s.talks[thread]
	if l == nil || t == nil {
		return nil
	}
	state := l.rows.Clone()
	state.Volatile = cloneMemo(t.memo)
	return state
}

// Look implements bridge.Intake: with what is in memory, if nobody is at it.
func (s *Store) Look(thread bridge.ThreadKey, look func(*bridge.ThreadState)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.warm.threads[thread]; l != nil {
		look(l.rows)
	}
}
