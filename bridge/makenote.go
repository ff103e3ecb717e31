package bridge

import (
	"slices"
	"strings"
	"time"
)

// What decisions need to make notes and to read them.

// offers reports whether the post has a button with the action.
func offers(p *Post, action string) bool { return slices.Contains(p.Actions(), action) }

// answerOf returns what the action answers to the agent; false where the question
// does not offer it.
func answerOf(p *Post, action string) (string, bool) {
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

// endedNote returns the note of the post with how it ended. What led to it is not
// kept, but for a question.
func endedNote(p *Post, how NoteOutcome) *Note {
	n := &Note{Outcome: &how}
	switch {
	case p.Note != nil:
		n.Kind, n.Question, n.Text = p.Note.Kind, p.Note.Question, p.Note.Text
	case p.Ask: // the former release kept no question but its text
		n.Kind, n.Text = NoteQuestion, p.Text
	}
	return n
}

// noteMessages returns the messages as a note names them.
func noteMessages(rows []*MessageRecord) []NoteMessage {
	var named []NoteMessage
	for _, m := range rows {
		named = append(named, NoteMessage{TS: m.TS, Author: m.Author})
	}
	return named
}

// maxExcerpt bounds what a note keeps of somebody else's words, in characters.
const maxExcerpt = 400

// excerpt returns the beginning of a text, on one line.
func excerpt(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	return string(runes[:min(len(runes), maxExcerpt)])
}

func unixTime(t time.Time) UnixTime { return UnixTime(t.Unix()) }
