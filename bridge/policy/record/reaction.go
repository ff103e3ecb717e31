package record

import (
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// RecheckAfter is how long after a call of unknown outcome the desired state is set
// once more: until then the call may still be applied. A call is of unknown outcome
// if it failed without a clear answer, or if the process was restarted during it.
const RecheckAfter = time.Minute

// SetDesired changes what is wanted, and reports whether that is a change. The emoji
// joins those that may be shown in the same transaction, so that a crash leaves
// none behind, and every change starts over: the wanted one is added even if it
// should be there, then the others are removed.
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

// The ids under which the wishes for the first message of a thread go.
const (
	RootQuestion = "root:asking"
	RootMerged   = "root:merged"
)

// ReactionOf returns a wish and what to touch when it changes; nil when there is
// none.
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

// ReadAgain has what is shown read again.
func ReadAgain(w *bridge.Reaction, at bridge.Instant) {
	if w.MessageGone {
		return
	}
	w.Unknown, w.Open, w.Due = true, true, at.Now
}

// NextReactionCall returns the call that the reaction needs now, and the emoji that it
// is about; false when it needs none.
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

// ExpectLateCall has the reaction set once more in a minute: until then a call with the
// emoji may still be applied that nothing is known of.
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

// FinishPass ends a pass in which nothing is left to do.
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
