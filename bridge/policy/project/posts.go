package project

import (
	"reflect"
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// UpdateEvery is the minimum time between two updates of one post
// (https://docs.slack.dev/concepts/agent-design).
const UpdateEvery = 3 * time.Second

// UpsertPost sets the desired content of a post. A new post is added, and an existing one
// is updated in place.
func (p *Projector) UpsertPost(state *bridge.ThreadState, post bridge.Post, about []string, at bridge.Instant) {
	rec := state.Posts[post.Key]
	if rec == nil {
		rec = &bridge.PostRecord{Post: post, Edition: 1, About: about}
		for _, other := range state.Posts {
			rec.Position = max(rec.Position, other.Position+1)
		}
		rec.Delivery = bridge.Delivery{State: bridge.StateReady, Accepted: at.Now, Due: at.Now}
		if post.To == "" {
			rec.Answers = state.Thread.LastPrompt
		}
		if state.Thread.Deleted && post.To == "" {
			rec.State, rec.Settled = bridge.StateDead, at.Now
			record.DropPostText(state, rec)
		}
		rec.Touch()
		state.Posts[post.Key] = rec
		return
	}
	if about == nil {
		about = rec.About
	}
	post.To, post.ResponseURL = rec.To, rec.ResponseURL // these don't change
	same := SaysTheSame(&rec.Post, post)
	if rec.Withdrawn || same && slices.Equal(rec.About, about) {
		return
	}
	if !same {
		if rec.Shown == rec.Edition && !rec.MayBeUndone() {
			rec.Opening = at.Opening // no update is in flight
		}
		rec.Edition++
		rec.Due = at.Now
		if again := rec.Settled.Add(UpdateEvery); rec.State == bridge.StateDone && rec.Due.Before(again) {
			rec.Due = again
		}
	}
	rec.Post, rec.About = post, about
	rec.Touch()
}

// SaysTheSame reports whether the two posts look the same in Slack, so that no update is
// needed.
func SaysTheSame(p *bridge.Post, other bridge.Post) bool {
	return p.Text == other.Text && p.Session == other.Session && slices.Equal(p.Buttons, other.Buttons) && reflect.DeepEqual(p.Note, other.Note)
}

// closePost updates a post that has served its purpose to say how it ended. If nobody can
// have seen the post, it is removed instead.
func (p *Projector) closePost(state *bridge.ThreadState, key string, how bridge.NoteOutcome, at bridge.Instant) {
	if rec := state.Posts[key]; rec != nil {
		p.ReplacePost(state, key, record.EndedNote(&rec.Post, how), at)
	}
}

// ReplacePost replaces the note of a post. If nobody can have seen the post, it is
// removed instead.
func (p *Projector) ReplacePost(state *bridge.ThreadState, key string, note *bridge.Note, at bridge.Instant) {
	rec := state.Posts[key]
	if rec == nil {
		return
	}
	if record.Unposted(rec) {
		delete(state.Posts, key)
		return
	}
	p.UpsertPost(state, bridge.Post{Key: key, Note: note}, nil, at)
}

// DeletePost deletes a post from the thread, and reports whether there was one. Like any
// other update, the deletion may be repeated.
func (p *Projector) DeletePost(state *bridge.ThreadState, key string, at bridge.Instant) bool {
	rec := state.Posts[key]
	switch {
	case rec == nil || rec.Withdrawn || rec.State == bridge.StateDead:
		return false
	case record.Unposted(rec):
		delete(state.Posts, key)
		return true
	}
	rec.Withdrawn = true
	rec.Edition++
	rec.Due = at.Now
	rec.Touch()
	return true
}

// PostPrivate posts a private note to one person, once per key.
func (p *Projector) PostPrivate(state *bridge.ThreadState, key, to string, note *bridge.Note, at bridge.Instant) {
	if _, said := state.Posts[key]; !said {
		p.UpsertPost(state, bridge.Post{Key: key, To: to, Note: note}, nil, at)
	}
}
