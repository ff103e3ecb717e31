package record

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// QueuedAnswerKey is the key of the note about an answer that stays queued.
func QueuedAnswerKey(id string) string { return "stuck:" + id }

// DropPostText deletes the text of the agent, or the text that somebody typed in the Agen
// app, once it is posted. If the event changes, its whole text is read again. The reason
// of a failure is deleted as well, from the note and from the messages that it is about,
// because it may quote their text. The fault class is kept.
func DropPostText(state *bridge.ThreadState, p *bridge.PostRecord) {
	if p.State != bridge.StateDead && p.Shown != p.Edition {
		return
	}
	if p.Markdown {
		p.Text = ""
	}
	if p.Note == nil || p.Note.Reason == "" {
		return
	}
	note := *p.Note
	note.Reason = ""
	p.Note = &note
	for _, id := range p.About {
		if m := state.Messages[id]; m != nil && m.Reason != "" {
			m.Reason = ""
			m.Touch()
		}
	}
}

// A response URL works five times within half an hour
// (https://docs.slack.dev/interactivity/handling-user-interaction#message_responses).
const (
	MaxResponses = 5
	responseTime = 30 * time.Minute
)

// NoteResponseURL stores the URL through which a private note can be changed, if the
// click changed the note. Slack has no other way to change it.
func NoteResponseURL(p *bridge.PostRecord, url string, at bridge.Instant) {
	if p.To == "" || url == "" || p.Shown == p.Edition {
		return
	}
	p.ResponseURL, p.ResponseUntil, p.Attempts = url, at.Now.Add(responseTime), 0
	p.Touch()
}

// Unposted reports whether the post has definitely not been made yet.
func Unposted(p *bridge.PostRecord) bool {
	return p.State == bridge.StateReady || p.State == bridge.StateHeld
}

// PostsInOrder returns the thread's posts in the order in which they were added.
func PostsInOrder(state *bridge.ThreadState) []*bridge.PostRecord {
	rows := make([]*bridge.PostRecord, 0, len(state.Posts))
	for _, p := range state.Posts {
		rows = append(rows, p)
	}
	slices.SortFunc(rows, func(a, b *bridge.PostRecord) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), strings.Compare(a.Key, b.Key))
	})
	return rows
}
