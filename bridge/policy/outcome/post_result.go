package outcome

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// PostBegin marks a post as in flight, unless the record has changed since the post was
// composed.
func (p *Rules) PostBegin(key string, rev uint64) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		rec := state.Posts[key]
		if rec == nil || rec.State != bridge.StateReady || rec.Rev != rev {
			return bridge.ErrChanged
		}
		rec.State, rec.InFlightSince, rec.Due, rec.Misses = bridge.StateInFlight, at.Now, at.Now, 0
		rec.Touch()
		return nil
	}
}

// LookUpPosts schedules a look-up of all posts that may have been made before the store
// was restored. It schedules them together, because each look-up takes a minute.
func (p *Rules) LookUpPosts() bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		for _, rec := range state.Posts {
			if record.MayBeDoneElsewhere(&rec.Delivery, at) {
				record.RequireLookup(&rec.Delivery, at)
				rec.Touch()
			}
		}
		return nil
	}
}

// PostDropped removes a post that was withdrawn before it was made.
func (p *Rules) PostDropped(key string) bridge.Decision {
	return func(state *bridge.ThreadState, _ bridge.Instant) error {
		if rec := state.Posts[key]; rec != nil && rec.State == bridge.StateReady && rec.Withdrawn {
			delete(state.Posts, key)
		}
		return nil
	}
}

// Posted records that the post was made and shows the given edition.
func (p *Rules) Posted(key, ts string, edition int) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		rec := state.Posts[key]
		if rec == nil || rec.State != bridge.StateInFlight {
			return nil
		}
		rec.State, rec.Receipt, rec.Settled = bridge.StateDone, ts, at.Now
		rec.Fault, rec.Reason, rec.Attempts = "", "", 0
		rec.Shown, rec.Opening = edition, at.Opening
		record.DropPostText(state, rec)
		rec.Touch()
		record.Audit(state, bridge.AuditEvent{Event: bridge.AuditPosted, Record: key, TS: ts, Delay: delay(rec.EventAt, at.Now)})
		p.shown(state, rec, at)
		return nil
	}
}

// shown ends the hold of a post that is now in the thread.
func (p *Rules) shown(state *bridge.ThreadState, rec *bridge.PostRecord, at bridge.Instant) {
	if rec.Hold != "" {
		rec.Hold = ""
		p.Apply(state, at)
	}
}

// PostFound records the result of the look-up of an unsure post. ts is empty if the post
// was not found. The content of a post that was found may be out of date, so it is
// updated.
func (p *Rules) PostFound(key, ts string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		rec := state.Posts[key]
		if rec == nil || rec.State != bridge.StateInFlight {
			return nil
		}
		if ts != "" {
			return p.Posted(key, ts, 0)(state, at)
		}
		age := at.Now.Sub(rec.InFlightSince)
		if age < missAfter {
			record.HoldStep(state, bridge.StepFindPost, at.Now.Add(min(max(age, missGap), missAfter-age)))
			return nil
		}
		rec.Misses++
		rec.Due = at.Now.Add(missGap)
		if rec.Misses >= missesNeeded {
			rec.State, rec.Due, rec.Misses = bridge.StateReady, at.Now, 0
		}
		rec.Touch()
		return nil
	}
}

// PrivatePostUnsure settles a private note whose outcome is unknown. Private notes can't
// be looked up, so they are sent at most once.
func (p *Rules) PrivatePostUnsure(key string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if rec := state.Posts[key]; rec != nil && rec.State == bridge.StateInFlight {
			rec.State, rec.Settled, rec.Shown = bridge.StateDone, at.Now, rec.Edition
			rec.Touch()
			record.Audit(state, bridge.AuditEvent{Event: "private_post_abandoned", Record: key, Reason: string(bridge.ClassUnsure)})
		}
		return nil
	}
}

// absentPause is the pause after Slack reported that the bot is not in the channel. It
// limits the calls if the thread couldn't be paused.
const absentPause = time.Minute

// postTries is the minimum number of attempts before a post is given up because of its
// age. The age alone is not enough, because the thread may have been paused.
const postTries = 20

// PostFailed handles a failure to make, update or look up a post.
func (p *Rules) PostFailed(key string, kind bridge.StepKind, err error) bridge.Decision {
	class := bridge.ClassOf(err)
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		rec := state.Posts[key]
		if rec == nil {
			return nil
		}
		switch class {
		case bridge.ClassRateLimited, bridge.ClassUnauthorized:
			record.HoldStep(state, kind, at.Now.Add(Pause(err)))
			if kind == bridge.StepPost && rec.State == bridge.StateInFlight {
				rec.State = bridge.StateReady
				rec.Touch()
			}
			return nil
		case bridge.ClassNotInChannel: // the thread is paused
			if kind == bridge.StepPost && rec.State == bridge.StateInFlight {
				rec.State, rec.InFlightSince = bridge.StateReady, time.Time{}
			}
			record.HoldStep(state, kind, at.Now.Add(absentPause))
		case bridge.ClassUnsure:
			record.HoldStep(state, bridge.StepFindPost, at.Now.Add(missGap))
			rec.Fault = bridge.ClassUnsure
			if kind == bridge.StepPost {
				rec.InFlightSince = at.Now // the request may have been sent as late as now
			}
		case bridge.ClassNotFound:
			switch kind {
			case bridge.StepFindPost:
				return p.postUnreadable(state, rec, at)
			case bridge.StepUpdatePost: // somebody deleted the post
				rec.Shown, rec.RecheckAt, rec.ResponseURL, rec.Settled = rec.Edition, time.Time{}, "", at.Now
				record.DropPostText(state, rec)
				record.Audit(state, bridge.AuditEvent{Event: "post_gone", Record: key, TS: rec.Receipt})
			default:
				p.postRefused(state, rec, kind, bridge.ReasonOf(err), at)
			}
		case bridge.ClassBlocked:
			p.postBlocked(state, rec, kind, bridge.ReasonOf(err), at)
		case bridge.ClassFormRefused:
			p.formRefused(state, rec, kind, bridge.ReasonOf(err), at)
		case bridge.ClassRejected, bridge.ClassForbidden, bridge.ClassConflict:
			p.postRefused(state, rec, kind, bridge.ReasonOf(err), at)
		default:
			if kind == bridge.StepPost {
				rec.State = bridge.StateReady
			} else if kind == bridge.StepUpdatePost {
				rec.RecheckAt = at.Now.Add(record.RecheckAfter)
			}
			rec.Attempts++
			rec.Fault, rec.Reason = class, bridge.ReasonOf(err)
			rec.Due = at.Now.Add(p.backoff(rec.Attempts))
			if at.Now.Sub(rec.Accepted) >= p.GiveUpAfter() && rec.Attempts >= postTries || rec.To != "" && kind == bridge.StepUpdatePost && rec.Attempts >= record.MaxResponses {
				p.postRefused(state, rec, kind, rec.Reason, at)
			}
		}
		rec.Touch()
		return nil
	}
}

// Updated records that the post shows the edition, after an update that began at the
// given time. The update is repeated later if Slack may still apply an older one after
// it: that is possible if the process restarted during an update, or if unknown is set,
// which means that the outcome of an earlier update couldn't be stored.
func (p *Rules) Updated(key string, edition int, began time.Time, unknown bool) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		rec := state.Posts[key]
		if rec == nil || rec.State != bridge.StateDone || rec.Shown > edition {
			return nil
		}
		switch {
		case unknown, rec.Opening != at.Opening:
			rec.Opening, rec.RecheckAt = at.Opening, at.Now.Add(record.RecheckAfter)
		case !began.Before(rec.RecheckAt):
			rec.RecheckAt = time.Time{}
		}
		rec.Shown, rec.Attempts, rec.Fault, rec.Reason, rec.Settled = edition, 0, "", "", at.Now
		if rec.To != "" { // that was the answer to the click
			rec.ResponseURL, rec.RecheckAt = "", time.Time{}
		}
		record.DropPostText(state, rec)
		rec.Touch()
		record.Audit(state, bridge.AuditEvent{Event: "post_updated", Record: key, TS: rec.Receipt, Debug: rec.Note != nil && rec.Note.Kind == bridge.NoteCard})
		p.shown(state, rec, at)
		return nil
	}
}
