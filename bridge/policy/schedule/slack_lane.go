package schedule

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

func slackSteps(state *bridge.ThreadState) []Step {
	rows := record.InOrder(state, func(m *bridge.MessageRecord) bool { return m.Waiting() || m.AnswersQuestion || m.Reaction.Open })
	steps := markSteps(state, rows)
	steps = append(steps, postSteps(state)...)
	var others []Step
	for _, m := range rows {
		s, ok := ReactionStep(&m.Reaction, m.ID())
		switch {
		case !ok:
		case m.Final():
			steps = append(steps, s)
		default:
			others = append(others, s)
		}
	}
	for _, id := range []string{record.RootQuestion, record.RootMerged} {
		w, _ := record.ReactionOf(state, id)
		if s, ok := ReactionStep(w, id); ok {
			others = append(others, s)
		}
	}
	return append(steps, others...)
}

// ReactionStep returns the next call for the reaction with the id. It returns false if no
// call is needed.
func ReactionStep(w *bridge.Reaction, id string) (Step, bool) {
	kind, emoji, ok := record.NextReactionCall(w)
	return Step{Kind: kind, ID: id, Emoji: emoji, Due: w.Due}, ok
}

// markSteps lists the times at which waiting alone changes what the thread shows.
func markSteps(state *bridge.ThreadState, rows []*bridge.MessageRecord) []Step {
	var steps []Step
	for _, m := range rows {
		if due, queued := QueuedAnswerAt(m); queued && state.Posts[record.QueuedAnswerKey(m.ID())] == nil {
			steps = append(steps, Step{Kind: bridge.StepMark, ID: m.ID(), Due: due})
		}
		if !m.Authorized || !m.Waiting() || m.DeletionPending && m.Delayed {
			continue
		}
		if !m.Delayed {
			steps = append(steps, Step{Kind: bridge.StepMark, ID: m.ID(), Due: DelayedAt(m)})
		} else if state.Thread.Outage == nil {
			steps = append(steps, Step{Kind: bridge.StepMark, ID: m.ID(), Due: m.Accepted.Add(NotedAfter)})
		}
	}
	for _, why := range []bridge.HoldReason{bridge.HoldStale, bridge.HoldStopped} {
		for _, about := range record.Held(state, why) {
			steps = append(steps, Step{Kind: bridge.StepMark, ID: about[0].ID(), Due: SkippedAt(about)})
		}
	}
	for _, m := range record.Held(state, bridge.HoldNearMiss) {
		steps = append(steps, Step{Kind: bridge.StepMark, ID: m[0].ID(), Due: NearMissOverAt(m[0])})
	}
	return steps
}

// postSteps lists look-ups, the oldest new post, and updates. Posts are made in order, so
// a post that is being looked up delays the posts after it.
func postSteps(state *bridge.ThreadState) []Step {
	var finds, updates []Step
	var oldest *bridge.PostRecord
	for _, p := range record.PostsInOrder(state) {
		due, changes := changeDue(p)
		switch {
		case p.State == bridge.StateInFlight:
			finds = append(finds, Step{Kind: bridge.StepFindPost, ID: p.Key, Due: p.Due})
		case p.State == bridge.StateReady && oldest == nil:
			oldest = p
		case changes:
			updates = append(updates, Step{Kind: bridge.StepUpdatePost, ID: p.Key, Due: due})
		}
	}
	if len(finds) == 0 && oldest != nil {
		finds = append(finds, Step{Kind: bridge.StepPost, ID: oldest.Key, Due: oldest.Due})
	}
	return append(finds, updates...)
}

// changeDue returns when the post has to be updated. It returns false if Slack shows the
// latest edition and can't apply an older update any more.
func changeDue(p *bridge.PostRecord) (time.Time, bool) {
	switch {
	case p.State != bridge.StateDone || p.To != "" && p.ResponseURL == "" || p.Hold != "" && p.Fault == bridge.ClassBlocked:
		return time.Time{}, false
	case p.Shown != p.Edition:
		return p.Due, true
	case p.MayBeUndone() && p.RecheckAt.After(p.Due):
		return p.RecheckAt, true
	default: // the last update failed
		return p.Due, p.MayBeUndone()
	}
}
