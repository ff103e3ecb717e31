package bridge

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// ownThread is a thread and what the store has of it.
type ownThread struct {
	key    ThreadKey
	thread Thread
}

// list tells its author in private which of their threads are open.
func (r *Relay) list(ctx context.Context, m *MessageRecord) (Decision, error) {
	var open []ownThread
	err := r.cfg.Threads.Each(ctx, func(key ThreadKey, t *Thread) error {
		s := &t.Session
		if s.ID != "" && !s.Closed && (t.Asker == m.Author || s.Card.Asker == m.Author) {
			open = append(open, ownThread{key, *t})
		}
		return nil
	})
	if err != nil {
		return r.policy.composeFailed(m.ID(), false, err), err
	}
	slices.SortFunc(open, func(a, b ownThread) int {
		return cmp.Or(b.thread.Session.LastNews.Compare(a.thread.Session.LastNews), cmp.Compare(a.key, b.key))
	})
	return r.policy.reply(m.ID(), listNote(open)), nil
}

// maxListed bounds the list of somebody's threads.
const maxListed = 20

// listNote lists threads.
func listNote(open []ownThread) *Note {
	n := &Note{Kind: NoteList, More: max(0, len(open)-maxListed)}
	for _, own := range open[:len(open)-n.More] {
		s := &own.thread.Session
		n.Threads = append(n.Threads, NoteThread{Key: own.key, OpenedAt: unixTime(s.OpenedAt), Card: s.Card})
	}
	return n
}

// link moves a session to the thread of the message. The thread that had it
// lets it go first, and what has been told there is not told again.
func (r *Relay) link(ctx context.Context, claim *Claim, m *MessageRecord) (Decision, error) {
	if s := &claim.State.Thread.Session; s.ID == m.Session && !s.Closed {
		return r.policy.reply(m.ID(), &Note{Kind: NoteLinkedHere}), nil
	}
	from, err := r.threadOf(ctx, m.Session)
	if err != nil {
		return r.policy.composeFailed(m.ID(), false, err), err
	}
	name := claim.State.Thread.Route
	if claim.State.Thread.Unbound() {
		name = r.policy.routeOf(claim.Thread)
	}
	s, to := &from.thread.Session, r.routes[name]
	switch {
	case to == nil, from.key != "" && from.thread.Route != name: // it is of another workspace
		return r.policy.reply(m.ID(), &Note{Kind: NoteNoSuchSession}), nil
	case !r.policy.LinkAny && s.Card.Asker != m.Author:
		return r.policy.reply(m.ID(), &Note{Kind: NoteNotYours}), nil
	case s.Closed && s.Card.Phase != PhaseMoved:
		return r.policy.reply(m.ID(), &Note{Kind: NoteLinkClosed}), nil
	}
	card, seen, err := r.takeOverSession(ctx, to, m.Session, from.key)
	switch {
	case errors.Is(err, ClassNotFound), errors.Is(err, ClassForbidden), errors.Is(err, ClassRejected):
		return r.policy.reply(m.ID(), &Note{Kind: NoteNoSuchSession}), nil
	case err != nil:
		return r.policy.sendFailed(m.ID(), err), err
	}
	return r.policy.linked(m.ID(), name, card, seen), nil
}

// threadOf finds the thread that has the session, empty when none has.
func (r *Relay) threadOf(ctx context.Context, session string) (ownThread, error) {
	var found ownThread
	err := r.cfg.Threads.Each(ctx, func(key ThreadKey, t *Thread) error {
		if t.Session.ID == session && (found.key == "" || found.thread.Session.Closed) {
			found = ownThread{key, *t}
		}
		return nil
	})
	return found, err
}

// takeOverSession takes the session from the thread that has it, if one has, and
// returns what its card told and what of its timeline is known.
func (r *Relay) takeOverSession(ctx context.Context, to *route, session string, from ThreadKey) (card Card, seen SeenEvents, err error) {
	if from == "" {
		seen, err = to.allOf(ctx, session)
		return card, seen, err
	}
	busy := false
	decide, acts := captureAudit(r.policy.releaseSession(session, &card, &seen, &busy))
	if err := r.cfg.Intake.Accept(ctx, from, nil, decide); err != nil {
		return card, seen, err
	}
	if busy {
		return card, seen, &Fault{Class: ClassTemporary, Wait: time.Second, Err: errBusy}
	}
	r.audit(ctx, from, *acts)
	return card, seen, nil
}

var errBusy = errors.New("a message is on its way to the session")

// allOf reads the session's timeline and notes all of it as told.
func (to *route) allOf(ctx context.Context, session string) (SeenEvents, error) {
	var all []mark
	_, err := to.Agen.Timeline(ctx, session, "", func(e *agen.RawEvent) error {
		if isShown(e.Type()) {
			all = append(all, markOf(e))
		}
		return nil
	})
	if err = to.observe(ctx, err); err != nil {
		return SeenEvents{}, err
	}
	return SeenEvents{}.with(all), nil
}

// releaseSession has the thread let its session go to another one. While a message is
// on its way there it can't.
func (p *Policy) releaseSession(session string, card *Card, seen *SeenEvents, busy *bool) Decision {
	return func(r *ThreadState, at Instant) error {
		s := &r.Thread.Session
		*busy = r.inFlight() != nil
		if s.ID != session || *busy {
			return nil
		}
		*card, *seen = s.Card, r.Thread.Seen
		if s.Closed { // it has let go already
			return nil
		}
		s.Card.Phase, s.Card.Activity = PhaseMoved, Activity{}
		p.sessionClosed(r, at)
		p.project(r, at)
		return nil
	}
}

// linked binds the thread to a session that was opened elsewhere.
func (p *Policy) linked(id, route string, card Card, seen SeenEvents) Decision {
	return func(r *ThreadState, at Instant) error {
		m := r.Messages[id]
		if m == nil || m.State != StateReady {
			return nil
		}
		t := &r.Thread
		if t.Unbound() {
			t.Started, t.StartTS, t.StartedAtRoot, t.Route = at.Now, m.TS, m.Root, route
		} else {
			p.startOver(r, at)
		}
		card.Asker, card.Phase, card.Earlier = m.Author, PhaseWorking, 0
		t.Session = Session{ID: m.Session, Count: t.Session.Count + 1, OpenedAt: at.Now, LastNews: at.Now, Card: card}
		t.Seen = seen
		t.Touch()
		r.Volatile = Volatile{HoldUntil: r.Volatile.HoldUntil}
		r.audit("session linked", id, m.Session)
		p.answer(r, m, &Note{Kind: NoteLinked}, at)
		return nil
	}
}
