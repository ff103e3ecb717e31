package record

import (
	"slices"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Helpers to make notes and to read them.

// Offers reports whether the post has a button with the action.
func Offers(p *bridge.Post, action string) bool { return slices.Contains(p.Actions(), action) }

// AnswerOf returns the answer that the action sends to the agent. It returns false if the
// question doesn't offer that action.
func AnswerOf(p *bridge.Post, action string) (string, bool) {
	i := slices.Index(p.Actions(), action)
	switch {
	case i < 0:
		return "", false
	case p.Note != nil:
		return p.Note.Question.Options[i].Value, true
	default:
		return p.Buttons[i].Answer, true
	}
}

// EndedNote returns the note of the post with its outcome. Only the content of a question
// is kept, with the session if the question can still be answered there.
func EndedNote(p *bridge.Post, how bridge.NoteOutcome) *bridge.Note {
	n := &bridge.Note{Outcome: &how}
	switch {
	case p.Note != nil:
		n.Kind, n.Remote, n.Question, n.Text = p.Note.Kind, p.Note.Remote, p.Note.Question, p.Note.Text
		if how.How == bridge.EndingMoved {
			n.Session, n.Route = p.Note.Session, p.Note.Route
		}
	case p.Ask: // the previous release stored only the text of a question
		n.Kind, n.Text = bridge.NoteQuestion, p.Text
	}
	return n
}

// NoteMessages returns the messages in the form in which a note names them.
func NoteMessages(rows []*bridge.MessageRecord) []bridge.NoteMessage {
	var named []bridge.NoteMessage
	for _, m := range rows {
		named = append(named, bridge.NoteMessage{TS: m.TS, Author: m.Author})
	}
	return named
}

// maxExcerpt is the maximum length of the text that a note quotes, in characters.
const maxExcerpt = 400

// Excerpt returns the beginning of a text, on one line.
func Excerpt(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	return string(runes[:min(len(runes), maxExcerpt)])
}

// UnixTime converts a time to the form that notes store.
func UnixTime(t time.Time) bridge.UnixTime { return bridge.UnixTime(t.Unix()) }
