package bridge

import (
	"slices"
	"time"
)

// Press decides what a click does. Each button works once; the post then
// says who chose what, and has no buttons any more.
func (p *Policy) Press(c Click, v *Verdict) Decide {
	return func(r *Rows, at Moment) error {
		*v = p.press(r, c, at)
		if v.New {
			p.project(r, at)
		}
		return nil
	}
}

func (p *Policy) press(r *Rows, c Click, at Moment) Verdict {
	post := r.Posts[c.Post]
	switch {
	case post == nil:
		return Verdict{Ignored: IgnoredUnknown}
	case c.Refused != Allowed:
		p.whisperRefusal(r, c.By, clickRefused, c.Refused, at)
		r.act("click refused", c.Post, string(c.Refused))
		return Verdict{New: true}
	case post.Ask:
		return p.choose(r, post, c, at)
	case !post.offers(c.Action):
		return Verdict{Ignored: IgnoredClosed}
	}
	if c.Action == Quiet || c.Action == Listen {
		p.apply(r, c.Action, at) // the card tells
		r.act("pressed "+c.Action, post.Key, c.By)
		return Verdict{New: true}
	}
	var text string
	switch c.Action {
	case Retry:
		text = textRetried(len(p.revive(r, post.About, at)), c.By, at.Now)
	case Restart:
		text = textRestarted(len(p.revive(r, post.About, at)), c.By, at.Now)
	case Send:
		text = textLate(len(p.revive(r, post.About, at)), c.By, at.Now)
	case Skip:
		p.skip(r, r.named(post.About), at)
		text = textSkipped(len(post.About), c.By, at.Now)
	case Leave:
		p.leave(r, post.About, at)
		text = textLeft(c.By, at.Now)
	case Drop:
		text = textDropped(p.drop(r, post.About, at), c.By, at.Now)
		r.Thread.Outage = nil
		r.Thread.Touch()
	}
	if r.Thread.Failure == post.Key {
		r.Thread.Failure = ""
		r.Thread.Touch()
	}
	p.say(r, Post{Key: post.Key, Text: text}, nil, at)
	r.act("pressed "+c.Action, post.Key, c.By)
	return Verdict{New: true}
}

// offers reports whether the post has a button with the action.
func (p *PostRow) offers(action string) bool {
	return slices.ContainsFunc(p.Buttons, func(b Button) bool { return b.Action == action })
}

// revive puts messages that were given up or kept back in their place. Their
// text is read from Slack again, through the gate. Where the session is gone
// they open a new one.
func (p *Policy) revive(r *Rows, ids []string, at Moment) []string {
	var revived []string
	for _, id := range ids {
		m := r.Messages[id]
		if m == nil || m.State != Dead && m.State != Held {
			continue
		}
		begun := !m.BegunAt.IsZero()
		m.Delivery = Delivery{State: Ready, Accepted: at.Now, Due: at.Now}
		m.Vetted, m.Late, m.Conflicted, m.Broke, m.Overdue, m.Note, m.Opens = false, false, false, false, false, "", true
		m.Touch()
		if begun {
			p.markUnsure(r, m, at)
		}
		revived = append(revived, id)
		if r.Thread.Vacant() { // a mention that was missed: nobody else is held where nothing began
			p.join(r, m, at)
		}
	}
	if s := &r.Thread.Session; s.Gone && len(revived) > 0 {
		*s = Session{Count: s.Count}
		r.Thread.Touch()
	}
	r.Memo.PollDue = time.Time{}
	return revived
}

// leave lets messages that were given up be: their sign stays.
func (p *Policy) leave(r *Rows, ids []string, at Moment) {
	for _, id := range ids {
		if m := r.Messages[id]; m != nil && !m.waiting() && m.Settled.IsZero() {
			m.Settled = at.Now
			m.Touch()
		}
	}
}

// drop withdraws messages that wait and returns how many.
func (p *Policy) drop(r *Rows, ids []string, at Moment) int {
	n := 0
	for _, id := range ids {
		if m := r.Messages[id]; m != nil && m.waiting() && p.withdraw(m, at) {
			n++
		}
	}
	p.reseat(r, at)
	return n
}
