package outcome

import (
	"cmp"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// postRefused gives up a post or an update of a post. Its messages show the failure, the
// operator sees the reason, and the lane goes on.
func (p *Rules) postRefused(state *bridge.ThreadState, rec *bridge.PostRecord, kind bridge.StepKind, reason string, at bridge.Instant) {
	rec.Fault, rec.Reason, rec.Settled, rec.Hold = bridge.ClassRejected, reason, at.Now, ""
	rec.Answers = cmp.Or(rec.Answers, state.Thread.LastPrompt)
	if kind == bridge.StepUpdatePost {
		rec.Shown, rec.RecheckAt, rec.ResponseURL = rec.Edition, time.Time{}, ""
	} else {
		rec.State = bridge.StateDead
	}
	if rec.To == "" && (kind != bridge.StepUpdatePost || rec.Markdown) {
		for _, id := range project.Concerned(rec) {
			if m := state.Messages[id]; m != nil {
				m.Unshown = bridge.UnshownForGood
				m.Touch()
			}
		}
		p.NoteUnshown(state, rec, at)
		p.Apply(state, at)
	}
	record.DropPostText(state, rec)
	record.Audit(state, bridge.AuditEvent{Event: "post_rejected", Record: rec.Key, Reason: reason})
}

// postUnreadable counts a look-up in a thread that can't be read, for example because its
// first message is hidden. A post that may exist is not made again.
func (p *Rules) postUnreadable(state *bridge.ThreadState, rec *bridge.PostRecord, at bridge.Instant) error {
	if err := p.PostFound(rec.Key, "")(state, at); err != nil || rec.State != bridge.StateReady {
		return err
	}
	p.postRefused(state, rec, bridge.StepFindPost, "", at)
	rec.Touch()
	return nil
}

// postBlocked holds a post that Slack doesn't allow at present, until something happens
// in the thread. The posts after it are held as well: they would be refused too, and
// otherwise they could overtake it later.
func (p *Rules) postBlocked(state *bridge.ThreadState, rec *bridge.PostRecord, kind bridge.StepKind, reason string, at bridge.Instant) {
	if rec.To != "" {
		p.postRefused(state, rec, kind, reason, at)
		return
	}
	rec.Fault, rec.Reason, rec.Hold = bridge.ClassBlocked, reason, bridge.HoldBlocked
	rec.Answers = cmp.Or(rec.Answers, state.Thread.LastPrompt)
	if kind == bridge.StepPost {
		rec.State, rec.InFlightSince = bridge.StateHeld, time.Time{}
		for _, other := range state.Posts {
			if other.State == bridge.StateReady && other.To == "" {
				other.State, other.Hold = bridge.StateHeld, bridge.HoldBlocked
				other.Touch()
			}
		}
	}
	record.Audit(state, bridge.AuditEvent{Event: "post_blocked", Record: rec.Key, Reason: reason})
	p.NoteUnshown(state, rec, at)
	p.Apply(state, at)
}

// formRefused retries a message of the agent as plain text. Any other post has no
// alternative form and is given up.
func (p *Rules) formRefused(state *bridge.ThreadState, rec *bridge.PostRecord, kind bridge.StepKind, reason string, at bridge.Instant) {
	if rec.Markdown && !rec.Plain {
		if kind == bridge.StepPost {
			rec.State, rec.InFlightSince = bridge.StateReady, time.Time{}
		}
		if p.ShowPlain(state, rec.Post, at) {
			record.Audit(state, bridge.AuditEvent{Event: "post_simplified", Record: rec.Key, Reason: reason})
			return
		}
	}
	p.postRefused(state, rec, kind, reason, at)
}

// PostMisplaced handles a post that Slack put into the channel instead of the thread. ts
// is its timestamp there. The post is deleted from the channel. If its thread was
// deleted, nothing more is posted in the thread; otherwise the post is made again.
func (p *Rules) PostMisplaced(key, ts string, err error) bridge.Decision {
	deleted := bridge.ClassOf(err) == bridge.ClassThreadDeleted
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		stray := &bridge.PostRecord{Post: bridge.Post{Key: "stray:" + ts, Withdrawn: true}, Edition: 1}
		stray.Delivery = bridge.Delivery{State: bridge.StateDone, Receipt: ts, Accepted: at.Now, Due: at.Now, Settled: at.Now}
		stray.Touch()
		state.Posts[stray.Key] = stray
		record.Audit(state, bridge.AuditEvent{Event: "post_misplaced", Record: key, TS: ts})
		if !deleted {
			return p.PostFailed(key, bridge.StepPost, err)(state, at)
		}
		p.threadDeleted(state, at)
		return nil
	}
}

// threadDeleted ends a thread that was deleted in Slack. All its messages are gone, so
// nothing more is sent. The person who asked last is told that the session continues in
// Agen.
func (p *Rules) threadDeleted(state *bridge.ThreadState, at bridge.Instant) {
	t := &state.Thread
	if t.Deleted {
		return
	}
	t.Deleted = true
	t.Touch()
	record.Audit(state, bridge.AuditEvent{Event: "thread_deleted", Session: t.Session.ID})
	if t.Asker != "" {
		p.PostPrivate(state, "deleted:"+t.Session.ID, t.Asker, &bridge.Note{Kind: bridge.NoteThreadDeleted, Session: t.Session.ID, Route: t.Route}, at)
	}
	for _, m := range state.Messages {
		if m.Waiting() {
			m.DeletionPending = true
			m.Touch()
		}
	}
	p.CloseSession(state, at)
	p.Apply(state, at)
	for _, post := range state.Posts {
		if post.To == "" && post.State != bridge.StateDone && post.State != bridge.StateDead {
			post.State, post.Hold, post.Fault, post.Settled = bridge.StateDead, "", bridge.ClassThreadDeleted, at.Now
			record.DropPostText(state, post)
			post.Touch()
		}
	}
}
