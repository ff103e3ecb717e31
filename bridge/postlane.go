package bridge

import "time"

// postBegin marks a post as one that may have been said, if it still is to
// say the same.
func (p *Policy) postBegin(key string, rev uint64) Decision {
	return func(r *ThreadState, at Instant) error {
		row := r.Posts[key]
		if row == nil || row.State != StateReady || row.Rev != rev {
			return ErrChanged
		}
		row.State, row.InFlightSince, row.Due, row.Misses = StateInFlight, at.Now, at.Now, 0
		row.Touch()
		return nil
	}
}

// lookUpPosts has all posts looked up that may have been said before the store
// was restored: all at once, for it takes a minute.
func (p *Policy) lookUpPosts() Decision {
	return func(r *ThreadState, at Instant) error {
		for _, row := range r.Posts {
			if row.mayBeDoneElsewhere(at) {
				row.requireLookup(at)
				row.Touch()
			}
		}
		return nil
	}
}

// postDropped forgets a post that was taken back before anybody saw it.
func (p *Policy) postDropped(key string) Decision {
	return func(r *ThreadState, _ Instant) error {
		if row := r.Posts[key]; row != nil && row.State == StateReady && row.Withdrawn {
			delete(r.Posts, key)
		}
		return nil
	}
}

// posted notes that a post is in the thread, saying its edition.
func (p *Policy) posted(key, ts string, edition int) Decision {
	return func(r *ThreadState, at Instant) error {
		row := r.Posts[key]
		if row == nil || row.State != StateInFlight {
			return nil
		}
		row.State, row.Receipt, row.Settled = StateDone, ts, at.Now
		row.Fault, row.Reason, row.Attempts = "", "", 0
		row.Shown, row.Opening = edition, at.Opening
		row.dropText()
		row.Touch()
		r.audit("post_created", key, ts)
		return nil
	}
}

// postFound notes where a post was found whose fate was open; with an empty
// ts, that it was not. What it says there may be out of date.
func (p *Policy) postFound(key, ts string) Decision {
	return func(r *ThreadState, at Instant) error {
		row := r.Posts[key]
		if row == nil || row.State != StateInFlight {
			return nil
		}
		if ts != "" {
			return p.posted(key, ts, 0)(r, at)
		}
		age := at.Now.Sub(row.InFlightSince)
		if age < missAfter {
			r.hold(StepFindPost, at.Now.Add(min(max(age, missGap), missAfter-age)))
			return nil
		}
		row.Misses++
		row.Due = at.Now.Add(missGap)
		if row.Misses >= missesNeeded {
			row.State, row.Due, row.Misses = StateReady, at.Now, 0
		}
		row.Touch()
		return nil
	}
}

// privatePostUnsure lets a private note be whose fate is open: it can't be looked
// up, and is said once at most.
func (p *Policy) privatePostUnsure(key string) Decision {
	return func(r *ThreadState, at Instant) error {
		if row := r.Posts[key]; row != nil && row.State == StateInFlight {
			row.State, row.Settled, row.Shown = StateDone, at.Now, row.Edition
			row.Touch()
			r.audit("private_post_abandoned", key, string(ClassUnsure))
		}
		return nil
	}
}

// absentPause spares Slack where a thread should rest and could not be put to
// rest.
const absentPause = time.Minute

// postTries is how often a post is tried before its age counts against it: its
// thread may have rested.
const postTries = 20

// postFailed decides what follows from a post that failed.
func (p *Policy) postFailed(key string, kind StepKind, err error) Decision {
	class := classOf(err)
	return func(r *ThreadState, at Instant) error {
		row := r.Posts[key]
		if row == nil {
			return nil
		}
		switch class {
		case ClassRateLimited, ClassUnauthorized:
			r.hold(kind, at.Now.Add(pause(err)))
			if kind == StepPost && row.State == StateInFlight {
				row.State = StateReady
				row.Touch()
			}
			return nil
		case ClassNotInChannel: // the thread rests
			if kind == StepPost && row.State == StateInFlight {
				row.State, row.InFlightSince = StateReady, time.Time{}
			}
			r.hold(kind, at.Now.Add(absentPause))
		case ClassUnsure:
			r.hold(StepFindPost, at.Now.Add(missGap))
			row.Fault = ClassUnsure
			if kind == StepPost {
				row.InFlightSince = at.Now // it may have left until now
			}
		case ClassRejected, ClassNotFound, ClassForbidden, ClassConflict:
			p.postRefused(r, row, kind, reasonOf(err), at)
		default:
			if kind == StepPost {
				row.State = StateReady
			} else if kind == StepUpdatePost {
				row.RecheckAt = at.Now.Add(recheckAfter)
			}
			row.Attempts++
			row.Fault, row.Reason = class, reasonOf(err)
			row.Due = at.Now.Add(p.backoff(row.Attempts))
			if at.Now.Sub(row.Accepted) >= p.maxAge() && row.Attempts >= postTries {
				p.postRefused(r, row, kind, row.Reason, at)
			}
		}
		row.Touch()
		return nil
	}
}

// postRefused gives a post up, or the change of one: the operator sees why,
// and the rest goes on.
func (p *Policy) postRefused(r *ThreadState, row *PostRecord, kind StepKind, reason string, at Instant) {
	row.Fault, row.Reason, row.Settled = ClassRejected, reason, at.Now
	if kind == StepUpdatePost {
		row.Shown, row.RecheckAt = row.Edition, time.Time{}
	} else {
		row.State = StateDead
	}
	row.dropText()
	r.audit("post_rejected", row.Key, reason)
}

// dropText forgets the agent's words, or what somebody typed at Agen, when
// they have been said: when they change they come again, whole.
func (p *PostRecord) dropText() {
	if p.Markdown && (p.State == StateDead || p.Shown == p.Edition) {
		p.Text = ""
	}
}

// updated notes that the post says the edition, by a change that was begun at
// that time. Where an earlier one may be applied after it, or the process was
// restarted with one under way, it is changed once more.
func (p *Policy) updated(key string, edition int, began time.Time) Decision {
	return func(r *ThreadState, at Instant) error {
		row := r.Posts[key]
		if row == nil || row.State != StateDone || row.Shown > edition {
			return nil
		}
		switch {
		case row.Opening != at.Opening:
			row.Opening, row.RecheckAt = at.Opening, at.Now.Add(recheckAfter)
		case !began.Before(row.RecheckAt):
			row.RecheckAt = time.Time{}
		}
		row.Shown, row.Attempts, row.Fault, row.Reason, row.Settled = edition, 0, "", "", at.Now
		row.dropText()
		row.Touch()
		r.audit("post_updated", key, row.Receipt)
		return nil
	}
}
