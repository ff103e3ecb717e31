package policy

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// Authorized records that the author may use the bot, and then applies the next decision,
// if there is one.
func (p *Policy) Authorized(id string, next bridge.Decision) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if m := state.Messages[id]; m != nil && !m.Authorized {
			m.Authorized = true
			m.Touch()
			if m.Stale && m.State == bridge.StateReady {
				record.HoldMessage(m, bridge.HoldStale)
				record.Audit(state, bridge.AuditEvent{Event: "message_held", Record: id, Reason: string(bridge.HoldStale)})
			}
			if m.Meant != "" && m.State == bridge.StateReady {
				p.holdNearMiss(state, m, at)
			}
		}
		if next != nil {
			return next(state, at)
		}
		p.Apply(state, at)
		return nil
	}
}

// Refused ends a message whose author may not use the bot here.
func (p *Policy) Refused(id string, why bridge.Refusal) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if m := state.Messages[id]; m != nil && m.State == bridge.StateReady {
			p.refuse(state, m, why, at)
			p.Apply(state, at)
		}
		return nil
	}
}

// refuse ends the message and tells the author the reason in a private note, once per
// person, thread and day.
func (p *Policy) refuse(state *bridge.ThreadState, m *bridge.MessageRecord, why bridge.Refusal, at bridge.Instant) {
	record.End(m, bridge.EndRefused, at)
	record.Audit(state, bridge.AuditEvent{Event: "message_refused", Record: m.ID(), User: m.Author, Reason: string(why)})
	p.postRefusal(state, m.Author, false, why, at)
	record.ReassignStart(state, at)
}

// postRefusal posts a private note that says why a message or a click was refused, once
// per person, thread and day.
func (p *Policy) postRefusal(state *bridge.ThreadState, person string, click bool, why bridge.Refusal, at bridge.Instant) {
	if why == bridge.RefusedSilently {
		return
	}
	limits := map[bridge.Refusal]int{bridge.RefusedPace: p.MessagesPerMinute, bridge.RefusedSessions: p.SessionsPerDay, bridge.RefusedFull: bridge.MaxWaiting}
	key := "refused:" + person + ":" + at.Now.UTC().Format(time.DateOnly)
	p.PostPrivate(state, key, person, &bridge.Note{Kind: bridge.NoteRefused, Refusal: why, Click: click, Limit: limits[why]}, at)
}

// Reread updates a message with the version that was read from Slack again. m is nil if
// the message no longer exists.
func (p *Policy) Reread(id string, m *bridge.Message) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		rec := state.Messages[id]
		if rec == nil || rec.State != bridge.StateReady {
			return nil
		}
		base := state.Messages[rec.CorrectionOf]
		switch {
		case m == nil:
			record.End(rec, bridge.EndWithdrawn, at)
			record.Audit(state, bridge.AuditEvent{Event: "message_withdrawn", Record: id})
			record.ReassignStart(state, at)
		case rec.NeedsReread && base != nil && base.Digest == m.Digest:
			record.End(rec, bridge.EndWithdrawn, at) // the session already has this text
		default:
			if rec.Digest != m.Digest { // if the text is unchanged, its command is decided already
				p.takeCommand(state, rec, *m)
			}
			rec.Body, rec.Digest, rec.Refused, rec.Options = m.Body, m.Digest, m.Refused, m.Options
			rec.Parts, rec.Previews = m.Parts, m.Previews
			rec.Touch()
			if base != nil {
				base.Digest, base.Parts, base.Previews = m.Digest, m.Parts, m.Previews
				base.Touch()
			}
		}
		p.Apply(state, at)
		return nil
	}
}
