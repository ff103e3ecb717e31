package store

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Depth implements bridge.Depths.
func (s *Store) Depth(remote bridge.Remote) bridge.Depth {
	i, err := indexOf(remote)
	if err != nil {
		return bridge.Depth{}
	}
	return s.memory.depth(i, s.cfg.Now())
}

func (m *memory) depth(i int, now time.Time) bridge.Depth {
	m.mu.Lock()
	defer m.mu.Unlock()
	q := &m.queues[i]
	d := bridge.Depth{Lanes: len(q.waiting) + len(q.leased), Undelivered: q.undelivered}
	if len(q.late) > 0 {
		d.Oldest = max(now.Sub(q.late[0].due.undelivered.oldest), 0)
	}
	if len(q.waiting) == 0 {
		return d
	}
	at := q.waiting[0].ready()
	if at.IsZero() { // due at once: the wait counts from when that became known
		at = q.waiting[0].since
	}
	d.LaneWait = max(now.Sub(at), 0)
	return d
}
