package project

import (
	"slices"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// ReactionKind returns the reaction that the message should have. A message that a click
// created has none, because it doesn't exist in Slack; the note with the button shows its
// state.
func ReactionKind(m *bridge.MessageRecord) bridge.ReactionKind {
	if m.Clicked() {
		return bridge.ReactionNone
	}
	if m.Unshown != "" {
		return bridge.ReactionFailed
	}
	if m.CorrectionShows != bridge.ReactionNone {
		return m.CorrectionShows
	}
	return ownReactionKind(m)
}

// ownReactionKind returns the reaction of the message, not counting its corrections.
func ownReactionKind(m *bridge.MessageRecord) bridge.ReactionKind {
	switch m.State {
	case bridge.StateReady, bridge.StateInFlight:
		if m.Delayed {
			return bridge.ReactionDelayed
		}
		return bridge.ReactionNone
	case bridge.StateDead, bridge.StateHeld:
		if record.InFailureNote(m) {
			return bridge.ReactionFailed
		}
		return bridge.ReactionNone
	case bridge.StateDone:
		if m.Receipt == "" || m.End != "" {
			return bridge.ReactionNone
		}
		return reactionKindOf(m.Status)
	}
	return bridge.ReactionNone
}

// reactionKindOf returns the reaction for a status. An unknown status is shown as
// processing.
func reactionKindOf(s agen.Status) bridge.ReactionKind {
	switch s {
	case agen.StatusQueued:
		return bridge.ReactionQueued
	case agen.StatusCompleted:
		return bridge.ReactionCompleted
	case agen.StatusCanceled:
		return bridge.ReactionCanceled
	case agen.StatusProcessing:
		return bridge.ReactionProcessing
	default:
		return bridge.ReactionProcessing
	}
}

// updateReaction sets the desired reaction of the message.
func (p *Projector) updateReaction(m *bridge.MessageRecord, at bridge.Instant) {
	if record.SetDesired(&m.Reaction, p.Reactions[ReactionKind(m)], at) {
		m.Touch()
	}
}

// updateRootReactions sets the desired reactions for an open question and for merged
// work. They are on the thread's first message, in addition to the reaction for its
// status.
func (p *Projector) updateRootReactions(state *bridge.ThreadState, at bridge.Instant) {
	asking := slices.ContainsFunc(record.PostsInOrder(state), func(post *bridge.PostRecord) bool {
		return post.Ask && post.Open && !state.Thread.Session.Closed
	})
	want := map[bridge.ReactionKind]string{}
	if asking {
		want[bridge.ReactionQuestion] = p.Reactions[bridge.ReactionQuestion]
	}
	if state.Thread.Session.Card.Phase == bridge.PhaseMerged {
		want[bridge.ReactionMerged] = p.Reactions[bridge.ReactionMerged]
	}
	if record.SetDesired(&state.Thread.QuestionReaction, want[bridge.ReactionQuestion], at) || record.SetDesired(&state.Thread.MergedReaction, want[bridge.ReactionMerged], at) {
		state.Thread.Touch()
	}
}

// ReviewReactions brings the thread's reactions in line with the desired ones, regardless
// of what another process added.
func (p *Projector) ReviewReactions(state *bridge.ThreadState, at bridge.Instant) {
	for _, m := range state.Messages {
		if m.CorrectionOf == "" && m.State == bridge.StateDone && m.Receipt != "" && m.End == "" && !m.Reaction.Unknown {
			record.ReadAgain(&m.Reaction, at)
			m.Touch()
		}
	}
	for id, kind := range map[string]bridge.ReactionKind{record.RootQuestion: bridge.ReactionQuestion, record.RootMerged: bridge.ReactionMerged} {
		if w, _ := record.ReactionOf(state, id); w.Desired == "" && !w.MessageGone && p.Reactions[kind] != "" {
			*w = bridge.Reaction{Possible: []string{p.Reactions[kind]}, Open: true, Due: at.Now, PassStarted: at.Now, Opening: at.Opening}
			state.Thread.Touch()
		}
	}
}
