package daemon

import (
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp"
)

// slackSilence tells since when Slack has not taken calls. Calls that change
// something are looked at apart from others: Slack may answer all questions while it
// refuses every post. Any answer that isn't a temporary fault counts.
type slackSilence struct {
	now func() time.Time

	mu      sync.Mutex
	streaks map[slackapp.CallKind]*streak // guarded by mu
}

// streak are failures without a success in between.
type streak struct{ first, last time.Time }

// forgetFailure is how long after the last failure a streak counts: what waits is
// tried again before that, so later nothing waits any more.
const forgetFailure = 10 * time.Minute

func newSlackSilence(now func() time.Time) *slackSilence {
	return &slackSilence{now: now, streaks: map[slackapp.CallKind]*streak{slackapp.CallWrite: {}, slackapp.CallRead: {}}}
}

// note takes the outcome of a call; class is empty if it succeeded.
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

// since is when the silence began; zero while there is none.
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

// silentSince tells since when each remote has been silent; zero while it answers.
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
