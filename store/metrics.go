package store

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Depth is how much is owed to a remote.
type Depth struct {
	// Lanes counts the threads that owe it something, now or later.
	Lanes int
	// Oldest is how long the lane that is due longest has waited for a worker;
	// 0 when none is due.
	Oldest time.Duration
}

// Depth returns how much is owed to the remote.
func (s *Store) Depth(remote bridge.Remote) Depth {
	i, err := indexOf(remote)
	if err != nil {
		return Depth{}
	}
	return s.memory.depth(i, s.cfg.Now())
}

func (m *memory) depth(i int, now time.Time) Depth {
	m.mu.Lock()
	defer m.mu.Unlock()
	q := &m.queues[i]
	d := Depth{Lanes: len(q.waiting) + len(q.leased)}
	if len(q.waiting) == 0 {
		return d
	}
	at := q.waiting[0].ready()
	if at.IsZero() { // at once, whenever that was said
		at = q.waiting[0].since
	}
	d.Oldest = max(now.Sub(at), 0)
	return d
}
