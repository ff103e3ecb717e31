package outcome

import (
	"math/rand/v2"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// The bounds of the backoff. It is short, because the pause for a remote that is down is
// shared by all threads (see the relay's breaker). No message may have a backoff of its
// own that outlasts the outage.
const (
	backoffMin = time.Second
	backoffMax = 12 * time.Second
)

// backoff returns how long to wait after the given number of failed attempts. It grows
// exponentially and has full jitter, and a minimum keeps it from busy-looping.
func (p *Rules) backoff(attempts int) time.Duration {
	ceiling := backoffMax
	if attempts < 10 {
		ceiling = min(backoffMax, backoffMin<<max(attempts-1, 0))
	}
	jitter := rand.Float64
	if p.Jitter != nil {
		jitter = p.Jitter
	}
	return backoffMin/2 + time.Duration(jitter()*float64(ceiling))
}

// openingPause returns how long to wait until another session is opened, if the outcome
// of so many openings could not be stored. Each may have left an empty session behind,
// so the pause grows up to five minutes.
func openingPause(openings int) time.Duration {
	return min(5*time.Second<<min(openings-1, 10), 5*time.Minute)
}

// unauthorizedPause is the pause between two attempts while the remote rejects the
// credential.
const unauthorizedPause = time.Minute

// Pause returns how long to make no calls to the remote that returned err.
func Pause(err error) time.Duration {
	switch wait := bridge.WaitOf(err); {
	case wait > 0:
		return wait
	case bridge.ClassOf(err) == bridge.ClassUnauthorized:
		return unauthorizedPause
	default:
		return 30 * time.Second
	}
}
