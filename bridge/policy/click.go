package policy

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// AcceptClick decides what a click does. Each button works once; the post then
// says who chose what, and has no buttons any more.
func (p *Policy) AcceptClick(c bridge.Click, v *bridge.Result) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		*v = p.acceptClick(state, c, at)
		if v.New {
			p.Apply(state, at)
		}
		return nil
	}
}

func (p *Policy) acceptClick(state *bridge.ThreadState, c bridge.Click, at bridge.Instant) bridge.Result {
	post := state.Posts[c.Post]
	switch {
	case post == nil:
		return bridge.Result{Ignored: bridge.IgnoredUnknown}
	case c.Refused != bridge.Allowed:
		p.postRefusal(state, c.By, true, c.Refused, at)
		record.Audit(state, bridge.AuditEvent{Event: "click_refused", Record: c.Post, User: c.By, Reason: string(c.Refused)})
		return bridge.Result{New: true}
	case post.Ask:
		return p.choose(state, post, c, at)
	case !record.Offers(&post.Post, c.Action):
		return bridge.Result{Ignored: bridge.IgnoredClosed}
	}
	if c.Action == bridge.CommandQuiet || c.Action == bridge.CommandListen {
		p.setReplies(state, c.Action, at) // the card tells
		record.Audit(state, bridge.AuditEvent{Event: "button_pressed", Record: post.Key, User: c.By, Action: c.Action})
		return bridge.Result{New: true}
	}
	how := bridge.NoteOutcome{By: c.By, At: record.UnixTime(at.Now)}
	switch c.Action {
	case bridge.ActionRetry:
		how.How, how.Count = bridge.EndingRetried, len(p.requeue(state, post.About, at))
	case bridge.ActionRestart:
		how.How, how.Count = bridge.EndingRestarted, len(p.requeue(state, post.About, at))
	case bridge.ActionSend:
		how.How, how.Count = bridge.EndingSent, len(p.requeue(state, post.About, at))
	case bridge.ActionSkip:
		record.Skip(state, record.Named(state, post.About), at)
		how.How, how.Count = bridge.EndingSkipped, len(post.About)
	case bridge.ActionDismiss:
		p.dismiss(state, post.About, at)
		how.How = bridge.EndingDismissed
	case bridge.ActionDrop:
		how.How, how.Count = bridge.EndingDropped, p.drop(state, post.About, at)
		state.Thread.Outage = nil
		state.Thread.Touch()
	}
	if state.Thread.FailureNote == post.Key {
		state.Thread.FailureNote = ""
		state.Thread.Touch()
	}
	p.UpsertPost(state, bridge.Post{Key: post.Key, Note: record.EndedNote(&post.Post, how)}, nil, at)
	record.Audit(state, bridge.AuditEvent{Event: "button_pressed", Record: post.Key, User: c.By, Action: c.Action})
	return bridge.Result{New: true}
}

// requeue puts messages that were given up or kept back in their place. Their
// text is read from Slack again, through the gate. Where the session is gone
// they open a new one.
func (p *Policy) requeue(state *bridge.ThreadState, ids []string, at bridge.Instant) []string {
	var revived []string
	for _, id := range ids {
		m := state.Messages[id]
		if m == nil || m.State != bridge.StateDead && m.State != bridge.StateHeld {
			continue
		}
		begun := !m.InFlightSince.IsZero()
		m.Delivery = bridge.Delivery{State: bridge.StateReady, Accepted: at.Now, Due: at.Now}
		m.Authorized, m.Delayed, m.Conflicted, m.Panicked, m.Stale, m.NoteKey, m.MayOpenSession = false, false, false, false, false, "", true
		m.Touch()
		if begun {
			p.markUnsure(state, m, at)
		}
		revived = append(revived, id)
		if state.Thread.Unbound() { // a mention that was missed: nobody else is held where nothing began
			p.enqueue(state, m, at)
		}
	}
	if s := &state.Thread.Session; s.Closed && len(revived) > 0 {
		*s = bridge.Session{Count: s.Count}
		state.Thread.Touch()
	}
	state.Volatile.NextPoll = time.Time{}
	return revived
}

// dismiss lets messages that were given up be: their sign stays.
func (p *Policy) dismiss(state *bridge.ThreadState, ids []string, at bridge.Instant) {
	for _, id := range ids {
		if m := state.Messages[id]; m != nil && !m.Waiting() && m.Settled.IsZero() {
			m.Settled = at.Now
			m.Touch()
		}
	}
}

// drop withdraws messages that wait and returns how many.
func (p *Policy) drop(state *bridge.ThreadState, ids []string, at bridge.Instant) int {
	n := 0
	for _, id := range ids {
		if m := state.Messages[id]; m != nil && m.Waiting() && p.withdraw(m, at) {
			n++
		}
	}
	record.ReassignStart(state, at)
	return n
}
