package policy

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

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
	case post.Note != nil && post.Note.Kind == bridge.NoteNearMiss:
		return p.decideNearMiss(state, post, c, at)
	case !record.Offers(&post.Post, c.Action):
		return bridge.Result{Ignored: bridge.IgnoredClosed}
	}
	if c.Action == bridge.CommandQuiet || c.Action == bridge.CommandListen {
		p.setReplies(state, c.Action, at) // the card shows the result
		record.Audit(state, bridge.AuditEvent{Event: "button_pressed", Record: post.Key, User: c.By, Action: c.Action})
		return bridge.Result{New: true}
	}
	if c.Action == bridge.ActionIgnore && (c.TS == "" || state.Messages[c.TS] != nil) {
		return bridge.Result{Ignored: bridge.IgnoredUnknown}
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
	case bridge.ActionIgnore:
		how.How = p.retract(state, post, c, at)
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
