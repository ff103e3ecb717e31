package store

import (
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// memory is the state that the store keeps outside the file: which lanes are due and
// leased, the volatile part of threads, cached rows, and whether the disk works. A
// restart loses all of it.
type memory struct {
	// unhealthy receives a value when the disk can't be written.
	unhealthy chan struct{}

	// mu guards the fields below. It is never held during disk access.
	mu      sync.Mutex
	threads map[bridge.ThreadKey]*threadEntry
	cache   rowCache
	queues  [len(remotes)]queue
	// tokens is the number of leases so far.
	tokens uint64
	health error
}

func newMemory() *memory {
	m := &memory{
		unhealthy: make(chan struct{}, 1),
		threads:   map[bridge.ThreadKey]*threadEntry{},
		cache:     newRowCache(),
	}
	for i := range m.queues {
		m.queues[i] = newQueue()
	}
	return m
}

// entry returns the thread's entry, creating it if necessary. The caller holds m.mu.
func (m *memory) entry(thread bridge.ThreadKey) *threadEntry {
	e := m.threads[thread]
	if e == nil {
		e = newThreadEntry(thread)
		m.threads[thread] = e
	}
	return e
}

// forget removes the entry and the Volatile of a thread that has nothing due or leased.
// The caller holds m.mu.
func (m *memory) forget(e *threadEntry) {
	if e.idle() {
		delete(m.threads, e.key)
	}
}

// schedule sets when the lanes of a thread are due.
func (m *memory) schedule(thread bridge.ThreadKey, d dues, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.entry(thread)
	for i := range d {
		m.queues[i].set(&e.lanes[i], d[i], now)
	}
}

// volatile returns the Volatile that belongs to the thread's rows on disk. Only the
// committer may call it, because only the committer knows that the rows don't change in
// the meantime.
func (m *memory) volatile(thread bridge.ThreadKey) bridge.Volatile {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.threads[thread]; e != nil {
		return cloneVolatile(e.volatile)
	}
	return bridge.Volatile{}
}

// volatileAt returns the Volatile that belongs to the thread's rows as transaction tx
// reads them. It returns false if it has been replaced since.
func (m *memory) volatileAt(thread bridge.ThreadKey, tx int) (bridge.Volatile, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.threads[thread]; e != nil {
		return e.volatileAt(tx)
	}
	return bridge.Volatile{}, true
}

// takeCached removes the thread's rows from the cache and returns them. It returns nil if
// they are not cached.
func (m *memory) takeCached(thread bridge.ThreadKey) *loaded {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cache.take(thread)
}

// cloneCached returns a copy of the thread's cached state, or nil if it isn't cached.
func (m *memory) cloneCached(thread bridge.ThreadKey) *bridge.ThreadState {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, e := m.cache.threads[thread], m.threads[thread]
	if l == nil || e == nil {
		return nil
	}
	state := l.rows.Clone()
	state.Volatile = cloneVolatile(e.volatile)
	return state
}

// look calls look with the thread's cached state, if it is cached.
func (m *memory) look(thread bridge.ThreadKey, look func(*bridge.ThreadState)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l := m.cache.threads[thread]; l != nil {
		look(l.rows)
	}
}

// lastError returns the error of the last commit, or nil if it succeeded.
func (m *memory) lastError() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.health
}

// setHealth records whether the disk can be written.
func (m *memory) setHealth(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.noteHealth(err)
}

// noteHealth is setHealth for a caller that holds m.mu.
func (m *memory) noteHealth(err error) {
	m.health = err
	if err == nil {
		return
	}
	select {
	case m.unhealthy <- struct{}{}:
	default:
	}
}
