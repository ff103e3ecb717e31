package relay

import (
	"context"
	"errors"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// link moves a session to the thread of the message. The thread that had it releases it
// first, and events that were shown there are not shown again.
func (r *Relay) link(ctx context.Context, claim *bridge.Claim, m *bridge.MessageRecord) (bridge.Decision, error) {
	if s := &claim.State.Thread.Session; s.ID == m.Session && !s.Closed {
		return r.policy.Reply(m.ID(), &bridge.Note{Kind: bridge.NoteLinkedHere}), nil
	}
	from, err := r.threadOf(ctx, m.Session)
	if err != nil {
		return r.policy.ComposeFailed(m.ID(), false, err), err
	}
	name := claim.State.Thread.Route
	if claim.State.Thread.Unbound() {
		name = r.policy.RouteOf(claim.Thread)
	}
	s, to := &from.Thread.Session, r.routes[name]
	switch {
	case to == nil, from.Key != "" && from.Thread.Route != name: // it belongs to another workspace
		return r.policy.Reply(m.ID(), &bridge.Note{Kind: bridge.NoteNoSuchSession}), nil
	case !r.policy.LinkAny && s.Card.Asker != m.Author:
		return r.policy.Reply(m.ID(), &bridge.Note{Kind: bridge.NoteNotYours}), nil
	case s.Closed && s.Card.Phase != bridge.PhaseMoved:
		return r.policy.Reply(m.ID(), &bridge.Note{Kind: bridge.NoteLinkClosed}), nil
	}
	card, seen, err := r.takeOverSession(ctx, claim, to, m.Session, from.Key)
	switch {
	case errors.Is(err, bridge.ClassNotFound), errors.Is(err, bridge.ClassForbidden), errors.Is(err, bridge.ClassRejected):
		return r.policy.Reply(m.ID(), &bridge.Note{Kind: bridge.NoteNoSuchSession}), nil
	case err != nil:
		return r.policy.SendFailed(m.ID(), err), err
	}
	return r.policy.Linked(m.ID(), name, card, seen), nil
}

// threadOf returns the thread that has the session; an empty one if none has.
func (r *Relay) threadOf(ctx context.Context, session string) (bridge.OwnThread, error) {
	var found bridge.OwnThread
	err := r.cfg.Threads.Each(ctx, func(key bridge.ThreadKey, t *bridge.Thread) error {
		if t.Session.ID == session && (found.Key == "" || found.Thread.Session.Closed) {
			found = bridge.OwnThread{Key: key, Thread: *t}
		}
		return nil
	})
	return found, err
}

// takeOverSession releases the session from the thread that has it, if one has. It
// returns that thread's card and seen events.
func (r *Relay) takeOverSession(ctx context.Context, claim *bridge.Claim, to *route, session string, from bridge.ThreadKey) (card bridge.Card, seen bridge.SeenEvents, err error) {
	if from == "" {
		seen, err = to.allOf(ctx, claim.Thread, session)
		return card, seen, err
	}
	busy := false
	decide, events := captureAudit(r.policy.ReleaseSession(session, &card, &seen, &busy))
	if err := r.cfg.Intake.Accept(ctx, from, nil, decide); err != nil {
		return card, seen, err
	}
	if busy {
		return card, seen, &bridge.Fault{Class: bridge.ClassTemporary, Wait: time.Second, Err: errBusy}
	}
	r.audit(ctx, from, *events)
	return card, seen, nil
}

var errBusy = errors.New("a message is on its way to the session")

// allOf reads the session's timeline and returns all its events as seen.
func (to *route) allOf(ctx context.Context, thread bridge.ThreadKey, session string) (bridge.SeenEvents, error) {
	var all []bridge.SeenEvent
	_, err := to.Agen.Timeline(ctx, session, "", func(e *agen.RawEvent) error {
		if timeline.IsShown(e.Type()) {
			all = append(all, bridge.SeenEventOf(e))
		}
		return nil
	})
	if err = to.observe(ctx, thread, err); err != nil {
		return bridge.SeenEvents{}, err
	}
	return bridge.SeenEvents{}.With(all), nil
}
