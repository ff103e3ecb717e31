package policy

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// maxListed is the maximum number of threads in a person's list.
const maxListed = 20

// ListNote returns a note that lists a person's open threads.
func ListNote(open []bridge.OwnThread) *bridge.Note {
	n := &bridge.Note{Kind: bridge.NoteList, More: max(0, len(open)-maxListed)}
	for _, own := range open[:len(open)-n.More] {
		s := &own.Thread.Session
		n.Threads = append(n.Threads, bridge.NoteThread{Key: own.Key, OpenedAt: record.UnixTime(s.OpenedAt), Card: s.Card})
	}
	return n
}

// ReleaseSession closes the session in this thread so that another thread can use it. If
// a message is in flight, it sets busy instead.
func (p *Policy) ReleaseSession(session string, card *bridge.Card, seen *bridge.SeenEvents, busy *bool) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		s := &state.Thread.Session
		*busy = record.InFlight(state) != nil
		if s.ID != session || *busy {
			return nil
		}
		*card, *seen = s.Card, state.Thread.Seen
		if s.Closed { // it was already released
			return nil
		}
		s.Card.Phase, s.Card.Activity = bridge.PhaseMoved, bridge.Activity{}
		p.CloseSession(state, at)
		p.Apply(state, at)
		return nil
	}
}

// Linked binds the thread to an existing session.
func (p *Policy) Linked(id, route string, card bridge.Card, seen bridge.SeenEvents) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		m := state.Messages[id]
		if m == nil || m.State != bridge.StateReady {
			return nil
		}
		t := &state.Thread
		if t.Unbound() {
			t.Started, t.StartTS, t.StartedAtRoot, t.Route = at.Now, m.TS, m.Root, route
		} else {
			p.StartOver(state, at)
			p.ContinueCard(state, at)
		}
		card.Asker, card.Phase, card.Earlier, card.LeftOut, card.RootOnly = m.Author, bridge.PhaseWorking, 0, 0, false
		t.Session = bridge.Session{ID: m.Session, Count: t.Session.Count + 1, OpenedAt: at.Now, LastNews: at.Now, Card: card}
		t.Seen = seen
		t.Touch()
		state.Volatile = bridge.Volatile{HoldUntil: state.Volatile.HoldUntil}
		record.Audit(state, bridge.AuditEvent{Event: "session_linked", Record: id, User: m.Author, Session: m.Session})
		p.answer(state, m, &bridge.Note{Kind: bridge.NoteLinked}, at)
		return nil
	}
}
