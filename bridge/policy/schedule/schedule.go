package schedule

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Step is the next thing to do in a lane.
type Step struct {
	Kind bridge.StepKind
	// ID is the id of the message or post, and Emoji that of the reaction.
	ID    string
	Emoji string
	Due   time.Time
}

// Next returns the most urgent step of the lane that is due; false if none is.
func Next(state *bridge.ThreadState, remote bridge.Remote, now time.Time) (Step, bool) {
	for _, s := range Steps(state, remote) {
		if !s.Due.After(now) {
			return s, true
		}
	}
	return Step{}, false
}

// Due returns when the next step of the remote's lane is due; false if there is none
// until something comes in. The store's index of due lanes is built with it.
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

// Steps lists what the lane owes, most urgent first. A step that is on hold is due when
// the hold ends.
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
