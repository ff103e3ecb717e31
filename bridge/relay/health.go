package relay

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Loop returns what the loop of the remote is doing.
func (r *Relay) Loop(remote bridge.Remote) LoopState { return r.loops[remote].state() }

// KeyRefused returns since when Agen refuses the key of the route, and when it last
// refused it; both are zero while it accepts the key.
func (r *Relay) KeyRefused(name string) (since, last time.Time) {
	to := r.routes[name]
	if to == nil {
		return time.Time{}, time.Time{}
	}
	to.throttle.mu.Lock()
	defer to.throttle.mu.Unlock()
	return to.throttle.since, to.throttle.last
}

// AgenUnreachable returns for how long Agen has not answered, of the route for which
// that is longest; 0 while it answers all routes.
func (r *Relay) AgenUnreachable() time.Duration {
	longest := time.Duration(0)
	for _, to := range r.routes {
		longest = max(longest, to.throttle.unreachableFor())
	}
	return longest
}
