package bridge

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// project brings what is shown in line with what is: every decision ends with
// it. Reactions and notes are projections of the rows, so no decision has to
// remember which of them it concerns.
func (p *Policy) project(r *ThreadState, at Instant) {
	p.markLate(r, at)
	p.noteOutage(r, at)
	p.noteFailures(r, at)
	p.noteClosed(r, at)
	p.noteMissed(r, at)
	p.noteStopped(r, at)
	p.closeOffers(r, at)
	p.noteQueuedAnswers(r, at)
	p.showCard(r, at)
	p.updateRootReactions(r, at)
	p.showCorrections(r)
	for _, m := range r.Messages {
		if m.CorrectionOf == "" {
			p.updateReaction(m, at)
		}
	}
}

// ShowTimePassed decides that time has passed.
func (p *Policy) ShowTimePassed() Decision {
	return func(r *ThreadState, at Instant) error {
		p.project(r, at)
		return nil
	}
}

// markLate marks the messages that have waited long enough to be shown as
// delayed. Who may not use the bot is shown nothing.
func (p *Policy) markLate(r *ThreadState, at Instant) {
	for _, m := range r.Messages {
		if m.waiting() && m.Authorized && !m.Delayed && !at.Now.Before(m.delayedAt()) {
			m.Delayed = true
			m.Touch()
		}
	}
}

// showCorrections lets the newest correction of a message speak for it. What a
// correction was waiting or given up for is no longer said when it goes on, and
// how far it had come no longer when nobody looks for it.
func (p *Policy) showCorrections(r *ThreadState) {
	correcting := map[string]bool{}
	shadows := map[string]ReactionKind{}
	for _, c := range r.inOrder(func(m *MessageRecord) bool { return m.CorrectionOf != "" && r.Messages[m.CorrectionOf] != nil }) {
		base := r.Messages[c.CorrectionOf]
		correcting[c.CorrectionOf] = correcting[c.CorrectionOf] || !c.Resting()
		shadow, seen := shadows[c.CorrectionOf]
		if !seen {
			shadow = base.CorrectionShows
		}
		switch sign := c.ownReactionKind(); {
		case sign != ReactionNone:
			shadow = sign
		case shadow == ReactionDelayed || shadow == ReactionFailed || c.End == EndAbandoned:
			shadow = ReactionNone
		}
		shadows[c.CorrectionOf] = shadow
	}
	for _, m := range r.Messages {
		shadow, corrected := shadows[m.TS]
		if m.CorrectionOf != "" || m.CorrectionPending == correcting[m.TS] && (!corrected || m.CorrectionShows == shadow) {
			continue
		}
		m.CorrectionPending = correcting[m.TS]
		if corrected {
			m.CorrectionShows = shadow
		}
		m.Touch()
	}
}

// updateEvery spaces the changes of one post
// (https://docs.slack.dev/concepts/agent-design).
const updateEvery = 3 * time.Second

// upsertPost sets what a post says. The first time it is added; what is said already
// is changed in place.
func (p *Policy) upsertPost(r *ThreadState, post Post, about []string, at Instant) {
	row := r.Posts[post.Key]
	if row == nil {
		row = &PostRecord{Post: post, Edition: 1, About: about}
		for _, other := range r.Posts {
			row.Position = max(row.Position, other.Position+1)
		}
		row.Delivery = Delivery{State: StateReady, Accepted: at.Now, Due: at.Now}
		row.Touch()
		r.Posts[post.Key] = row
		return
	}
	if about == nil {
		about = row.About
	}
	same := row.saysTheSame(post)
	if row.Withdrawn || same && slices.Equal(row.About, about) {
		return
	}
	if !same {
		if row.Shown == row.Edition && !row.mayBeUndone() {
			row.Opening = at.Opening // no change is under way
		}
		row.Edition++
		row.Due = at.Now
		if again := row.Settled.Add(updateEvery); row.State == StateDone && row.Due.Before(again) {
			row.Due = again
		}
	}
	row.Post, row.About = post, about
	row.Touch()
}

// saysTheSame reports whether the two posts need not be told apart in Slack.
func (p *Post) saysTheSame(other Post) bool {
	return p.Text == other.Text && p.Session == other.Session && slices.Equal(p.Buttons, other.Buttons) && reflect.DeepEqual(p.Note, other.Note)
}

// closePost has a post that has become pointless say how it ended, and forgets it
// where nobody has seen it yet.
func (p *Policy) closePost(r *ThreadState, key string, how NoteOutcome, at Instant) {
	if row := r.Posts[key]; row != nil {
		p.replacePost(r, key, endedNote(&row.Post, how), at)
	}
}

// replacePost has a post say something else, and forgets it where nobody has seen
// it yet.
func (p *Policy) replacePost(r *ThreadState, key string, note *Note, at Instant) {
	row := r.Posts[key]
	if row == nil {
		return
	}
	if row.State == StateReady {
		delete(r.Posts, key)
		return
	}
	p.upsertPost(r, Post{Key: key, Note: note}, nil, at)
}

// deletePost takes a post out of the thread again, and reports whether there was
// one. Deleting is a change like any other: it may be repeated.
func (p *Policy) deletePost(r *ThreadState, key string, at Instant) bool {
	row := r.Posts[key]
	switch {
	case row == nil || row.Withdrawn || row.State == StateDead:
		return false
	case row.State == StateReady:
		delete(r.Posts, key)
		return true
	}
	row.Withdrawn = true
	row.Edition++
	row.Due = at.Now
	row.Touch()
	return true
}

// postPrivate tells one person something, once.
func (p *Policy) postPrivate(r *ThreadState, key, to string, note *Note, at Instant) {
	if _, said := r.Posts[key]; !said {
		p.upsertPost(r, Post{Key: key, To: to, Note: note}, nil, at)
	}
}

// noteOutage keeps the one note that an outage has in the thread.
func (p *Policy) noteOutage(r *ThreadState, at Instant) {
	late := r.delayed()
	o := r.Thread.Outage
	if o == nil {
		if len(late) == 0 || at.Now.Before(late[0].Accepted.Add(notedAfter)) {
			return
		}
		o = &Outage{Post: "delayed:" + late[0].ID(), From: late[0].Accepted}
	}
	about := slices.DeleteFunc(slices.Clone(o.About), r.takenBack)
	for _, m := range late {
		if !slices.Contains(about, m.ID()) {
			about = append(about, m.ID())
		}
	}
	if len(late) == 0 {
		p.closePost(r, o.Post, NoteOutcome{
			How: EndingReachable, Since: unixTime(o.From), At: unixTime(at.Now), Sent: r.reached(about), Count: len(about),
		}, at)
		r.Thread.Outage = nil
		r.Thread.Touch()
		return
	}
	if r.Thread.Outage == nil || !slices.Equal(about, o.About) {
		r.Thread.Outage = &Outage{Post: o.Post, From: o.From, About: about}
		r.Thread.Touch()
	}
	until := late[0].Accepted.Add(p.maxAge())
	p.upsertPost(r, Post{Key: o.Post, Note: &Note{Kind: NoteDelayed, Count: len(late), Until: unixTime(until)}}, about, at)
}

// delayed returns the messages that are shown as delayed, oldest first.
func (r *ThreadState) delayed() []*MessageRecord {
	late := r.inOrder(func(m *MessageRecord) bool { return m.waiting() && m.Delayed && !m.DeletionPending })
	slices.SortStableFunc(late, func(a, b *MessageRecord) int { return a.Accepted.Compare(b.Accepted) })
	return late
}

// takenBack reports whether the message was withdrawn: nobody waits for it.
func (r *ThreadState) takenBack(id string) bool {
	m := r.Messages[id]
	return m != nil && m.State == StateDone && m.Receipt == ""
}

// reached counts the messages that the agent got. One that is final rests
// already and is not among the rows.
func (r *ThreadState) reached(ids []string) int {
	n := 0
	for _, id := range ids {
		if m := r.Messages[id]; m == nil || m.State == StateDone {
			n++
		}
	}
	return n
}

// noteFailures keeps the one open note about messages that did not reach the
// agent.
func (p *Policy) noteFailures(r *ThreadState, at Instant) {
	var about []string
	if open := r.Posts[r.Thread.FailureNote]; open != nil {
		about = slices.DeleteFunc(slices.Clone(open.About), func(id string) bool {
			m := r.Messages[id]
			return m == nil || m.State != StateDead && m.State != StateHeld
		})
		if len(about) == 0 {
			p.closePost(r, open.Key, NoteOutcome{How: EndingWithdrawn}, at)
			r.Thread.FailureNote = ""
			r.Thread.Touch()
		}
	}
	for _, m := range r.inOrder(func(m *MessageRecord) bool { return m.NoteKey == "" && m.inFailureNote() }) {
		if r.Thread.FailureNote == "" {
			r.Thread.FailureNote = "failed:" + m.ID() + ":" + strconv.FormatInt(at.Now.Unix(), 36)
			r.Thread.Touch()
		}
		m.NoteKey = r.Thread.FailureNote
		m.Touch()
		about = append(about, m.ID())
	}
	if len(about) == 0 {
		return
	}
	p.upsertPost(r, Post{Key: r.Thread.FailureNote, Note: failureNote(r.named(about))}, about, at)
}

// failureNote is the note about messages that did not reach the agent.
func failureNote(rows []*MessageRecord) *Note {
	last := rows[len(rows)-1]
	return &Note{
		Kind: NoteFailed, Messages: noteMessages(rows), Class: last.Fault, Reason: last.Reason, Reference: last.ID(),
		Unsure: slices.ContainsFunc(rows, func(m *MessageRecord) bool { return m.Fault == ClassUnsure || !m.InFlightSince.IsZero() }),
	}
}

// noteClosed keeps the one note that a session which is gone has for all that
// waits in its thread.
func (p *Policy) noteClosed(r *ThreadState, at Instant) {
	notes := map[string][]string{}
	for _, m := range r.inOrder(func(m *MessageRecord) bool { return m.State == StateHeld && m.Fault == ClassNotFound }) {
		if m.NoteKey == "" {
			m.NoteKey = closedKey(r.Thread.Session.Count)
			m.Touch()
		}
		notes[m.NoteKey] = append(notes[m.NoteKey], m.ID())
	}
	for _, key := range slices.Sorted(maps.Keys(notes)) {
		about := notes[key]
		note := &Note{Kind: NoteClosed, Messages: noteMessages(r.named(about)), Moved: r.Thread.Session.Card.Phase == PhaseMoved}
		p.upsertPost(r, Post{Key: key, Note: note}, about, at)
	}
	for _, post := range r.Posts {
		if offers(&post.Post, ActionRestart) && len(notes[post.Key]) == 0 {
			p.closePost(r, post.Key, NoteOutcome{How: EndingWithdrawn}, at)
		}
	}
}

func closedKey(session int) string {
	return "closed:" + strconv.Itoa(session)
}

// idsOf returns the ids of the messages.
func idsOf(rows []*MessageRecord) []string {
	ids := make([]string, 0, len(rows))
	for _, m := range rows {
		ids = append(ids, m.ID())
	}
	return ids
}

// named returns the messages with the ids.
func (r *ThreadState) named(ids []string) []*MessageRecord {
	rows := make([]*MessageRecord, 0, len(ids))
	for _, id := range ids {
		if m := r.Messages[id]; m != nil {
			rows = append(rows, m)
		}
	}
	return rows
}
