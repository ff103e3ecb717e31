package policy

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// MayDraft reports whether a new message can probably be sent at once: the thread has a
// session, and no other message waits.
func (p *Policy) MayDraft(state *bridge.ThreadState, m bridge.Message) bool {
	s := &state.Thread.Session
	if s.ID == "" || s.Closed || !s.HasContext || m.Kind == bridge.KindReply && !p.Listens(&state.Thread) {
		return false
	}
	for id, other := range state.Messages {
		if id == m.TS || other.Waiting() {
			return false
		}
	}
	return true
}

// beginFast marks a message as in flight in the same transaction that accepts it, if its
// draft is still valid: the draft was composed from the same text and for the same route,
// and nothing has to happen before the send. That saves the commit between acceptance and
// send. If the process crashes before the send, the record is looked up like any other
// in-flight record.
func (p *Policy) beginFast(state *bridge.ThreadState, id string, draft *bridge.Draft, at bridge.Instant) error {
	m := state.Messages[id]
	if m == nil || draft == nil || m.Digest != draft.Digest || m.Edited != "" || state.Thread.Route != draft.Route || !canSendNow(state, m, at) {
		return nil
	}
	state.Volatile.FastSend = &bridge.FastSend{MessageID: id, Prompt: draft.Prompt}
	return p.Begin(id, m.Rev, bridge.PromptContext{}, draft.Prompt)(state, at)
}

// canSendNow reports whether nothing has to happen before the message is sent.
func canSendNow(state *bridge.ThreadState, m *bridge.MessageRecord, at bridge.Instant) bool {
	s := &state.Thread.Session
	if m.State != bridge.StateReady || m.Body == nil || m.AwaitsQuestion() || s.ID == "" || s.Closed || record.MayBeSentElsewhere(m, at) || !PromptContext(state, m).IsZero() {
		return false
	}
	next, due := schedule.Next(state, bridge.ToAgen, at.Now)
	return due && next.Kind == bridge.StepSend && next.ID == m.ID()
}
