package bridge

import (
	"maps"
	"slices"
	"time"
)

// skipAfter is how long a question about missed messages stands.
const skipAfter = 24 * time.Hour

// overdue reports whether a message that a sweep found is so old that nobody
// may want it sent any more. What counts is when it got its present words.
func (p *Policy) overdue(m *MessageRecord, at Instant) bool {
	said := m.writtenAt()
	if m.Edited != "" {
		if edited := TSTime(m.Edited); !edited.IsZero() {
			said = edited
		}
	}
	return m.Backfilled && at.Now.Sub(said) > p.askAfter()
}

// held returns the messages that a person is asked about for this reason,
// those of one note together, in their order.
func (r *ThreadState) held(why FaultClass) map[string][]*MessageRecord {
	var notes map[string][]*MessageRecord
	for _, m := range r.Messages {
		if m.State == StateHeld && m.Fault == why {
			if notes == nil {
				notes = map[string][]*MessageRecord{}
			}
			notes[m.NoteKey] = append(notes[m.NoteKey], m)
		}
	}
	for _, rows := range notes {
		slices.SortFunc(rows, byTime)
	}
	return notes
}

// skippedAt is when a question about messages is closed unanswered.
func skippedAt(about []*MessageRecord) time.Time {
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
func (p *Policy) noteMissed(r *ThreadState, at Instant) {
	p.gatherMissed(r)
	missed := r.held(HoldStale)
	for _, key := range slices.Sorted(maps.Keys(missed)) {
		about := missed[key]
		if !at.Now.Before(skippedAt(about)) {
			p.skip(r, about, at)
			p.closePost(r, key, NoteOutcome{How: EndingExpired, Count: len(about)}, at)
			continue
		}
		asker := r.Thread.Asker
		if asker == "" {
			asker = about[0].Author
		}
		p.upsertPost(r, Post{Key: key, Note: &Note{Kind: NoteMissed, Person: asker, Messages: noteMessages(about)}}, idsOf(about), at)
	}
}

// closeOffers ends the notes that offer to send what nobody waits for any more.
func (p *Policy) closeOffers(r *ThreadState, at Instant) {
	missed, stopped := r.held(HoldStale), r.held(HoldStopped)
	for _, post := range r.Posts {
		if offers(&post.Post, ActionSend) && len(missed[post.Key])+len(stopped[post.Key]) == 0 {
			p.closePost(r, post.Key, NoteOutcome{How: EndingWithdrawn}, at)
		}
	}
}

// gatherMissed puts what was missed under the question that stands, or under a
// new one.
func (p *Policy) gatherMissed(r *ThreadState) {
	missed := r.held(HoldStale)
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
		m.NoteKey = key
		m.Touch()
	}
}

// skip ends messages that nobody wants sent any more.
func (p *Policy) skip(r *ThreadState, about []*MessageRecord, at Instant) {
	for _, m := range about {
		if m.State == StateHeld && (m.Fault == HoldStale || m.Fault == HoldStopped) {
			m.end(EndSkipped, at)
			r.audit("skipped", m.ID(), "")
		}
	}
}
