package project

import (
	"cmp"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// TooLateKey is the key of the note that the agent already has a deleted message.
func TooLateKey(ts string) string { return "too_late:" + ts }

// NoteTooLate tells the author of a deleted message that the agent already has it, unless
// the agent has finished with it. It reports whether it added the note.
func (p *Projector) NoteTooLate(state *bridge.ThreadState, m *bridge.MessageRecord, at bridge.Instant) bool {
	key := TooLateKey(m.TS)
	if m.Final() || m.CorrectionOf != "" || state.Posts[key] != nil {
		return false
	}
	p.PostPrivate(state, key, m.Author, &bridge.Note{
		Kind: bridge.NoteTooLate, Messages: record.NoteMessages([]*bridge.MessageRecord{m}), Session: cmp.Or(m.LeftSession, state.Thread.Session.ID), Route: state.Thread.Route,
	}, at)
	return true
}
