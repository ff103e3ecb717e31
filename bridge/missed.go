package bridge

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// skipAfter is how long a question about missed messages stands.
const skipAfter = 24 * time.Hour

// overdue reports whether a message that a sweep found is so old that nobody
// may want it sent any more. What counts is when it got its present words.
func (p *Policy) overdue(m *MessageRow, at Moment) bool {
	said := m.written()
	if m.Edited != "" {
		said = tsTime(m.Edited, said)
	}
	return m.Swept && at.Now.Sub(said) > p.askAfter()
}

// missed returns the messages that wait for an answer to whether they are
// still wanted, those of one question together, in their order.
func (r *Rows) missed() map[string][]*MessageRow {
	var questions map[string][]*MessageRow
	for _, m := range r.inOrder() {
		if m.State == Held && m.Fault == Overdue {
			if questions == nil {
				questions = map[string][]*MessageRow{}
			}
			questions[m.Note] = append(questions[m.Note], m)
		}
	}
	return questions
}

// skippedAt is when a question about messages is closed unanswered.
func skippedAt(about []*MessageRow) time.Time {
	var last time.Time
	for _, m := range about {
		if m.Accepted.After(last) {
			last = m.Accepted
		}
	}
	return last.Add(skipAfter)
}

// noteMissed keeps the one question that a thread has about messages that were
// missed for too long to be sent without asking. What is missed while it stands
// joins it.
func (p *Policy) noteMissed(r *Rows, at Moment) {
	p.gatherMissed(r)
	missed := r.missed()
	for _, key := range slices.Sorted(maps.Keys(missed)) {
		about := missed[key]
		if !at.Now.Before(skippedAt(about)) {
			p.skip(r, about, at)
			p.unsay(r, key, textSkipped(len(about), "", at.Now), at)
			continue
		}
		asker := r.Thread.Asker
		if asker == "" {
			asker = about[0].Author
		}
		ids := make([]string, 0, len(about))
		for _, m := range about {
			ids = append(ids, m.ID())
		}
		p.say(r, Post{
			Key: key, Text: textMissed(asker, about),
			Buttons: []Button{
				{Action: Send, Label: label(len(about), "Send it", fmt.Sprintf("Send all %d", len(about))), Primary: true},
				{Action: Skip, Label: label(len(about), "Skip it", "Skip them")},
			},
		}, ids, at)
	}
	for _, post := range r.Posts {
		if post.offers(Send) && len(missed[post.Key]) == 0 {
			p.unsay(r, post.Key, textTakenBack, at)
		}
	}
}

// gatherMissed puts what was missed under the question that stands, or under a
// new one.
func (p *Policy) gatherMissed(r *Rows) {
	missed := r.missed()
	fresh := missed[""]
	if len(fresh) == 0 {
		return
	}
	key := "missed:" + fresh[0].ID()
	for open := range missed {
		if open != "" {
			key = open
		}
	}
	for _, m := range fresh {
		m.Note = key
		m.Touch()
	}
}

// skip ends messages that nobody wants sent so late.
func (p *Policy) skip(r *Rows, about []*MessageRow, at Moment) {
	for _, m := range about {
		if m.State == Held && m.Fault == Overdue {
			m.end(EndSkipped, at)
			r.act("skipped", m.ID(), "")
		}
	}
}
