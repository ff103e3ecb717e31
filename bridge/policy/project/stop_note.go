package project

import (
	"maps"
	"slices"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// StopKey is the key of the note about the request to stop with the ts.
func StopKey(ts string) string { return "stop:" + ts }

// noteStopped updates the note of each stop with the messages that it holds, until a
// person decides.
func (p *Projector) noteStopped(state *bridge.ThreadState, at bridge.Instant) {
	held := record.Held(state, bridge.HoldStopped)
	for _, key := range slices.Sorted(maps.Keys(held)) {
		post := state.Posts[key]
		if post == nil {
			continue // there is no note to update
		}
		said := post.Post // the former release wrote it as text, which stays as it is
		if post.Note != nil {
			note := *post.Note
			note.Count, said.Note = len(held[key]), &note
		}
		p.UpsertPost(state, said, record.IdsOf(held[key]), at)
	}
}
