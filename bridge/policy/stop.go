package policy

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// Stop holds what was not sent yet, and passes the wish on: Agen has no call to
// stop a run. It does not wait for its turn.
func (p *Policy) Stop(id string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		m := state.Messages[id]
		if m == nil || m.State != bridge.StateReady || m.Command != bridge.CommandStop {
			return nil
		}
		if state.Thread.Unbound() {
			p.answer(state, m, &bridge.Note{Kind: bridge.NoteNoSession}, at)
			return nil
		}
		for _, other := range state.Messages {
			if other != m && other.State == bridge.StateReady && other.Command == "" && bridge.TSBefore(other.TS, m.TS) {
				record.HoldMessage(other, bridge.HoldStopped)
				other.NoteKey = project.StopKey(id)
			}
		}
		s := &state.Thread.Session
		passed := s.ID != "" && !s.Closed
		note := &bridge.Note{Kind: bridge.NoteStop, Passed: passed, Session: s.ID, Route: state.Thread.Route}
		p.UpsertPost(state, bridge.Post{Key: project.StopKey(id), Note: note}, nil, at)
		record.Audit(state, bridge.AuditEvent{Event: "thread_stopped", Record: id, User: m.Author})
		if passed {
			m.Command = "" // for the agent to read
			m.Touch()
		} else {
			record.End(m, bridge.EndAnswered, at)
			record.ReassignStart(state, at)
		}
		p.Apply(state, at)
		return nil
	}
}
