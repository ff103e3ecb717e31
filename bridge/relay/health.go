package relay

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Loop tells what the loop of the remote is doing.
func (r *Relay) Loop(remote bridge.Remote) LoopState { return r.loops[remote].state() }

// KeyRefused tells since when Agen refuses the key of the route with the name, and
// when it last did; both zero while it takes the key.
func (r *Relay) KeyRefused(name string) (since, last time.Time) {
	to := r.routes[name]
	if to == nil {
		return time.Time{}, time.Time{}
	}
	to.throttle.mu.Lock()
	defer to.throttle.mu.Unlock()
	return to.throttle.since, to.throttle.last
}

// AgenUnreachable tells for how long Agen has not answered the route that waits longest;
// 0 while it answers all.
func (r *Relay) AgenUnreachable() time.Duration {
	longest := time.Duration(0)
	for _, to := range r.routes {
		longest = max(longest, to.throttle.unreachableFor())
	}
	return longest
}
