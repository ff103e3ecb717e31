package socketmode

import (
	"sync"
	"time"
)

// Status is the state of the connections.
type Status struct {
	// Up of Wanted sockets are connected.
	Up, Wanted int
	// RetryAt is when the last socket that failed to connect tries again.
	RetryAt time.Time
	// ReplacingSince is when ReplaceAll began to replace the sockets; zero when they are not being replaced.
	ReplacingSince time.Time
	// Other is how many connections of our app other processes had open, as of the latest hello. OtherSince is when
	// there was none for the last time.
	Other      int
	OtherSince time.Time
}

// tracker keeps the Status and tells the Observer of changes.
type tracker struct {
	obs Observer

	mu     sync.Mutex
	status Status // guarded by mu
	open   int    // our open connections, two for a socket that is changing from one to the next; guarded by mu
}

func (t *tracker) get() Status {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.status
}

// socketChanged counts a socket that connected (1) or lost its connection (-1).
func (t *tracker) socketChanged(by int) {
	t.mu.Lock()
	t.status.Up += by
	up := t.status.Up
	t.mu.Unlock()
	t.obs.SocketsUp(up)
}

// connectionChanged counts an open connection.
func (t *tracker) connectionChanged(by int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open += by
}

// noteHello takes Slack's count of our app's connections.
func (t *tracker) noteHello(connections int) {
	t.mu.Lock()
	other := max(0, connections-t.open)
	if other > 0 && t.status.Other == 0 {
		t.status.OtherSince = time.Now()
	}
	t.status.Other = other
	t.mu.Unlock()
	t.obs.OtherConnections(other)
}

// waits notes that a socket waits before it tries again.
func (t *tracker) waits(until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status.RetryAt = until
}

func (t *tracker) setReplacing(since time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status.ReplacingSince = since
}
