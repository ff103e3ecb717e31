package project

import (
	"reflect"
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// UpdateEvery spaces the changes of one post
// (https://docs.slack.dev/concepts/agent-design).
const UpdateEvery = 3 * time.Second

// UpsertPost sets what a post says. The first time it is added; what is said already
// is changed in place.
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
	post.To, post.ResponseURL = rec.To, rec.ResponseURL // they stay what they are
	same := SaysTheSame(&rec.Post, post)
	if rec.Withdrawn || same && slices.Equal(rec.About, about) {
		return
	}
	if !same {
		if rec.Shown == rec.Edition && !rec.MayBeUndone() {
			rec.Opening = at.Opening // no change is under way
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

// SaysTheSame reports whether the two posts need not be told apart in Slack.
func SaysTheSame(p *bridge.Post, other bridge.Post) bool {
	return p.Text == other.Text && p.Session == other.Session && slices.Equal(p.Buttons, other.Buttons) && reflect.DeepEqual(p.Note, other.Note)
}

// closePost has a post that has become pointless say how it ended, and forgets it
// where nobody has seen it yet.
func (p *Projector) closePost(state *bridge.ThreadState, key string, how bridge.NoteOutcome, at bridge.Instant) {
	if rec := state.Posts[key]; rec != nil {
		p.ReplacePost(state, key, record.EndedNote(&rec.Post, how), at)
	}
}

// ReplacePost has a post say something else, and forgets it where nobody has seen
// it yet.
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

// DeletePost takes a post out of the thread again, and reports whether there was
// one. Deleting is a change like any other: it may be repeated.
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

// PostPrivate tells one person something, once.
func (p *Projector) PostPrivate(state *bridge.ThreadState, key, to string, note *bridge.Note, at bridge.Instant) {
	if _, said := state.Posts[key]; !said {
		p.UpsertPost(state, bridge.Post{Key: key, To: to, Note: note}, nil, at)
	}
}
