package bridge

import (
	"maps"
	"slices"
)

func stopKey(ts string) string { return "stop:" + ts }

// stop holds what was not sent yet, and passes the wish on: Agen has no call to
// stop a run. It does not wait for its turn.
func (p *Policy) stop(id string) Decision {
	return func(r *ThreadState, at Instant) error {
		m := r.Messages[id]
		if m == nil || m.State != StateReady || m.Command != CommandStop {
			return nil
		}
		if r.Thread.Unbound() {
			p.answer(r, m, &Note{Kind: NoteNoSession}, at)
			return nil
		}
		for _, other := range r.Messages {
			if other != m && other.State == StateReady && other.Command == "" && TSBefore(other.TS, m.TS) {
				other.hold(HoldStopped)
				other.NoteKey = stopKey(id)
			}
		}
		s := &r.Thread.Session
		passed := s.ID != "" && !s.Closed
		note := &Note{Kind: NoteStop, Passed: passed, Session: s.ID, Route: r.Thread.Route}
		p.upsertPost(r, Post{Key: stopKey(id), Note: note}, nil, at)
		r.audit("stopped", id, m.Author)
		if passed {
			m.Command = "" // for the agent to read
			m.Touch()
		} else {
			m.end(EndAnswered, at)
			p.reassignStart(r, at)
		}
		p.project(r, at)
		return nil
	}
}

// noteStopped keeps what a stop holds under its note, until a person decides.
func (p *Policy) noteStopped(r *ThreadState, at Instant) {
	held := r.held(HoldStopped)
	for _, key := range slices.Sorted(maps.Keys(held)) {
		post := r.Posts[key]
		if post == nil {
			continue // it can't be said
		}
		said := post.Post // by the former release it stays as it is
		if post.Note != nil {
			note := *post.Note
			note.Count, said.Note = len(held[key]), &note
		}
		p.upsertPost(r, said, idsOf(held[key]), at)
	}
}
