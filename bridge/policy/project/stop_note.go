package project

import (
	"maps"
	"slices"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// StopKey is the key of the note about the request to stop with the given ts.
func StopKey(ts string) string { return "stop:" + ts }

// NearMissKey is the key of the note that asks whether a message is meant as a command.
func NearMissKey(ts string) string { return "near_miss:" + ts }

// noteStopped updates the note of each stop request with the messages that it holds,
// until a person decides or time runs out.
func (p *Projector) noteStopped(state *bridge.ThreadState, at bridge.Instant) {
	held := record.Held(state, bridge.HoldStopped)
	for _, key := range slices.Sorted(maps.Keys(held)) {
		if about := held[key]; !at.Now.Before(schedule.SkippedAt(about)) {
			record.Skip(state, about, at)
			p.closePost(state, key, bridge.NoteOutcome{How: bridge.EndingExpired, Count: len(about)}, at)
			continue
		}
		post := state.Posts[key]
		if post == nil {
			continue // there is no note to update
		}
		said := post.Post // the previous release stored it as text, which is kept
		if post.Note != nil {
			note := *post.Note
			note.Count, note.Messages, said.Note = len(held[key]), record.NoteMessages(held[key]), &note
		}
		p.UpsertPost(state, said, record.IdsOf(held[key]), at)
	}
}
