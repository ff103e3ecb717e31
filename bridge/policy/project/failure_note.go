package project

import (
	"maps"
	"slices"
	"strconv"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// noteFailures maintains the thread's open note about messages that could not be
// delivered to the agent.
func (p *Projector) noteFailures(state *bridge.ThreadState, at bridge.Instant) {
	var about []string
	if open := state.Posts[state.Thread.FailureNote]; open != nil {
		about = slices.DeleteFunc(slices.Clone(open.About), func(id string) bool {
			m := state.Messages[id]
			return m == nil || m.State != bridge.StateDead && m.State != bridge.StateHeld
		})
		if len(about) == 0 {
			p.closePost(state, open.Key, bridge.NoteOutcome{How: bridge.EndingWithdrawn}, at)
			state.Thread.FailureNote = ""
			state.Thread.Touch()
		}
	}
	for _, m := range record.InOrder(state, func(m *bridge.MessageRecord) bool { return m.NoteKey == "" && record.InFailureNote(m) }) {
		if state.Thread.FailureNote == "" {
			state.Thread.FailureNote = "failed:" + m.ID() + ":" + strconv.FormatInt(at.Now.Unix(), 36)
			state.Thread.Touch()
		}
		m.NoteKey = state.Thread.FailureNote
		m.Touch()
		about = append(about, m.ID())
	}
	if len(about) == 0 {
		return
	}
	p.UpsertPost(state, bridge.Post{Key: state.Thread.FailureNote, Note: p.failureNote(state, record.Named(state, about))}, about, at)
}

// failureNote returns the failure note for the messages.
func (p *Projector) failureNote(state *bridge.ThreadState, rows []*bridge.MessageRecord) *bridge.Note {
	last := rows[len(rows)-1]
	remote := bridge.Remote("")
	if last.FaultRemote == bridge.ToSlack {
		remote = bridge.ToSlack
	}
	n := &bridge.Note{
		Kind: bridge.NoteFailed, Remote: remote, Messages: record.NoteMessages(rows), Class: last.Fault, Hold: last.Hold, Reason: last.Reason, Reference: last.ID(),
		Unsure: slices.ContainsFunc(rows, func(m *bridge.MessageRecord) bool {
			return m.Fault == bridge.ClassUnsure || m.Hold == bridge.HoldUnsure || !m.InFlightSince.IsZero()
		}),
	}
	if last.Fault == bridge.ClassTemporary {
		n.For = int(p.GiveUpAfter().Hours())
	}
	if n.Unsure {
		n.Session, n.Route = state.Thread.Session.ID, state.Thread.Route
	}
	return n
}

// noteClosed maintains the note about messages that are held because their session is
// closed.
func (p *Projector) noteClosed(state *bridge.ThreadState, at bridge.Instant) {
	notes := map[string][]string{}
	for _, m := range record.InOrder(state, func(m *bridge.MessageRecord) bool {
		return m.State == bridge.StateHeld && m.Hold == bridge.HoldSessionClosed
	}) {
		if m.NoteKey == "" {
			m.NoteKey = closedKey(state.Thread.Session.Count)
			m.Touch()
		}
		notes[m.NoteKey] = append(notes[m.NoteKey], m.ID())
	}
	for _, key := range slices.Sorted(maps.Keys(notes)) {
		about := notes[key]
		note := &bridge.Note{Kind: bridge.NoteClosed, Messages: record.NoteMessages(record.Named(state, about)), Moved: state.Thread.Session.Card.Phase == bridge.PhaseMoved}
		p.UpsertPost(state, bridge.Post{Key: key, Note: note}, about, at)
	}
	for _, post := range state.Posts {
		if record.Offers(&post.Post, bridge.ActionRestart) && len(notes[post.Key]) == 0 {
			p.closePost(state, post.Key, bridge.NoteOutcome{How: bridge.EndingWithdrawn}, at)
		}
	}
}

func closedKey(session int) string {
	return "closed:" + strconv.Itoa(session)
}
