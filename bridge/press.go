package bridge

import "time"

// AcceptClick decides what a click does. Each button works once; the post then
// says who chose what, and has no buttons any more.
func (p *Policy) AcceptClick(c Click, v *Result) Decision {
	return func(r *ThreadState, at Instant) error {
		*v = p.acceptClick(r, c, at)
		if v.New {
			p.project(r, at)
		}
		return nil
	}
}

func (p *Policy) acceptClick(r *ThreadState, c Click, at Instant) Result {
	post := r.Posts[c.Post]
	switch {
	case post == nil:
		return Result{Ignored: IgnoredUnknown}
	case c.Refused != Allowed:
		p.postRefusal(r, c.By, true, c.Refused, at)
		r.audit("click refused", c.Post, string(c.Refused))
		return Result{New: true}
	case post.Ask:
		return p.choose(r, post, c, at)
	case !offers(&post.Post, c.Action):
		return Result{Ignored: IgnoredClosed}
	}
	if c.Action == CommandQuiet || c.Action == CommandListen {
		p.apply(r, c.Action, at) // the card tells
		r.audit("pressed "+c.Action, post.Key, c.By)
		return Result{New: true}
	}
	how := NoteOutcome{By: c.By, At: unixTime(at.Now)}
	switch c.Action {
	case ActionRetry:
		how.How, how.Count = EndingRetried, len(p.requeue(r, post.About, at))
	case ActionRestart:
		how.How, how.Count = EndingRestarted, len(p.requeue(r, post.About, at))
	case ActionSend:
		how.How, how.Count = EndingSent, len(p.requeue(r, post.About, at))
	case ActionSkip:
		p.skip(r, r.named(post.About), at)
		how.How, how.Count = EndingSkipped, len(post.About)
	case ActionDismiss:
		p.dismiss(r, post.About, at)
		how.How = EndingDismissed
	case ActionDrop:
		how.How, how.Count = EndingDropped, p.drop(r, post.About, at)
		r.Thread.Outage = nil
		r.Thread.Touch()
	}
	if r.Thread.FailureNote == post.Key {
		r.Thread.FailureNote = ""
		r.Thread.Touch()
	}
	p.upsertPost(r, Post{Key: post.Key, Note: endedNote(&post.Post, how)}, nil, at)
	r.audit("pressed "+c.Action, post.Key, c.By)
	return Result{New: true}
}

// requeue puts messages that were given up or kept back in their place. Their
// text is read from Slack again, through the gate. Where the session is gone
// they open a new one.
func (p *Policy) requeue(r *ThreadState, ids []string, at Instant) []string {
	var revived []string
	for _, id := range ids {
		m := r.Messages[id]
		if m == nil || m.State != StateDead && m.State != StateHeld {
			continue
		}
		begun := !m.InFlightSince.IsZero()
		m.Delivery = Delivery{State: StateReady, Accepted: at.Now, Due: at.Now}
		m.Authorized, m.Delayed, m.Conflicted, m.Panicked, m.Stale, m.NoteKey, m.MayOpenSession = false, false, false, false, false, "", true
		m.Touch()
		if begun {
			p.markUnsure(r, m, at)
		}
		revived = append(revived, id)
		if r.Thread.Unbound() { // a mention that was missed: nobody else is held where nothing began
			p.enqueue(r, m, at)
		}
	}
	if s := &r.Thread.Session; s.Closed && len(revived) > 0 {
		*s = Session{Count: s.Count}
		r.Thread.Touch()
	}
	r.Volatile.NextPoll = time.Time{}
	return revived
}

// dismiss lets messages that were given up be: their sign stays.
func (p *Policy) dismiss(r *ThreadState, ids []string, at Instant) {
	for _, id := range ids {
		if m := r.Messages[id]; m != nil && !m.waiting() && m.Settled.IsZero() {
			m.Settled = at.Now
			m.Touch()
		}
	}
}

// drop withdraws messages that wait and returns how many.
func (p *Policy) drop(r *ThreadState, ids []string, at Instant) int {
	n := 0
	for _, id := range ids {
		if m := r.Messages[id]; m != nil && m.waiting() && p.withdraw(m, at) {
			n++
		}
	}
	p.reassignStart(r, at)
	return n
}
