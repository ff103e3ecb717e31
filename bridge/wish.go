package bridge

import (
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// recheckAfter is how long after its end a pass over a wish that was open at
// a restart is gone over once more, and how long after a call of which nobody
// knows what came: it may still have been on the wire.
const recheckAfter = time.Minute

// reactionKind says what the reaction on the message is to tell.
// The choice of an answer stands nowhere that a reaction could be put on: the
// question shows it.
func (m *MessageRecord) reactionKind() ReactionKind {
	if m.Choice != "" {
		return ReactionNone
	}
	if m.CorrectionShows != ReactionNone {
		return m.CorrectionShows
	}
	return m.ownReactionKind()
}

// ownReactionKind is the sign without what a correction has to add.
func (m *MessageRecord) ownReactionKind() ReactionKind {
	switch m.State {
	case StateReady, StateInFlight:
		if m.Delayed {
			return ReactionDelayed
		}
		return ReactionNone
	case StateDead, StateHeld:
		if m.inFailureNote() {
			return ReactionFailed
		}
		return ReactionNone
	case StateDone:
		if m.Receipt == "" || m.End != "" {
			return ReactionNone
		}
		return reactionKindOf(m.Status)
	}
	return ReactionNone
}

// reactionKindOf returns the sign of a status. A status nobody has heard of yet is
// shown as being worked on.
func reactionKindOf(s agen.Status) ReactionKind {
	switch s {
	case agen.StatusQueued:
		return ReactionQueued
	case agen.StatusCompleted:
		return ReactionCompleted
	case agen.StatusCanceled:
		return ReactionCanceled
	case agen.StatusProcessing:
		return ReactionProcessing
	default:
		return ReactionProcessing
	}
}

// updateReaction sets what is to be shown on the message.
func (p *Policy) updateReaction(m *MessageRecord, at Instant) {
	if m.Reaction.setDesired(p.Reactions[m.reactionKind()], at) {
		m.Touch()
	}
}

// updateRootReactions sets what is to be shown on the first message of the thread, beside
// its own status: that a question waits, that the work was merged.
func (p *Policy) updateRootReactions(r *ThreadState, at Instant) {
	asking := slices.ContainsFunc(r.postsInOrder(), func(post *PostRecord) bool {
		return post.Ask && post.Open && !r.Thread.Session.Closed
	})
	want := map[ReactionKind]string{}
	if asking {
		want[ReactionQuestion] = p.Reactions[ReactionQuestion]
	}
	if r.Thread.Session.Card.Phase == PhaseMerged {
		want[ReactionMerged] = p.Reactions[ReactionMerged]
	}
	if r.Thread.QuestionReaction.setDesired(want[ReactionQuestion], at) || r.Thread.MergedReaction.setDesired(want[ReactionMerged], at) {
		r.Thread.Touch()
	}
}

// setDesired changes what is wanted, and reports whether that is a change. The emoji
// joins those that may be shown in the same transaction, so that a crash leaves
// none behind, and every change starts over: the wanted one is added even if it
// should be there, then the others are removed.
func (w *Reaction) setDesired(want string, at Instant) bool {
	if want == w.Desired || w.MessageGone {
		return false
	}
	next := Reaction{Desired: want, Possible: w.Possible, Unknown: w.Unknown, Open: true, Due: at.Now, PassStarted: at.Now, Opening: at.Opening, RecheckAt: w.RecheckAt}
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
	rootAsking = "root:asking"
	rootMerged = "root:merged"
)

// reactionOf returns a wish and what to touch when it changes; nil when there is
// none.
func (r *ThreadState) reactionOf(id string) (*Reaction, func()) {
	switch id {
	case rootAsking:
		return &r.Thread.QuestionReaction, r.Thread.Touch
	case rootMerged:
		return &r.Thread.MergedReaction, r.Thread.Touch
	}
	if m := r.Messages[id]; m != nil {
		return &m.Reaction, m.Touch
	}
	return nil, nil
}

// reactionChanged notes that a reaction is there, or gone.
func (p *Policy) reactionChanged(id, emoji string, kind StepKind) Decision {
	return func(r *ThreadState, at Instant) error {
		w, touch := r.reactionOf(id)
		if w == nil || !w.Open || (kind == StepAddReaction) != (w.Desired == emoji) {
			return nil
		}
		if kind == StepAddReaction {
			w.Added = true
		} else {
			w.Removed = append(slices.Clone(w.Removed), emoji)
		}
		w.Attempts = 0
		w.finishPass(at)
		touch()
		return nil
	}
}

// readAgain has what is shown read again.
func (w *Reaction) readAgain(at Instant) {
	if w.MessageGone {
		return
	}
	w.Unknown, w.Open, w.Due = true, true, at.Now
}

// reactionsRead notes which of the emoji on a message stand there because of us, and
// begins the pass that brings them in line with what is wanted. The signs beside
// the status are not the message's own.
func (p *Policy) reactionsRead(id string, emoji []string) Decision {
	return func(r *ThreadState, at Instant) error {
		w, touch := r.reactionOf(id)
		if w == nil || !w.Unknown {
			return nil
		}
		next := Reaction{Desired: w.Desired, Possible: slices.Clone(w.Possible), Open: true, Due: at.Now, PassStarted: at.Now, Opening: w.Opening, RecheckAt: w.RecheckAt}
		for sign, one := range p.Reactions {
			if sign != ReactionQuestion && sign != ReactionMerged && slices.Contains(emoji, one) && !slices.Contains(next.Possible, one) {
				next.Possible = append(next.Possible, one)
			}
		}
		slices.Sort(next.Possible)
		if *w = next; w.Desired == "" && len(w.Possible) == 0 {
			*w = Reaction{} // nothing stands there, and nothing is to
		} else {
			w.finishPass(at)
		}
		touch()
		return nil
	}
}

// reviewReactions has the thread's reactions brought in line with what is wanted,
// whatever another process has put there.
func (p *Policy) reviewReactions(r *ThreadState, at Instant) {
	for _, m := range r.Messages {
		if m.CorrectionOf == "" && m.State == StateDone && m.Receipt != "" && m.End == "" && !m.Reaction.Unknown {
			m.Reaction.readAgain(at)
			m.Touch()
		}
	}
	for id, sign := range map[string]ReactionKind{rootAsking: ReactionQuestion, rootMerged: ReactionMerged} {
		if w, _ := r.reactionOf(id); w.Desired == "" && !w.MessageGone && p.Reactions[sign] != "" {
			*w = Reaction{Possible: []string{p.Reactions[sign]}, Open: true, Due: at.Now, PassStarted: at.Now, Opening: at.Opening}
			r.Thread.Touch()
		}
	}
}

// nextCall returns the call that the reaction needs now, and the emoji that it
// is about; false when it needs none.
func (w *Reaction) nextCall() (kind StepKind, emoji string, ok bool) {
	switch {
	case !w.Open:
		return "", "", false
	case w.Unknown:
		return StepReadReactions, "", true
	case w.Desired != "" && !w.Added:
		return StepAddReaction, w.Desired, true
	}
	for _, emoji := range w.Possible {
		if emoji != w.Desired && !slices.Contains(w.Removed, emoji) {
			return StepRemoveReaction, emoji, true
		}
	}
	return "", "", false
}

// finishPass ends a pass in which nothing is left to do.
func (w *Reaction) finishPass(at Instant) {
	if _, _, more := w.nextCall(); more {
		return
	}
	if w.Opening != at.Opening {
		w.Opening, w.RecheckAt = at.Opening, at.Now.Add(recheckAfter)
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

// reactionFailed notes that a call for a reaction failed. What Slack refuses for
// good (the channel is archived, say) is given up. Where the message is gone no
// call is made for it any more, whatever becomes of what it said.
func (p *Policy) reactionFailed(s step, err error) Decision {
	class := classOf(err)
	switch {
	case class == ClassNotFound && s.kind != StepReadReactions: // what was read may be out of date
		return p.reactionTargetGone(s.row)
	case class == ClassNotFound, class == ClassRejected:
		return p.reactionRefused(s)
	}
	return func(r *ThreadState, at Instant) error {
		w, touch := r.reactionOf(s.row)
		if w == nil || !w.Open {
			return nil
		}
		switch class {
		case ClassRateLimited, ClassUnauthorized:
			r.hold(s.kind, at.Now.Add(pause(err)))
			return nil
		case ClassNotInChannel: // the thread rests
			r.hold(s.kind, at.Now.Add(absentPause))
			return nil
		default:
		}
		w.RecheckAt = at.Now.Add(recheckAfter)
		w.Attempts++
		w.Due = at.Now.Add(p.backoff(w.Attempts))
		touch()
		return nil
	}
}

// reactionTargetGone closes the wish for a message that is gone.
func (p *Policy) reactionTargetGone(id string) Decision {
	return func(r *ThreadState, _ Instant) error {
		if w, touch := r.reactionOf(id); w != nil {
			*w = Reaction{MessageGone: true}
			touch()
		}
		return nil
	}
}

func (p *Policy) reactionRefused(s step) Decision {
	switch s.kind {
	case StepRemoveReaction:
		return p.reactionChanged(s.row, s.emoji, StepRemoveReaction)
	case StepReadReactions: // there is nothing to show anything on
		return p.reactionsRead(s.row, nil)
	default:
	}
	return func(r *ThreadState, at Instant) error {
		w, touch := r.reactionOf(s.row)
		if w == nil || !w.Open || w.Desired != s.emoji {
			return nil
		}
		w.Added = true
		w.finishPass(at)
		touch()
		r.audit("reaction_rejected", s.row, s.emoji)
		return nil
	}
}
