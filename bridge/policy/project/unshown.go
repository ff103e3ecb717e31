package project

import (
	"fmt"

	"github.com/agenbridge/agenbridge/bridge"
)

// markUnshown records on each message whether Slack blocks a post that answers it or is
// about it. A marked message stays loaded until the post is shown.
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

// Concerned returns the ids of the messages whose reaction shows a failure if the post
// can't be shown: the messages that the post is about, and the message that it answers.
func Concerned(post *bridge.PostRecord) []string {
	var ids []string
	if !post.Ask { // the About of a question is its answer
		ids = append(ids, post.About...)
	}
	if post.Answers != "" {
		ids = append(ids, post.Answers)
	}
	return ids
}

// NoteUnshown says that a message of the agent can't be shown. The note goes to the
// thread. If Slack blocks posts in the thread, it goes privately to the person who asked
// last.
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

// PlainKey is the key of one part of a post that is shown as plain text. The first part
// is the post itself.
func PlainKey(key string, part int) string {
	if part == 0 {
		return key
	}
	return fmt.Sprintf("%s.%02d", key, part)
}

// UpsertWords posts or updates a message of the agent. If Slack rejected the Markdown of
// an earlier version, the new one is shown as plain text as well.
func (p *Projector) UpsertWords(state *bridge.ThreadState, post bridge.Post, at bridge.Instant) {
	if rec := state.Posts[post.Key]; rec != nil && rec.Plain && p.ShowPlain(state, post, at) {
		return
	}
	p.UpsertPost(state, post, nil, at)
	p.Shorten(state, post.Key, 1, at)
}

// ShowPlain shows an existing post as plain text, in as many posts as the text needs. It
// returns false if there is no plain-text form.
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

// Shorten marks the parts of a post from the given number on as removed.
func (p *Projector) Shorten(state *bridge.ThreadState, key string, from int, at bridge.Instant) {
	for i := from; state.Posts[PlainKey(key, i)] != nil; i++ {
		p.ReplacePost(state, PlainKey(key, i), &bridge.Note{Kind: bridge.NoteShortened}, at)
	}
}

// RetryBlocked retries the posts and reactions that Slack refused. It is called when
// something happens in the thread, because Slack may allow them now. Until a post is
// shown, it and its messages keep their marks.
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
