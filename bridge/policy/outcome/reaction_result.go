package outcome

import (
	"slices"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// ReactionChanged notes that a reaction is there, or gone.
func (p *Rules) ReactionChanged(id, emoji string, kind bridge.StepKind) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		w, touch := record.ReactionOf(state, id)
		if w == nil || !w.Open || (kind == bridge.StepAddReaction) != (w.Desired == emoji) {
			return nil
		}
		if kind == bridge.StepAddReaction {
			w.Added = true
		} else {
			w.Removed = append(slices.Clone(w.Removed), emoji)
		}
		w.Attempts = 0
		record.FinishPass(w, at)
		touch()
		return nil
	}
}

// ReactionsRead notes which of the emoji on a message stand there because of us, and
// begins the pass that brings them in line with what is wanted. The signs beside
// the status are not the message's own.
func (p *Rules) ReactionsRead(id string, emoji []string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		w, touch := record.ReactionOf(state, id)
		if w == nil || !w.Unknown {
			return nil
		}
		next := bridge.Reaction{Desired: w.Desired, Possible: slices.Clone(w.Possible), Open: true, Due: at.Now, PassStarted: at.Now, Opening: w.Opening, RecheckAt: w.RecheckAt}
		for sign, one := range p.Reactions {
			if sign != bridge.ReactionQuestion && sign != bridge.ReactionMerged && slices.Contains(emoji, one) && !slices.Contains(next.Possible, one) {
				next.Possible = append(next.Possible, one)
			}
		}
		slices.Sort(next.Possible)
		if *w = next; w.Desired == "" && len(w.Possible) == 0 {
			*w = bridge.Reaction{} // nothing stands there, and nothing is to
		} else {
			record.FinishPass(w, at)
		}
		touch()
		return nil
	}
}

// ReactionFailed notes that a call for a reaction failed. What Slack refuses for
// good (the channel is archived, say) is given up. Where the message is gone no
// call is made for it any more, whatever becomes of what it said.
func (p *Rules) ReactionFailed(s schedule.Step, err error) bridge.Decision {
	class := bridge.ClassOf(err)
	switch {
	case class == bridge.ClassNotFound && s.Kind != bridge.StepReadReactions: // what was read may be out of date
		return p.reactionTargetGone(s.ID)
	case class == bridge.ClassNotFound, class == bridge.ClassRejected:
		return p.reactionRefused(s)
	}
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		w, touch := record.ReactionOf(state, s.ID)
		if w == nil || !w.Open {
			return nil
		}
		switch class {
		case bridge.ClassRateLimited, bridge.ClassUnauthorized:
			record.HoldStep(state, s.Kind, at.Now.Add(Pause(err)))
			return nil
		case bridge.ClassNotInChannel: // the thread rests
			record.HoldStep(state, s.Kind, at.Now.Add(absentPause))
			return nil
		default:
		}
		w.RecheckAt = at.Now.Add(record.RecheckAfter)
		w.Attempts++
		w.Due = at.Now.Add(p.backoff(w.Attempts))
		touch()
		return nil
	}
}

// reactionTargetGone closes the wish for a message that is gone.
func (p *Rules) reactionTargetGone(id string) bridge.Decision {
	return func(state *bridge.ThreadState, _ bridge.Instant) error {
		if w, touch := record.ReactionOf(state, id); w != nil {
			*w = bridge.Reaction{MessageGone: true}
			touch()
		}
		return nil
	}
}

func (p *Rules) reactionRefused(s schedule.Step) bridge.Decision {
	switch s.Kind {
	case bridge.StepRemoveReaction:
		return p.ReactionChanged(s.ID, s.Emoji, bridge.StepRemoveReaction)
	case bridge.StepReadReactions: // there is nothing to show anything on
		return p.ReactionsRead(s.ID, nil)
	default:
	}
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		w, touch := record.ReactionOf(state, s.ID)
		if w == nil || !w.Open || w.Desired != s.Emoji {
			return nil
		}
		w.Added = true
		record.FinishPass(w, at)
		touch()
		record.Audit(state, "reaction_rejected", s.ID, s.Emoji)
		return nil
	}
}
