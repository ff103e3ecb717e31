package project

import (
	"fmt"

	"github.com/agenbridge/agenbridge/bridge"
)

// markUnshown notes on messages whether a post that answers or concerns them is held
// because Slack doesn't allow it. Such a message doesn't rest until it is shown.
func (p *Projector) markUnshown(state *bridge.ThreadState) {
	held := map[string]bool{}
	for _, post := range state.Posts {
		if post.Hold == bridge.HoldBlocked {
			for _, id := range Concerned(post) {
				held[id] = true
			}
		}
	}
	for id, m := range state.Messages {
		switch {
		case held[id] && m.Unshown == "":
			m.Unshown = bridge.UnshownForNow
		case !held[id] && m.Unshown == bridge.UnshownForNow:
			m.Unshown = ""
		default:
			continue
		}
		m.Touch()
	}
}

// Concerned returns the ids of the messages whose reaction tells if the post can't be
// shown: those that it tells of, and the one that the agent's words answer.
func Concerned(post *bridge.PostRecord) []string {
	var ids []string
	if !post.Ask { // of a question, About is the answer
		ids = append(ids, post.About...)
	}
	if post.Answers != "" {
		ids = append(ids, post.Answers)
	}
	return ids
}

// NoteUnshown tells that what the agent said isn't shown: the thread, or, where
// nothing can be posted there for now, the one who asked last.
func (p *Projector) NoteUnshown(state *bridge.ThreadState, post *bridge.PostRecord, at bridge.Instant) {
	if !post.Markdown && !post.Ask {
		return
	}
	t := &state.Thread
	note := &bridge.Note{Kind: bridge.NoteUnshown, Session: t.Session.ID, Route: t.Route}
	switch {
	case post.Hold == "":
		p.UpsertPost(state, bridge.Post{Key: "unshown:" + post.Key, Note: note}, nil, at)
	case t.Asker != "":
		p.PostPrivate(state, "blocked:"+post.Answers, t.Asker, note, at)
	}
}

// PlainKey is the key of a part of a post that is shown as plain text. The first part
// is the post itself.
func PlainKey(key string, part int) string {
	if part == 0 {
		return key
	}
	return fmt.Sprintf("%s.%02d", key, part)
}

// UpsertWords says words of the agent. Where Slack refused the Markdown of the post
// before, they are plain text again.
func (p *Projector) UpsertWords(state *bridge.ThreadState, post bridge.Post, at bridge.Instant) {
	if rec := state.Posts[post.Key]; rec != nil && rec.Plain && p.ShowPlain(state, post, at) {
		return
	}
	p.UpsertPost(state, post, nil, at)
	p.Shorten(state, post.Key, 1, at)
}

// ShowPlain has a post that is known shown as plain text, in as many posts as its
// words need. It reports false if there is no such form.
func (p *Projector) ShowPlain(state *bridge.ThreadState, post bridge.Post, at bridge.Instant) bool {
	if p.PlainParts == nil {
		return false
	}
	parts := p.PlainParts(post.Text)
	if len(parts) == 0 {
		return false
	}
	first := state.Posts[post.Key]
	for i, text := range parts {
		part := bridge.Post{Key: PlainKey(post.Key, i), Markdown: true}
		if i == 0 {
			part = post
		}
		part.Text, part.Plain = text, true
		p.UpsertPost(state, part, nil, at)
		if rec := state.Posts[part.Key]; rec.Position != first.Position {
			rec.Position, rec.Answers = first.Position, first.Answers
			rec.Touch()
		}
	}
	p.Shorten(state, post.Key, len(parts), at)
	return true
}

// Shorten marks the plain parts of a post, from one on, as taken back.
func (p *Projector) Shorten(state *bridge.ThreadState, key string, from int, at bridge.Instant) {
	for i := from; state.Posts[PlainKey(key, i)] != nil; i++ {
		p.ReplacePost(state, PlainKey(key, i), &bridge.Note{Kind: bridge.NoteShortened}, at)
	}
}

// RetryBlocked has what Slack refused tried again, since something happens in the
// thread: it may be allowed now. Until it is shown it keeps its mark, and so do its
// messages.
func (p *Projector) RetryBlocked(state *bridge.ThreadState, at bridge.Instant) {
	for _, post := range state.Posts {
		if post.Hold != bridge.HoldBlocked {
			continue
		}
		if post.Fault, post.Due, post.Attempts = "", at.Now, 0; post.State == bridge.StateHeld {
			post.State, post.Accepted = bridge.StateReady, at.Now
		}
		post.Touch()
	}
	for _, m := range state.Messages {
		if m.Reaction.Open && m.Reaction.Attempts > 0 {
			m.Reaction.Due = at.Now
			m.Touch()
		}
	}
}
