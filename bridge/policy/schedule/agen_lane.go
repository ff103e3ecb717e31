package schedule

import (
	"slices"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// Overtakes reports whether sending m now would overtake an earlier message.
func Overtakes(state *bridge.ThreadState, m *bridge.MessageRecord) bool {
	return slices.ContainsFunc(sendSteps(state), func(s Step) bool {
		earlier := state.Messages[s.ID]
		return earlier.CorrectionOf == "" && bridge.TSBefore(earlier.TS, m.TS)
	})
}

func agenSteps(state *bridge.ThreadState) []Step {
	begun := record.InFlight(state)
	steps := stopSteps(state)
	if begun != nil {
		kind := bridge.StepLookUp
		if state.Volatile.FastSend.WaitsFor(begun.ID()) {
			kind = bridge.StepSend
		}
		steps = append(steps, Step{Kind: kind, ID: begun.ID(), Due: begun.Due})
	} else {
		steps = append(steps, sendSteps(state)...)
	}
	for _, m := range record.InOrder(state, func(m *bridge.MessageRecord) bool { return m.State == bridge.StateReady && !m.Authorized }) {
		if len(steps) == 0 || m.ID() != steps[0].ID {
			steps = append(steps, Step{Kind: bridge.StepAuthorize, ID: m.ID(), Due: m.Due})
		}
	}
	if s := &state.Thread.Session; begun == nil && record.Polled(s) {
		steps = append(steps, Step{Kind: bridge.StepRead, Due: state.Volatile.NextPoll})
	}
	for _, session := range record.LeftSessions(state) {
		steps = append(steps, Step{Kind: bridge.StepReadLeft, ID: session, Due: state.Volatile.LeftReads[session]})
	}
	return steps
}

// stopSteps lists the requests to stop. They are handled by the bridge first, so they
// don't wait for other messages.
func stopSteps(state *bridge.ThreadState) []Step {
	var steps []Step
	for _, m := range state.Messages {
		if m.State == bridge.StateReady && m.Command == bridge.CommandStop {
			steps = append(steps, Step{Kind: bridge.StepSend, ID: m.ID(), Due: m.Due})
		}
	}
	return steps
}

// sendSteps lists what may be sent next: the oldest message, and the corrections that
// were written before it. During its quiet time a correction doesn't delay other
// messages. A correction that is being retried does, like any message.
func sendSteps(state *bridge.ThreadState) []Step {
	var steps []Step
	for _, m := range record.InOrder(state, func(m *bridge.MessageRecord) bool { return m.State == bridge.StateReady && !m.AwaitsQuestion() }) {
		steps = append(steps, Step{Kind: bridge.StepSend, ID: m.ID(), Due: m.Due})
		if m.CorrectionOf == "" || m.Attempts > 0 {
			break
		}
	}
	return steps
}

// IsNextToSend reports whether the message may be sent next. A message that went in
// flight when it was accepted may have overtaken it.
func IsNextToSend(state *bridge.ThreadState, id string) bool {
	return record.InFlight(state) == nil && slices.ContainsFunc(sendSteps(state), func(s Step) bool { return s.ID == id })
}
