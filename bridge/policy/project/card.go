package project

import (
	"cmp"
	"fmt"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// ShowCard updates the card to match the session. The card is posted when the session
// opens and is then updated in place. It no longer changes after the session has ended.
func (p *Projector) ShowCard(state *bridge.ThreadState, at bridge.Instant) {
	s := &state.Thread.Session
	key := CardKey(s.Count)
	rec := state.Posts[key]
	if s.ID == "" || s.Closed && rec == nil {
		return
	}
	if p := s.Card.Phase; s.Closed && p != bridge.PhaseMerged && p != bridge.PhaseClosed && p != bridge.PhaseLeft && p != bridge.PhaseMoved && p != bridge.PhaseDisconnected {
		s.Card.Phase, s.Card.Activity = bridge.PhaseClosed, bridge.Activity{}
		state.Thread.Touch()
	}
	note := p.CardNote(&state.Thread)
	for _, m := range state.Messages {
		if s.Closed || m.LeftSession != "" {
			continue
		}
		if m.Waiting() && m.Authorized && m.CorrectionOf == "" || m.State == bridge.StateDone && m.End == "" && m.Status == agen.StatusQueued {
			note.Count++
		}
	}
	post := bridge.Post{Key: key, Note: note}
	if !s.Closed {
		post.Session = s.ID
	}
	p.UpsertPost(state, post, nil, at)
	if rec = state.Posts[key]; rec.Open == s.Closed {
		rec.Open = !s.Closed
		rec.Touch()
	}
}

// ContinueCard updates the card of the session that the thread left: it now says that a
// new session has started.
func (p *Projector) ContinueCard(state *bridge.ThreadState, at bridge.Instant) {
	rec := state.Posts[CardKey(state.Thread.Session.Count)]
	if rec == nil || rec.Note == nil || rec.Note.Card == nil || rec.Note.Card.Phase != bridge.PhaseDisconnected {
		return
	}
	note, card := *rec.Note, *rec.Note.Card
	card.Phase, note.Card = bridge.PhaseLeft, &card
	p.UpsertPost(state, bridge.Post{Key: rec.Key, Note: &note}, nil, at)
}

// CardKey is the key of the card of the thread's session with that number.
func CardKey(session int) string { return fmt.Sprintf("%s%d", bridge.CardKey, session) }

// CardNote returns the state of the thread's session as a note.
func (p *Projector) CardNote(t *bridge.Thread) *bridge.Note {
	card := t.Session.Card
	return &bridge.Note{
		Kind: bridge.NoteCard, Card: &card, Session: t.Session.ID, Route: t.Route,
		SessionClosed: t.Session.Closed, Listens: p.Listens(t),
	}
}

// ApplyNewest updates the card's phase and activity from the newest event.
func ApplyNewest(c *bridge.Card, e *agen.Event) {
	ApplyResults(c, e)
	switch e.Type {
	case agen.EventSessionFinished:
		c.Phase, c.Activity = bridge.PhaseFinished, bridge.Activity{}
	case agen.EventAgentAskUser:
		c.Phase, c.Activity = bridge.PhaseAsking, bridge.Activity{}
	default:
		c.Phase, c.Activity = bridge.PhaseWorking, activityOf(e)
	}
}

// ApplyResults updates the card's branch and merge request from an event that names them.
func ApplyResults(c *bridge.Card, e *agen.Event) {
	c.Branch = cmp.Or(e.Lookup(timeline.BranchFields...), c.Branch)
	c.RequestURL = cmp.Or(e.Lookup(timeline.RequestFields...), c.RequestURL)
	if e.Type == agen.EventMergeRequestMerged || e.Type == agen.EventMergeRequestClosed {
		c.Request = cmp.Or(e.Lookup("title", "name"), c.Request)
		c.RequestURL = cmp.Or(RequestURL(e), c.RequestURL)
	}
}

// RequestURL returns the URL of the merge request that the event names, or "".
func RequestURL(e *agen.Event) string {
	return e.Lookup("url", "web_url", "html_url", "link", "merge_request_url", "pull_request_url")
}
