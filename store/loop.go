package store

import (
	"context"
	"time"
)

// repeat calls do after the given time and whenever wake has a value, until ctx ends. do
// is told whether it was woken, and returns how long to wait for the next call.
func repeat(ctx context.Context, after time.Duration, wake <-chan struct{}, do func(woken bool) time.Duration) {
	timer := time.NewTimer(after)
	defer timer.Stop()
	for {
		woken := false
		select {
		case <-ctx.Done():
			return
		case <-wake:
			woken = true
		case <-timer.C:
		}
		next := do(woken)
		if ctx.Err() != nil {
			return
		}
		timer.Reset(next)
	}
}
