package bridge

import (
	"maps"
	"slices"
	"strconv"
	"time"
)

// project brings what is shown in line with what is: every decision ends with
// it. Reactions and notes are projections of the rows, so no decision has to
// remember which of them it concerns.
func (p *Policy) project(r *Rows, at Moment) {
	p.markLate(r, at)
	p.noteOutage(r, at)
	p.noteFailures(r, at)
	p.noteClosed(r, at)
	p.noteMissed(r, at)
	p.noteStopped(r, at)
	p.closeOffers(r, at)
	p.noteStuck(r, at)
	p.showCard(r, at)
	p.signRoot(r, at)
	p.shadow(r)
	for _, m := range r.Messages {
		if m.Of == "" {
			p.wish(m, at)
		}
	}
}

// Mark decides that time has passed.
func (p *Policy) Mark() Decide {
	return func(r *Rows, at Moment) error {
		p.project(r, at)
		return nil
	}
}

// markLate marks the messages that have waited long enough to be shown as
// delayed. Who may not use the bot is shown nothing.
func (p *Policy) markLate(r *Rows, at Moment) {
	for _, m := range r.Messages {
		if m.waiting() && m.Vetted && !m.Late && !at.Now.Before(m.lateAt()) {
			m.Late = true
			m.Touch()
		}
	}
}

// shadow lets the newest correction of a message speak for it. What a
// correction was waiting or given up for is no longer said when it goes on, and
// how far it had come no longer when nobody looks for it.
func (p *Policy) shadow(r *Rows) {
	correcting := map[string]bool{}
	shadows := map[string]Sign{}
	for _, c := range r.inOrder(func(m *MessageRow) bool { return m.Of != "" && r.Messages[m.Of] != nil }) {
		base := r.Messages[c.Of]
		correcting[c.Of] = correcting[c.Of] || !c.Resting()
		shadow, seen := shadows[c.Of]
		if !seen {
			shadow = base.Shadow
		}
		switch sign := c.ownSign(); {
		case sign != NoSign:
			shadow = sign
		case shadow == Delayed || shadow == Failed || c.End == EndAbandoned:
			shadow = NoSign
		}
		shadows[c.Of] = shadow
	}
	for _, m := range r.Messages {
		shadow, corrected := shadows[m.TS]
		if m.Of != "" || m.Correcting == correcting[m.TS] && (!corrected || m.Shadow == shadow) {
			continue
		}
		m.Correcting = correcting[m.TS]
		if corrected {
			m.Shadow = shadow
		}
		m.Touch()
	}
}

// updateEvery spaces the changes of one post
// (https://docs.slack.dev/concepts/agent-design).
const updateEvery = 3 * time.Second

// say sets what a post says. The first time it is added; what is said already
// is changed in place.
func (p *Policy) say(r *Rows, post Post, about []string, at Moment) {
	row := r.Posts[post.Key]
	if row == nil {
		row = &PostRow{Post: post, Edition: 1, About: about}
		for _, other := range r.Posts {
			row.Seq = max(row.Seq, other.Seq+1)
		}
		row.Delivery = Delivery{State: Ready, Accepted: at.Now, Due: at.Now}
		row.Touch()
		r.Posts[post.Key] = row
		return
	}
	if about == nil {
		about = row.About
	}
	if row.Withdrawn || row.Text == post.Text && row.Session == post.Session && slices.Equal(row.Buttons, post.Buttons) && slices.Equal(row.About, about) {
		return
	}
	if row.Text != post.Text || row.Session != post.Session || !slices.Equal(row.Buttons, post.Buttons) {
		if row.Shown == row.Edition && !row.doubted() {
			row.Boot = at.Boot // no change is under way
		}
		row.Edition++
		row.Due = at.Now
		if again := row.Settled.Add(updateEvery); row.State == Done && row.Due.Before(again) {
			row.Due = again
		}
	}
	row.Post, row.About = post, about
	row.Touch()
}

// unsay closes a note that has become pointless, and forgets it where nobody
// has seen it yet.
func (p *Policy) unsay(r *Rows, key, text string, at Moment) {
	row := r.Posts[key]
	if row == nil {
		return
	}
	if row.State == Ready {
		delete(r.Posts, key)
		return
	}
	p.say(r, Post{Key: key, Text: text}, nil, at)
}

// retract takes a post out of the thread again, and reports whether there was
// one. Deleting is a change like any other: it may be repeated.
func (p *Policy) retract(r *Rows, key string, at Moment) bool {
	row := r.Posts[key]
	switch {
	case row == nil || row.Withdrawn || row.State == Dead:
		return false
	case row.State == Ready:
		delete(r.Posts, key)
		return true
	}
	row.Withdrawn = true
	row.Edition++
	row.Due = at.Now
	row.Touch()
	return true
}

// whisper tells one person something, once.
func (p *Policy) whisper(r *Rows, key, to, text string, at Moment) {
	if _, said := r.Posts[key]; !said {
		p.say(r, Post{Key: key, To: to, Text: text}, nil, at)
	}
}

// noteOutage keeps the one note that an outage has in the thread.
func (p *Policy) noteOutage(r *Rows, at Moment) {
	late := r.late()
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
		p.unsay(r, o.Post, textOver(o.From, at.Now, r.reached(about), len(about)), at)
		r.Thread.Outage = nil
		r.Thread.Touch()
		return
	}
	if r.Thread.Outage == nil || !slices.Equal(about, o.About) {
		r.Thread.Outage = &Outage{Post: o.Post, From: o.From, About: about}
		r.Thread.Touch()
	}
	until := late[0].Accepted.Add(p.maxAge())
	p.say(r, Post{
		Key: o.Post, Text: textDelayed(len(late), until),
		Buttons: []Button{{Action: Drop, Label: "Don't send them"}},
	}, about, at)
}

// late returns the messages that are shown as delayed, oldest first.
func (r *Rows) late() []*MessageRow {
	late := r.inOrder(func(m *MessageRow) bool { return m.waiting() && m.Late && !m.Unwanted })
	slices.SortStableFunc(late, func(a, b *MessageRow) int { return a.Accepted.Compare(b.Accepted) })
	return late
}

// takenBack reports whether the message was withdrawn: nobody waits for it.
func (r *Rows) takenBack(id string) bool {
	m := r.Messages[id]
	return m != nil && m.State == Done && m.Receipt == ""
}

// reached counts the messages that the agent got. One that is final rests
// already and is not among the rows.
func (r *Rows) reached(ids []string) int {
	n := 0
	for _, id := range ids {
		if m := r.Messages[id]; m == nil || m.State == Done {
			n++
		}
	}
	return n
}

// noteFailures keeps the one open note about messages that did not reach the
// agent.
func (p *Policy) noteFailures(r *Rows, at Moment) {
	var about []string
	if open := r.Posts[r.Thread.Failure]; open != nil {
		about = slices.DeleteFunc(slices.Clone(open.About), func(id string) bool {
			m := r.Messages[id]
			return m == nil || m.State != Dead && m.State != Held
		})
		if len(about) == 0 {
			p.unsay(r, open.Key, textTakenBack, at)
			r.Thread.Failure = ""
			r.Thread.Touch()
		}
	}
	for _, m := range r.inOrder(func(m *MessageRow) bool { return m.Note == "" && m.noted() }) {
		if r.Thread.Failure == "" {
			r.Thread.Failure = "failed:" + m.ID() + ":" + strconv.FormatInt(at.Now.Unix(), 36)
			r.Thread.Touch()
		}
		m.Note = r.Thread.Failure
		m.Touch()
		about = append(about, m.ID())
	}
	if len(about) == 0 {
		return
	}
	p.say(r, Post{
		Key: r.Thread.Failure, Text: p.textFailed(r.named(about), r.Key),
		Buttons: []Button{{Action: Retry, Label: "Try again", Primary: true}, {Action: Leave, Label: "Leave it"}},
	}, about, at)
}

// noteClosed keeps the one note that a session which is gone has for all that
// waits in its thread.
func (p *Policy) noteClosed(r *Rows, at Moment) {
	notes := map[string][]string{}
	for _, m := range r.inOrder(func(m *MessageRow) bool { return m.State == Held && m.Fault == Missing }) {
		if m.Note == "" {
			m.Note = closedKey(r.Thread.Session.Count)
			m.Touch()
		}
		notes[m.Note] = append(notes[m.Note], m.ID())
	}
	for _, key := range slices.Sorted(maps.Keys(notes)) {
		about := notes[key]
		p.say(r, Post{
			Key: key, Text: textClosed(r.named(about), r.Thread.Session.Card.Phase == PhaseMoved),
			Buttons: []Button{{Action: Restart, Label: label(len(about), "Start a new session with it", "Start a new session with them"), Primary: true}},
		}, about, at)
	}
	for _, post := range r.Posts {
		if post.offers(Restart) && len(notes[post.Key]) == 0 {
			p.unsay(r, post.Key, textTakenBack, at)
		}
	}
}

func closedKey(session int) string {
	return "closed:" + strconv.Itoa(session)
}

// idsOf returns the ids of the messages.
func idsOf(rows []*MessageRow) []string {
	ids := make([]string, 0, len(rows))
	for _, m := range rows {
		ids = append(ids, m.ID())
	}
	return ids
}

// named returns the messages with the ids.
func (r *Rows) named(ids []string) []*MessageRow {
	rows := make([]*MessageRow, 0, len(ids))
	for _, id := range ids {
		if m := r.Messages[id]; m != nil {
			rows = append(rows, m)
		}
	}
	return rows
}
