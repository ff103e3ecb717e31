package bridge

import (
	"fmt"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// askKey names one question of an event: that is what is answered once.
func askKey(event string, n int) string { return fmt.Sprintf("ask:%s:%d", event, n) }

// ask brings the agent's questions into the thread, each with what it offers.
func (p *Policy) ask(r *ThreadState, e *agen.Event, again bool, at Instant) {
	for i, q := range e.Questions() {
		key := askKey(e.ID, i)
		if row := r.Posts[key]; again && (row == nil || !row.Open) {
			continue // it has been answered
		}
		asked := &Question{Text: q.Text}
		for _, o := range q.Options {
			asked.Options = append(asked.Options, QuestionOption(o))
		}
		p.upsertPost(r, Post{Key: key, Ask: true, Note: &Note{Kind: NoteQuestion, Person: r.Thread.Asker, Question: asked}}, nil, at)
		r.Posts[key].Open = true
	}
}

// choose answers a question with a click. The first answer counts; who comes
// later is told so.
func (p *Policy) choose(r *ThreadState, post *PostRecord, c Click, at Instant) Result {
	if c.TS == "" {
		return Result{Ignored: IgnoredUnknown}
	}
	chosen, offered := answerOf(&post.Post, c.Action)
	if !offered || r.Messages[c.TS] != nil {
		late := &Note{Kind: NoteAlreadyAnswered}
		if len(post.About) == 2 {
			late.Person, late.Answer = post.About[0], post.About[1]
		}
		p.postPrivate(r, "late:"+post.Key+":"+c.By, c.By, late, at)
		return Result{New: true}
	}
	m := &MessageRecord{
		Message:    Message{Thread: r.Key, TS: c.TS, Author: c.By, Kind: KindReply, Choice: chosen, Body: c.Body},
		Delivery:   Delivery{State: StateReady, Accepted: at.Now, Due: at.Now},
		Authorized: true, AnswersQuestion: true,
	}
	m.Touch()
	r.Messages[c.TS] = m
	p.enqueue(r, m, at)
	p.closeQuestion(r, post, c.By, chosen, at)
	r.audit("answered a question", c.TS, c.By)
	return Result{New: true}
}

// answerInWords lets a message answer the questions that are open: the first
// one that was written after them does. A click answers one question, and a
// correction none.
func (p *Policy) answerInWords(r *ThreadState, m *MessageRecord, at Instant) {
	if m.CorrectionOf != "" || m.Choice != "" {
		return
	}
	for _, post := range r.postsInOrder() {
		if post.Ask && post.Open && post.Receipt != "" && TSBefore(post.Receipt, m.TS) {
			m.AnswersQuestion = true
			p.closeQuestion(r, post, m.Author, "", at)
		}
	}
}

// stuckAfter is how long an answer may stand in the queue before people are
// told: it may stand there behind the very question.
const stuckAfter = 2 * time.Minute

// queuedAnswerAt is when people are told that the answer is not getting through; false
// for what is none, or does.
func (m *MessageRecord) queuedAnswerAt() (time.Time, bool) {
	return m.Settled.Add(stuckAfter), m.AnswersQuestion && m.State == StateDone && m.End == "" && m.Status == agen.StatusQueued
}

func queuedAnswerKey(id string) string { return "stuck:" + id }

// noteQueuedAnswers tells of answers that stay in the queue, and that they got through
// after all.
func (p *Policy) noteQueuedAnswers(r *ThreadState, at Instant) {
	for id, m := range r.Messages {
		since, queued := m.queuedAnswerAt()
		post := r.Posts[queuedAnswerKey(id)]
		switch {
		case queued && post == nil && !at.Now.Before(since):
			note := &Note{Kind: NoteAnswerQueued, Person: m.Author, Session: r.Thread.Session.ID, Route: r.Thread.Route}
			p.upsertPost(r, Post{Key: queuedAnswerKey(id), Note: note}, nil, at)
			r.Posts[queuedAnswerKey(id)].Open = true
		case m.AnswersQuestion && !queued && post != nil && post.Open:
			post.Open = false
			post.Touch()
			p.closePost(r, post.Key, NoteOutcome{How: EndingReceived}, at)
		}
	}
}

// answeredElsewhere closes the questions that were answered at Agen.
func (p *Policy) answeredElsewhere(r *ThreadState, e *agen.Event, at Instant) {
	for _, post := range r.postsInOrder() {
		if post.Ask && post.Open && post.Accepted.Before(at.Now) {
			p.closeQuestion(r, post, "", e.Text(), at)
		}
	}
}

// dropQuestions closes the questions of a session that is over: a click would
// answer another one.
func (p *Policy) dropQuestions(r *ThreadState, at Instant) {
	for _, post := range r.postsInOrder() {
		if post.Ask && post.Open {
			p.upsertPost(r, Post{Key: post.Key, Ask: true, Note: endedNote(&post.Post, NoteOutcome{How: EndingSessionOver})}, nil, at)
			post.Open = false
			post.Touch()
		}
	}
}

// closeQuestion shows on the question who chose what; its buttons go.
func (p *Policy) closeQuestion(r *ThreadState, post *PostRecord, by, answer string, at Instant) {
	about := []string{by, answer}
	how := NoteOutcome{How: EndingAnswered, By: by, At: unixTime(at.Now), Answer: answer}
	p.upsertPost(r, Post{Key: post.Key, Ask: true, Note: endedNote(&post.Post, how)}, about, at)
	post.Open = false
	post.Touch()
}
