package project

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// Apply updates reactions and notes to match the state. Every decision ends with it.
// Reactions and notes are projections of the records, so no decision has to know which of
// them it affects.
func (p *Projector) Apply(state *bridge.ThreadState, at bridge.Instant) {
	p.markLate(state, at)
	p.noteOutage(state, at)
	p.noteFailures(state, at)
	p.noteClosed(state, at)
	p.noteMissed(state, at)
	p.noteStopped(state, at)
	p.closeOffers(state, at)
	p.noteQueuedAnswers(state, at)
	p.ShowCard(state, at)
	p.updateRootReactions(state, at)
	p.showCorrections(state)
	p.markUnshown(state)
	for _, m := range state.Messages {
		if m.CorrectionOf == "" {
			p.updateReaction(m, at)
		}
	}
}

// markLate marks the messages that have waited long enough to be shown as delayed. A
// message whose author has not been authorized shows nothing.
func (p *Projector) markLate(state *bridge.ThreadState, at bridge.Instant) {
	for _, m := range state.Messages {
		if m.Waiting() && m.Authorized && !m.Delayed && !at.Now.Before(schedule.DelayedAt(m)) {
			m.Delayed = true
			m.Touch()
		}
	}
}

// showCorrections shows the state of a message's newest correction on the message itself.
// A correction that has made progress no longer shows its delay or failure, and one that
// is no longer watched no longer shows its progress.
func (p *Projector) showCorrections(state *bridge.ThreadState) {
	correcting := map[string]bool{}
	shadows := map[string]bridge.ReactionKind{}
	for _, c := range record.InOrder(state, func(m *bridge.MessageRecord) bool {
		return m.CorrectionOf != "" && state.Messages[m.CorrectionOf] != nil
	}) {
		base := state.Messages[c.CorrectionOf]
		correcting[c.CorrectionOf] = correcting[c.CorrectionOf] || !c.Resting()
		shadow, seen := shadows[c.CorrectionOf]
		if !seen {
			shadow = base.CorrectionShows
		}
		switch kind := ownReactionKind(c); {
		case kind != bridge.ReactionNone:
			shadow = kind
		case shadow == bridge.ReactionDelayed || shadow == bridge.ReactionFailed || c.End == bridge.EndAbandoned:
			shadow = bridge.ReactionNone
		}
		shadows[c.CorrectionOf] = shadow
	}
	for _, m := range state.Messages {
		shadow, corrected := shadows[m.TS]
		if m.CorrectionOf != "" || m.CorrectionPending == correcting[m.TS] && (!corrected || m.CorrectionShows == shadow) {
			continue
		}
		m.CorrectionPending = correcting[m.TS]
		if corrected {
			m.CorrectionShows = shadow
		}
		m.Touch()
	}
}
