package record

import (
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// RecheckAfter is how long after a call of unknown outcome the desired state is applied
// once more, because until then Slack may still apply that call. The outcome of a call is
// unknown if it failed without a clear response, or if the process was restarted during
// the call.
const RecheckAfter = time.Minute

// SetDesired sets the desired emoji, and reports whether it changed. The same transaction
// adds the emoji to those that may be shown, so that a crash leaves no emoji behind.
// Every change starts a new pass: the desired emoji is added, even if it should be there
// already, and then the others are removed.
func SetDesired(w *bridge.Reaction, want string, at bridge.Instant) bool {
	if want == w.Desired || w.MessageGone {
		return false
	}
	next := bridge.Reaction{Desired: want, Possible: w.Possible, Unknown: w.Unknown, Open: true, Due: at.Now, PassStarted: at.Now, Opening: at.Opening, RecheckAt: w.RecheckAt}
	if w.Open {
		next.Opening = w.Opening
	}
	if want != "" && !slices.Contains(w.Possible, want) {
		next.Possible = append(slices.Clone(w.Possible), want)
	}
	*w = next
	return true
}

// The ids of the two reactions on the first message of a thread.
const (
	RootQuestion = "root:asking"
	RootMerged   = "root:merged"
)

// ReactionOf returns the reaction with the id, and the function that touches its record.
// It returns nil if there is none.
func ReactionOf(state *bridge.ThreadState, id string) (*bridge.Reaction, func()) {
	switch id {
	case RootQuestion:
		return &state.Thread.QuestionReaction, state.Thread.Touch
	case RootMerged:
		return &state.Thread.MergedReaction, state.Thread.Touch
	}
	if m := state.Messages[id]; m != nil {
		return &m.Reaction, m.Touch
	}
	return nil, nil
}

// ReadAgain schedules another read of the reactions on the message.
func ReadAgain(w *bridge.Reaction, at bridge.Instant) {
	if w.MessageGone {
		return
	}
	w.Unknown, w.Open, w.Due = true, true, at.Now
}

// NextReactionCall returns the next call for the reaction, and its emoji. It returns
// false if no call is needed.
func NextReactionCall(w *bridge.Reaction) (kind bridge.StepKind, emoji string, ok bool) {
	switch {
	case !w.Open:
		return "", "", false
	case w.Unknown:
		return bridge.StepReadReactions, "", true
	case w.Desired != "" && !w.Added:
		return bridge.StepAddReaction, w.Desired, true
	}
	for _, emoji := range w.Possible {
		if emoji != w.Desired && !slices.Contains(w.Removed, emoji) {
			return bridge.StepRemoveReaction, emoji, true
		}
	}
	return "", "", false
}

// ExpectLateCall schedules another pass in RecheckAfter. Until then, Slack may still
// apply a call with the emoji whose outcome couldn't be stored.
func ExpectLateCall(w *bridge.Reaction, emoji string, at bridge.Instant) {
	if w.MessageGone {
		return
	}
	w.RecheckAt = at.Now.Add(RecheckAfter)
	if !slices.Contains(w.Possible, emoji) {
		w.Possible = append(slices.Clone(w.Possible), emoji)
	}
	if !w.Open {
		w.Open, w.Due, w.PassStarted = true, w.RecheckAt, w.RecheckAt
	}
}

// FinishPass ends the pass if no call is left.
func FinishPass(w *bridge.Reaction, at bridge.Instant) {
	if _, _, more := NextReactionCall(w); more {
		return
	}
	if w.Opening != at.Opening {
		w.Opening, w.RecheckAt = at.Opening, at.Now.Add(RecheckAfter)
	}
	w.Added, w.Removed = false, nil
	if w.PassStarted.Before(w.RecheckAt) {
		w.Due, w.PassStarted = w.RecheckAt, w.RecheckAt
		return
	}
	w.Open, w.Possible, w.RecheckAt = false, nil, time.Time{}
	if w.Desired != "" {
		w.Possible = []string{w.Desired}
	}
}
