package bridgetest

import (
	"context"
	"maps"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Prune removes what is older than it has to be kept.
func (s *Store) Prune(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.instant().Now
	cutoff := now.Add(-s.cfg.Retention)
	for _, t := range s.threads {
		maps.DeleteFunc(t.messages, func(_ string, f filed[bridge.MessageRecord]) bool {
			return f.row.Resting() && since(f.row.Delivery).Before(cutoff)
		})
		maps.DeleteFunc(t.posts, func(_ string, f filed[bridge.PostRecord]) bool {
			return f.row.Resting() && since(f.row.Delivery).Before(cutoff)
		})
		stale := t.touched.Before(now.Add(-threadRetention))
		if err := s.clear(t, cutoff, stale); err != nil {
			return err
		}
	}
	s.forgetChannels()
	return nil
}

// clear takes out of a thread what waits for a person who never came, and
// the thread itself when it is stale and nothing else is left.
func (s *Store) clear(t *thread, cutoff time.Time, stale bool) error {
	active := !t.touched.Before(cutoff)
	clear := func(state *bridge.ThreadState, _ bridge.Instant) error {
		maps.DeleteFunc(state.Messages, func(_ string, m *bridge.MessageRecord) bool {
			if m.Unshown == bridge.UnshownForNow && !active && since(m.Delivery).Before(cutoff) {
				return true
			}
			return (m.State == bridge.StateDead || m.State == bridge.StateHeld) && m.Settled.IsZero() && m.Accepted.Before(cutoff)
		})
		maps.DeleteFunc(state.Posts, func(_ string, p *bridge.PostRecord) bool {
			owed := p.State == bridge.StateReady || p.State == bridge.StateInFlight
			return !owed && !active && since(p.Delivery).Before(cutoff)
		})
		if stale && len(state.Messages)+len(state.Posts) == 0 {
			state.Thread = bridge.Thread{}
		}
		return nil
	}
	before, after := s.view(t, nil), s.view(t, nil)
	if err := clear(after, s.instant()); err != nil {
		return err
	}
	if len(before.Messages) == len(after.Messages) && len(before.Posts) == len(after.Posts) && before.Thread.Unbound() == after.Thread.Unbound() {
		return nil
	}
	_, err := s.apply(t.key, nil, clear)
	return err
}

// since is when a delivery came to where it is.
func since(d bridge.Delivery) time.Time {
	if d.Settled.IsZero() {
		return d.Accepted
	}
	return d.Settled
}
