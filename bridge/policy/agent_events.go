package policy

import (
	"cmp"
	"strings"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// relayAll shows news in the thread, and reports whether the timeline must be read again
// at once. news are some or all of the events in all, which are the news that one read
// found. The posts and the record that the events were seen are committed in one
// transaction.
func (p *Policy) relayAll(state *bridge.ThreadState, news, all []timeline.News, at bridge.Instant) (reread bool) {
	var seen []bridge.SeenEvent
	for len(news) > 0 {
		n := p.coalesce(news)
		some, done := news[:n], true
		switch first := some[0]; {
		case n > 1:
			p.relayCoalesced(state, some, at)
		case first.Again && first.Event.Type == agen.EventAgentMessage:
			done = p.relayChanged(state, first, all, at)
			reread = reread || !done
		default:
			done = p.relayEvent(state, first, at)
		}
		noteEventTime(state, &some[0].Event)
		if done {
			for _, n := range some {
				seen = append(seen, n.Mark)
			}
		}
		news = news[n:]
	}
	if len(seen) > 0 {
		state.Thread.Seen = state.Thread.Seen.With(seen)
		state.Thread.Touch()
	}
	return reread
}

// noteEventTime records on the first post of an event when Agen created the event.
func noteEventTime(state *bridge.ThreadState, e *agen.Event) {
	created, ok := e.Time()
	for _, key := range []string{partKey(e.ID, 0), askKey(e.ID, 0)} {
		if rec := state.Posts[key]; ok && rec != nil && rec.State == bridge.StateReady && rec.EventAt.IsZero() {
			rec.EventAt = created
			rec.Touch()
		}
	}
}

// relayEvent shows one event in the thread. It returns false if the event must be handled
// again by a later read.
func (p *Policy) relayEvent(state *bridge.ThreadState, n timeline.News, at bridge.Instant) bool {
	e := &n.Event
	switch e.Type {
	case agen.EventAgentMessage:
		p.relayWords(state, e.ID, e.Text(), bridge.Post{}, at)
	case agen.EventAgentAskUser:
		p.ask(state, e, n.Again, at)
	case agen.EventUserAskUserResponse:
		p.answeredElsewhere(state, e, at)
	case agen.EventUserMessage:
		if e.ClientID == "" && record.InFlight(state) != nil {
			return false // it may be the in-flight message, listed without its client id
		}
		if m, ok := e.UserMessage(); ok && p.Mirror {
			p.relayWords(state, e.ID, quote(m.Message), bridge.Post{Note: &bridge.Note{Kind: bridge.NoteMirrored}}, at)
		}
	case agen.EventSessionClosed:
		if !state.Thread.Session.Closed {
			p.CloseSession(state, at)
		}
	default:
		project.ApplyResults(&state.Thread.Session.Card, e)
		if e.Type == agen.EventMergeRequestMerged {
			state.Thread.Session.Card.Phase, state.Thread.Session.Card.Activity = bridge.PhaseMerged, bridge.Activity{}
		}
		if note := noteOf(e, state.Thread.Session.Card.Asker); note != nil {
			p.UpsertPost(state, bridge.Post{Key: partKey(e.ID, 0), Note: note}, nil, at)
		}
	}
	return true
}

// noteOf returns the note about an event of Agen itself, or nil if the thread doesn't
// show the event. asker is the person who asked for the work.
func noteOf(e *agen.Event, asker string) *bridge.Note {
	title := record.Excerpt(cmp.Or(e.Lookup("title", "name"), e.Text()))
	switch e.Type {
	case agen.EventMergeRequestMerged:
		return &bridge.Note{Kind: bridge.NoteMerged, Title: title, URL: project.RequestURL(e), Branch: e.Lookup("target_branch", "into", "base"), Person: asker}
	case agen.EventMergeRequestClosed:
		return &bridge.Note{Kind: bridge.NoteMergeRequestClosed, Title: title, URL: project.RequestURL(e)}
	case agen.EventAgentAlertCreated, agen.EventSystemMessage:
		n := &bridge.Note{Kind: bridge.NoteSystem, Text: record.Excerpt(e.Text())}
		if e.Type == agen.EventAgentAlertCreated {
			n.Kind = bridge.NoteAlert
		}
		if n.Text != "" {
			return n
		}
	default:
	}
	return nil
}

// quote returns the text as a Markdown quotation.
func quote(text string) string {
	return "> " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n> ")
}

// updateCard changes the card of an open session.
func (p *Policy) updateCard(state *bridge.ThreadState, update func(*bridge.Card)) {
	s := &state.Thread.Session
	card := s.Card
	update(&card)
	if s.Closed || s.Card.Phase == bridge.PhaseMerged || card == s.Card {
		return
	}
	s.Card = card
	state.Thread.Touch()
}
