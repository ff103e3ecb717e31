package outcome

import (
	"maps"
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// ReactionChanged records that Slack added or removed the reaction of the step. unknown
// means that the outcome of an earlier call for the message couldn't be stored, so Slack
// may still apply that call after this one.
func (p *Rules) ReactionChanged(s schedule.Step, unknown bool) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		w, touch := record.ReactionOf(state, s.ID)
		if w == nil {
			return nil
		}
		current := w.Open && (s.Kind == bridge.StepAddReaction) == (w.Desired == s.Emoji)
		if unknown {
			record.ExpectLateCall(w, s.Emoji, at)
			touch()
		}
		if !current {
			return nil
		}
		if s.Kind == bridge.StepAddReaction {
			w.Added = true
		} else {
			w.Removed = append(slices.Clone(w.Removed), s.Emoji)
		}
		w.Attempts = 0
		record.FinishPass(w, at)
		touch()
		return nil
	}
}

// ReactionsRead records which reactions the bot has on a message, and starts to bring
// them in line with the desired one. The reactions for a question and for a merge are
// tracked separately.
func (p *Rules) ReactionsRead(id string, emoji []string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		w, touch := record.ReactionOf(state, id)
		if w == nil || !w.Unknown {
			return nil
		}
		next := bridge.Reaction{Desired: w.Desired, Possible: slices.Clone(w.Possible), Open: true, Due: at.Now, PassStarted: at.Now, Opening: w.Opening, RecheckAt: w.RecheckAt}
		for kind, one := range p.Reactions {
			if kind == bridge.ReactionQuestion || kind == bridge.ReactionMerged || one == "" || slices.Contains(next.Possible, one) {
				continue
			}
			next.Possible = append(next.Possible, one)
			if !slices.Contains(emoji, one) && one != next.Desired {
				// It isn't there, but a call of the other process may still add it: it is
				// removed when the reaction is checked once more.
				next.Removed = append(next.Removed, one)
			}
		}
		next.RecheckAt = at.Now.Add(record.RecheckAfter)
		slices.Sort(next.Possible)
		if *w = next; w.Desired == "" && len(w.Possible) == 0 {
			*w = bridge.Reaction{} // there is no reaction, and none is desired
		} else {
			record.FinishPass(w, at)
		}
		touch()
		return nil
	}
}

// blockedPause is the time between attempts for a reaction that Slack doesn't allow at
// present, if nothing happens in the thread.
const blockedPause = time.Hour

// readTries is how often reading the reactions on a message is tried. After that, each of
// our reactions is assumed to be possibly there, because removing a missing reaction does
// no harm.
const readTries = 2

// ReactionFailed handles a failed call for a reaction. If Slack rejects the call
// permanently (the channel is archived, for example), the reaction is given up. If the
// message is gone, no further calls are made for it, even if its status changes.
func (p *Rules) ReactionFailed(s schedule.Step, err error) bridge.Decision {
	class := bridge.ClassOf(err)
	switch {
	case class == bridge.ClassNotFound && s.Kind != bridge.StepReadReactions: // a read may be out of date
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
		case bridge.ClassNotInChannel: // the thread is paused
			record.HoldStep(state, s.Kind, at.Now.Add(absentPause))
			return nil
		case bridge.ClassBlocked:
			if at.Now.Sub(w.PassStarted) >= p.GiveUpAfter() {
				return p.reactionRefused(s)(state, at)
			}
			w.Attempts++
			w.Due = at.Now.Add(blockedPause)
			touch()
			return nil
		default:
		}
		w.Attempts++
		if s.Kind == bridge.StepReadReactions && w.Attempts >= readTries {
			return p.ReactionsRead(s.ID, slices.Collect(maps.Values(p.Reactions)))(state, at)
		}
		w.RecheckAt = at.Now.Add(record.RecheckAfter)
		w.Due = at.Now.Add(p.backoff(w.Attempts))
		touch()
		return nil
	}
}

// reactionTargetGone stops all calls for a message that is gone.
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
		return p.ReactionChanged(s, false)
	case bridge.StepReadReactions: // there is no message to show anything on
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
		record.Audit(state, bridge.AuditEvent{Event: "reaction_rejected", Record: s.ID, Emoji: s.Emoji})
		return nil
	}
}
