package bridgetest

import (
	"context"
	"maps"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Prune forgets what is older than it must be kept.
func (s *Store) Prune(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.moment().Now
	for _, t := range s.threads {
		if s.pruneThread(t, now) {
			s.schedule(t)
			s.forget(t)
		}
	}
	return nil
}

// pruneThread reports whether something went.
func (s *Store) pruneThread(t *thread, now time.Time) bool {
	before := len(t.messages) + len(t.posts)
	cutoff := now.Add(-s.cfg.Retention)
	active := !t.touched.Before(cutoff)
	maps.DeleteFunc(t.messages, func(_ string, f filed[bridge.MessageRow]) bool {
		m := &f.row
		if m.Resting() {
			return since(m.Delivery).Before(cutoff)
		}
		return (m.State == bridge.Dead || m.State == bridge.Held) && m.Settled.IsZero() && m.Accepted.Before(cutoff)
	})
	maps.DeleteFunc(t.posts, func(_ string, f filed[bridge.PostRow]) bool {
		p := &f.row
		owed := p.State == bridge.Ready || p.State == bridge.Begun
		return since(p.Delivery).Before(cutoff) && (p.Resting() || !owed && !active)
	})
	live := s.view(t, nil)
	if len(live.Messages)+len(live.Posts) == 0 && !t.record.Vacant() && t.touched.Before(now.Add(-threadRetention)) {
		t.record, t.touched = bridge.Thread{}, time.Time{}
		return true
	}
	return before != len(t.messages)+len(t.posts)
}

// since is when a delivery came to where it is.
func since(d bridge.Delivery) time.Time {
	if d.Settled.IsZero() {
		return d.Accepted
	}
	return d.Settled
}
