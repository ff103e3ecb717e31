package policy

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// composeTries is how often reading the thread is tried before the message
// goes without what was said earlier.
const composeTries = 3

// PromptContext tells what surrounds the message on its way to the agent.
func PromptContext(state *bridge.ThreadState, m *bridge.MessageRecord) bridge.PromptContext {
	t := &state.Thread
	f := bridge.PromptContext{
		NewSession: !t.Session.HasContext || record.NeedsHistory(t, m), NoBackground: m.ComposeFailures >= composeTries,
		Late: bridge.TSBefore(m.TS, t.LastSent), Correction: m.CorrectionOf != "",
		OptionsApplied: len(m.Options) > 0 && t.Session.OpenedFor == m.ID(),
	}
	if bridge.TSBefore(t.Unseen.After, m.TS) && !f.NewSession && !f.Late && m.CorrectionOf == "" && m.Choice == "" {
		f.Since = t.Unseen.After
	}
	if !f.NewSession && m.CorrectionOf == "" && m.Choice == "" {
		f.Previews = t.LatePreviews
	}
	return f
}

// Begin marks the message as one that may have been sent, if it is still the
// one that was composed and no earlier one has come meanwhile, and takes on
// what was said after it.
func (p *Policy) Begin(id string, rev uint64, framing bridge.PromptContext, prompt bridge.Prompt) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		m := state.Messages[id]
		if m == nil || m.State != bridge.StateReady || m.Rev != rev || !schedule.IsNextToSend(state, id) {
			return bridge.ErrChanged
		}
		m.State, m.InFlightSince, m.Due, m.Misses = bridge.StateInFlight, at.Now, at.Now, 0
		m.Authorized, m.CarriesUnseen = true, framing.NewSession || framing.Since != ""
		if m.CarriesPreviews = framing.Previews; framing.NewSession { // the background has them
			m.CarriesPreviews = state.Thread.LatePreviews
		}
		m.Touch()
		if s := &state.Thread.Session; !s.HasContext && s.Card.Earlier != prompt.Earlier {
			s.Card.Earlier = prompt.Earlier
			state.Thread.Touch()
		}
		p.DeletePost(state, TypoKey(id), at)
		p.answerInWords(state, m, at)
		for _, l := range prompt.EarlyReplies {
			p.acceptMessage(state, l, at)
		}
		p.Apply(state, at)
		return nil
	}
}
