package outcome

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge/policy/project"
)

// Rules decide what the outcome of a call to Slack or Agen changes in a thread: whether
// and when something is retried, looked up, given up, or held for a person.
type Rules struct {
	project.Projector
	// WatchMax is how long a timeline without news is polled. 0 means 720 hours.
	WatchMax time.Duration
	// Jitter returns a number in [0,1) for the backoff. nil means a random number.
	Jitter func() float64
}
