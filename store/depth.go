package store

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Depth is how much a remote is owed.
type Depth struct {
	// Lanes counts the threads that owe it something, now or later.
	Lanes int
	// Oldest is for how long the longest due of them has waited for a worker;
	// 0 when none is due.
	Oldest time.Duration
}

// Depth tells how much the remote is owed.
func (s *Store) Depth(remote bridge.Remote) Depth {
	i, err := indexOf(remote)
	if err != nil {
		return Depth{}
	}
	now := s.cfg.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &s.queues[i]
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
