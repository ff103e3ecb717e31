package daemon

import (
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp"
)

// slackSilence records since when Slack has not accepted calls. Calls that change
// something are tracked separately from reads: Slack may answer every read while it
// refuses every post. Any response that isn't a temporary fault counts as an
// answer.
type slackSilence struct {
	now func() time.Time

	mu      sync.Mutex
	streaks map[slackapp.CallKind]*streak // guarded by mu
}

// streak is a series of failures without a success in between.
type streak struct{ first, last time.Time }

// forgetFailure is how long a streak counts after its last failure. Everything
// pending is retried sooner than that, so after this time nothing is pending
// anymore.
const forgetFailure = 10 * time.Minute

func newSlackSilence(now func() time.Time) *slackSilence {
	return &slackSilence{now: now, streaks: map[slackapp.CallKind]*streak{slackapp.CallWrite: {}, slackapp.CallRead: {}}}
}

// note records the outcome of a call; class is empty if the call succeeded.
func (s *slackSilence) note(method string, class bridge.FaultClass) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.streaks[slackapp.KindOf(method)]
	if k == nil {
		return
	}
	now := s.now()
	switch {
	case class != bridge.ClassTemporary && class != bridge.ClassUnsure:
		*k = streak{}
	case k.first.IsZero() || now.Sub(k.last) > forgetFailure:
		*k = streak{now, now}
	default:
		k.last = now
	}
}

// since returns when the silence began, or the zero time while there is none.
func (s *slackSilence) since() (first time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.streaks {
		if k.first.IsZero() || s.now().Sub(k.last) > forgetFailure {
			continue
		}
		if first.IsZero() || k.first.Before(first) {
			first = k.first
		}
	}
	return first
}

// silentSince returns since when a remote has been silent, or the zero time while
// it answers.
func (d *daemon) silentSince(remote bridge.Remote) time.Time {
	if remote == bridge.ToSlack {
		return d.metrics.slackSilence.since()
	}
	if r := d.relay.Load(); r != nil {
		if silent := r.AgenUnreachable(); silent > 0 {
			return d.opts.Now().Add(-silent)
		}
	}
	return time.Time{}
}

// silentFor is how long a remote has been silent; 0 while it answers.
func (d *daemon) silentFor(remote bridge.Remote) time.Duration {
	if since := d.silentSince(remote); !since.IsZero() {
		return max(d.opts.Now().Sub(since), 0)
	}
	return 0
}
