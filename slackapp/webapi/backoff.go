package webapi

import (
	"math/rand/v2"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Waits between attempts to reach Slack.
const (
	refusedBackoff  = time.Minute // as long as a token is refused, because only a person can change that
	shortestBackoff = 250 * time.Millisecond
	longestBackoff  = 30 * time.Second
)

// Backoff returns how long to wait before the next attempt: as long as Slack asked for after a 429, a minute if only a
// person can change anything, and otherwise a random time below a bound that doubles with each attempt (full jitter).
func Backoff(err error, attempt int) time.Duration {
	if f := FaultOf(err); f != nil {
		switch f.Class {
		case bridge.ClassRateLimited:
			return max(f.Wait, time.Second)
		case bridge.ClassUnauthorized, bridge.ClassRejected:
			return refusedBackoff
		default:
		}
	}
	bound := longestBackoff
	if attempt < 7 {
		bound = min(bound, shortestBackoff<<attempt)
	}
	return shortestBackoff/2 + rand.N(bound) //nolint:gosec // a jitter, not a secret
}
