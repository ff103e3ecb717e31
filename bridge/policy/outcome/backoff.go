package outcome

import (
	"math/rand/v2"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// The bounds of the backoff. It is short: what a remote that is down is spared is
// decided for all threads together, so no message has a backoff of its own that
// outlasts the outage.
const (
	backoffMin = time.Second
	backoffMax = 12 * time.Second
)

// backoff returns how long to wait after the given number of failed attempts:
// exponential, with full jitter over a floor so that it never spins.
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

// unauthorizedPause is how long a side whose credential is refused is left
// alone between two tries.
const unauthorizedPause = time.Minute

// Pause returns how long a side that wants to be left alone is.
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
