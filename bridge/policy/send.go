package policy

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// composeTries is the number of attempts to read additional content from Slack, such as
// files and earlier messages, before the message is sent without it.
const composeTries = 3

// LastTry reports whether the message is sent now without the content that Slack doesn't
// return.
func LastTry(m *bridge.MessageRecord) bool { return m.ComposeFailures >= composeTries }

// PromptContext returns what the prompt of the message has to contain besides its text.
func PromptContext(state *bridge.ThreadState, m *bridge.MessageRecord) bridge.PromptContext {
	t := &state.Thread
	f := bridge.PromptContext{
		NewSession: !t.Session.HasContext || record.NeedsHistory(t, m), LastTry: LastTry(m),
		Late: bridge.TSBefore(m.TS, t.LastSent), Correction: m.CorrectionOf != "",
		RootOnly: m.RootOnly, OptionsApplied: len(m.Options) > 0 && t.Session.OpenedFor == m.ID(),
	}
	if bridge.TSBefore(t.Unseen.After, m.TS) && !f.NewSession && !f.Late && m.CorrectionOf == "" && !m.Clicked() {
		f.Since = t.Unseen.After
	}
	if !f.NewSession && m.CorrectionOf == "" && !m.Clicked() {
		f.Previews = t.LatePreviews
	}
	return f
}

// Begin marks the message as in flight, if it has not changed since it was composed and
// no earlier message has arrived. It also accepts the replies that were found in the
// thread during composing.
func (p *Policy) Begin(id string, rev uint64, framing bridge.PromptContext, prompt bridge.Prompt) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		m := state.Messages[id]
		if m == nil || m.State != bridge.StateReady || m.Rev != rev || !schedule.IsNextToSend(state, id) {
			return bridge.ErrChanged
		}
		m.State, m.InFlightSince, m.Due, m.Misses = bridge.StateInFlight, at.Now, at.Now, 0
		m.Authorized, m.Omitted, m.CarriesUnseen = true, prompt.Omitted, framing.NewSession || framing.Since != ""
		if m.CarriesPreviews = framing.Previews; framing.NewSession { // the earlier messages contain them
			m.CarriesPreviews = state.Thread.LatePreviews
		}
		m.Touch()
		m.CarriesEarlier = prompt.Earlier > 0
		if c := &state.Thread.Session.Card; !state.Thread.Session.HasContext && (c.Earlier != prompt.Earlier || c.LeftOut != prompt.LeftOut) {
			c.Earlier, c.LeftOut, c.RootOnly = prompt.Earlier, prompt.LeftOut, framing.RootOnly
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
