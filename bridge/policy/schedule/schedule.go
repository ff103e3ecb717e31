package schedule

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Step is what a lane does next.
type Step struct {
	Kind bridge.StepKind
	// row is the id of the message or post, emoji the reaction.
	ID    string
	Emoji string
	Due   time.Time
}

// Next returns the first step of the lane that is due; false when none is.
func Next(state *bridge.ThreadState, remote bridge.Remote, now time.Time) (Step, bool) {
	for _, s := range Steps(state, remote) {
		if !s.Due.After(now) {
			return s, true
		}
	}
	return Step{}, false
}

// Due returns when the lane of the remote has its next step; false when it
// has none until something comes in. The store keeps its index by this, and
// nothing else decides when a lane is claimed.
func Due(state *bridge.ThreadState, remote bridge.Remote) (time.Time, bool) {
	steps := Steps(state, remote)
	if len(steps) == 0 {
		return time.Time{}, false
	}
	due := steps[0].Due
	for _, s := range steps[1:] {
		if s.Due.Before(due) {
			due = s.Due
		}
	}
	return due, true
}

// Steps lists what the lane owes, most urgent first. A step that the remote
// does not want yet is due when it does.
func Steps(state *bridge.ThreadState, remote bridge.Remote) []Step {
	var steps []Step
	if remote == bridge.ToAgen {
		steps = agenSteps(state)
	} else {
		steps = slackSteps(state)
	}
	for i := range steps {
		if hold := state.Volatile.HoldUntil[steps[i].Kind]; steps[i].Due.Before(hold) {
			steps[i].Due = hold
		}
	}
	return steps
}
