package project

import (
	"maps"
	"slices"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// noteMissed maintains the thread's question about missed messages that are too old to be
// sent without asking. Messages that are found while the question is open are added to
// it.
func (p *Projector) noteMissed(state *bridge.ThreadState, at bridge.Instant) {
	p.gatherMissed(state)
	missed := record.Held(state, bridge.HoldStale)
	for _, key := range slices.Sorted(maps.Keys(missed)) {
		about := missed[key]
		if !at.Now.Before(schedule.SkippedAt(about)) {
			record.Skip(state, about, at)
			p.closePost(state, key, bridge.NoteOutcome{How: bridge.EndingExpired, Count: len(about)}, at)
			continue
		}
		asker := state.Thread.Asker
		if asker == "" {
			asker = about[0].Author
		}
		p.UpsertPost(state, bridge.Post{Key: key, Note: &bridge.Note{Kind: bridge.NoteMissed, Person: asker, Messages: record.NoteMessages(about)}}, record.IdsOf(about), at)
	}
}

// closeOffers closes the notes that offer to send messages, if none of their messages
// waits any more.
func (p *Projector) closeOffers(state *bridge.ThreadState, at bridge.Instant) {
	missed, stopped := record.Held(state, bridge.HoldStale), record.Held(state, bridge.HoldStopped)
	for _, post := range state.Posts {
		if record.Offers(&post.Post, bridge.ActionSend) && len(missed[post.Key])+len(stopped[post.Key]) == 0 {
			p.closePost(state, post.Key, bridge.NoteOutcome{How: bridge.EndingWithdrawn}, at)
		}
	}
}

// gatherMissed assigns missed messages to the open question, or to a new one.
func (p *Projector) gatherMissed(state *bridge.ThreadState) {
	missed := record.Held(state, bridge.HoldStale)
	unassigned := missed[""]
	if len(unassigned) == 0 {
		return
	}
	key := "missed:" + unassigned[0].ID()
	for open := range missed {
		if open != "" {
			key = open
		}
	}
	for _, m := range unassigned {
		m.NoteKey = key
		m.Touch()
	}
}
