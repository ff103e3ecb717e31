package schedule

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// Step is the next thing to do in a lane.
type Step struct {
	Kind bridge.StepKind
	// ID is the id of the message or post, and Emoji is the emoji of the reaction.
	ID    string
	Emoji string
	Due   time.Time
}

// Next returns the most urgent step of the lane that is due. It returns false if no step
// is due.
func Next(state *bridge.ThreadState, remote bridge.Remote, now time.Time) (Step, bool) {
	for _, s := range Steps(state, remote) {
		if !s.Due.After(now) {
			return s, true
		}
	}
	return Step{}, false
}

// Due returns when the next step of the remote's lane is due. It returns false if there
// is none. The store's index of due lanes is built with it.
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

// Steps lists what the lane owes, most urgent first. A step on hold is due when the hold
// ends.
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
		if back := heldBack(state, remote, steps[i]); steps[i].Due.Before(back) {
			steps[i].Due = back
		}
	}
	return steps
}

// heldBack returns until when the step is held back because its remote is down or busy.
// Steps that need no call to the remote are never held back.
func heldBack(state *bridge.ThreadState, remote bridge.Remote, s Step) time.Time {
	v := &state.Volatile
	first := FirstTry(state, s)
	switch {
	case s.Kind == bridge.StepMark, s.Kind == bridge.StepAuthorize:
		return time.Time{}
	case remote == bridge.ToSlack && first:
		return time.Time{}
	case remote == bridge.ToSlack:
		return v.RetrySlackAt
	}
	if m := state.Messages[s.ID]; s.Kind == bridge.StepSend && m != nil && (!m.Authorized || m.Command != "") {
		return time.Time{}
	}
	if first || v.RetryAgenAt.Before(v.BusyUntil) {
		return v.BusyUntil
	}
	return v.RetryAgenAt
}

// FirstTry reports whether the step has not failed yet and is not a look-up. Such a step
// is taken even while its remote is down.
func FirstTry(state *bridge.ThreadState, s Step) bool {
	switch s.Kind {
	case bridge.StepSend:
		m := state.Messages[s.ID]
		return m != nil && m.Attempts == 0
	case bridge.StepPost, bridge.StepUpdatePost:
		p := state.Posts[s.ID]
		return p != nil && p.Attempts == 0
	case bridge.StepAddReaction, bridge.StepRemoveReaction, bridge.StepReadReactions:
		w, _ := record.ReactionOf(state, s.ID)
		return w != nil && w.Attempts == 0
	default:
		return false
	}
}
