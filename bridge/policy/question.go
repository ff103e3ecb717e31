package policy

import (
	"fmt"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// askKey is the key of the post with one question of an event. Each question is answered
// once.
func askKey(event string, n int) string { return fmt.Sprintf("ask:%s:%d", event, n) }

// ask posts the agent's questions, each with the answers that the agent offers.
func (p *Policy) ask(state *bridge.ThreadState, e *agen.Event, again bool, at bridge.Instant) {
	questions := e.Questions()
	if len(questions) == 0 {
		questions = []agen.Question{{}} // the agent waits for an answer even if there is no text
	}
	for i, q := range questions {
		key := askKey(e.ID, i)
		if rec := state.Posts[key]; again && (rec == nil || !rec.Open) {
			continue // it was already answered
		}
		if isBlank(q.Text) {
			q.Text = ""
		}
		t := &state.Thread
		note := &bridge.Note{
			Kind: bridge.NoteQuestion, Person: t.Asker, Session: t.Session.ID, Route: t.Route, Quiet: !p.Listens(t),
			Question: &bridge.Question{Text: q.Text, Options: distinctOptions(q.Options)},
		}
		p.UpsertPost(state, bridge.Post{Key: key, Ask: true, Note: note}, nil, at)
		state.Posts[key].Open = true
	}
}

// choose answers a question with a click. Only the first answer counts. A later click
// gets a private note that says so.
func (p *Policy) choose(state *bridge.ThreadState, post *bridge.PostRecord, c bridge.Click, at bridge.Instant) bridge.Result {
	if c.TS == "" {
		return bridge.Result{Ignored: bridge.IgnoredUnknown}
	}
	chosen, offered := record.AnswerOf(&post.Post, c.Action)
	if !offered || state.Messages[c.TS] != nil {
		late := &bridge.Note{Kind: bridge.NoteAlreadyAnswered}
		if len(post.About) == 2 {
			late.Person, late.Answer = post.About[0], post.About[1]
		}
		p.PostPrivate(state, "late:"+post.Key+":"+c.By, c.By, late, at)
		return bridge.Result{New: true}
	}
	m := &bridge.MessageRecord{
		Message:    bridge.Message{Thread: state.Key, TS: c.TS, Author: c.By, Kind: bridge.KindReply, Choice: chosen, Body: c.Body},
		Delivery:   bridge.Delivery{State: bridge.StateReady, Accepted: at.Now, Due: at.Now},
		Authorized: true, AnswersQuestion: true,
	}
	m.Touch()
	state.Messages[c.TS] = m
	p.enqueue(state, m, at)
	p.closeQuestion(state, post, c.By, chosen, at)
	record.Audit(state, bridge.AuditEvent{Event: "question_answered", Record: c.TS, User: c.By})
	return bridge.Result{New: true}
}

// answerInWords closes the open questions that a message answers. The first message that
// was written after a question answers it. A click answers only its own question, and a
// correction answers none.
func (p *Policy) answerInWords(state *bridge.ThreadState, m *bridge.MessageRecord, at bridge.Instant) {
	if m.CorrectionOf != "" || m.Clicked() {
		return
	}
	for _, post := range record.PostsInOrder(state) {
		if post.Ask && post.Open && post.Receipt != "" && bridge.TSBefore(post.Receipt, m.TS) {
			m.AnswersQuestion = true
			p.closeQuestion(state, post, m.Author, "", at)
		}
	}
}

// answeredElsewhere closes the questions that were answered in the Agen app.
func (p *Policy) answeredElsewhere(state *bridge.ThreadState, e *agen.Event, at bridge.Instant) {
	for _, post := range record.PostsInOrder(state) {
		if post.Ask && post.Open && post.Accepted.Before(at.Now) {
			p.closeQuestion(state, post, "", e.Text(), at)
		}
	}
}

// closeQuestion replaces the buttons of a question with the answer and the person who
// gave it.
func (p *Policy) closeQuestion(state *bridge.ThreadState, post *bridge.PostRecord, by, answer string, at bridge.Instant) {
	about := []string{by, answer}
	how := bridge.NoteOutcome{How: bridge.EndingAnswered, By: by, At: record.UnixTime(at.Now), Answer: answer}
	p.UpsertPost(state, bridge.Post{Key: post.Key, Ask: true, Note: record.EndedNote(&post.Post, how)}, about, at)
	post.Open = false
	post.Touch()
}
