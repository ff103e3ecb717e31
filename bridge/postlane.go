package bridge

import "time"

// postBegin marks a post as one that may have been said, if it still is to
// say the same.
func (p *Policy) postBegin(key string, rev uint64) Decide {
	return func(r *Rows, at Moment) error {
		row := r.Posts[key]
		if row == nil || row.State != Ready || row.Rev != rev {
			return ErrChanged
		}
		row.State, row.BegunAt, row.Due, row.Misses = Begun, at.Now, at.Now, 0
		row.Touch()
		return nil
	}
}

// provePosts has all posts looked up that may have been said before the store
// was restored: all at once, for it takes a minute.
func (p *Policy) provePosts() Decide {
	return func(r *Rows, at Moment) error {
		for _, row := range r.Posts {
			if row.unproven(at) {
				row.prove(at)
				row.Touch()
			}
		}
		return nil
	}
}

// postDropped forgets a post that was taken back before anybody saw it.
func (p *Policy) postDropped(key string) Decide {
	return func(r *Rows, _ Moment) error {
		if row := r.Posts[key]; row != nil && row.State == Ready && row.Withdrawn {
			delete(r.Posts, key)
		}
		return nil
	}
}

// posted notes that a post is in the thread, saying its edition.
func (p *Policy) posted(key, ts string, edition int) Decide {
	return func(r *Rows, at Moment) error {
		row := r.Posts[key]
		if row == nil || row.State != Begun {
			return nil
		}
		row.State, row.Receipt, row.Settled = Done, ts, at.Now
		row.Fault, row.Reason, row.Attempts = "", "", 0
		row.Shown, row.Boot = edition, at.Boot
		row.dropWords()
		row.Touch()
		r.act("posted", key, ts)
		return nil
	}
}

// postFound notes where a post was found whose fate was open; with an empty
// ts, that it was not. What it says there may be out of date.
func (p *Policy) postFound(key, ts string) Decide {
	return func(r *Rows, at Moment) error {
		row := r.Posts[key]
		if row == nil || row.State != Begun {
			return nil
		}
		if ts != "" {
			return p.posted(key, ts, 0)(r, at)
		}
		age := at.Now.Sub(row.BegunAt)
		if age < missAfter {
			r.hold(StepFind, at.Now.Add(min(max(age, missGap), missAfter-age)))
			return nil
		}
		row.Misses++
		row.Due = at.Now.Add(missGap)
		if row.Misses >= misses {
			row.State, row.Due, row.Misses = Ready, at.Now, 0
		}
		row.Touch()
		return nil
	}
}

// postForgone lets a private note be whose fate is open: it can't be looked
// up, and is said once at most.
func (p *Policy) postForgone(key string) Decide {
	return func(r *Rows, at Moment) error {
		if row := r.Posts[key]; row != nil && row.State == Begun {
			row.State, row.Settled, row.Shown = Done, at.Now, row.Edition
			row.Touch()
			r.act("private note left", key, string(Unsure))
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
func (p *Policy) postFailed(key string, kind StepKind, err error) Decide {
	class := classOf(err)
	return func(r *Rows, at Moment) error {
		row := r.Posts[key]
		if row == nil {
			return nil
		}
		switch class {
		case RateLimited, Unauthorized:
			r.hold(kind, at.Now.Add(pause(err)))
			if kind == StepPost && row.State == Begun {
				row.State = Ready
				row.Touch()
			}
			return nil
		case Absent: // the thread rests
			if kind == StepPost && row.State == Begun {
				row.State, row.BegunAt = Ready, time.Time{}
			}
			r.hold(kind, at.Now.Add(absentPause))
		case Unsure:
			r.hold(StepFind, at.Now.Add(missGap))
			row.Fault = Unsure
			if kind == StepPost {
				row.BegunAt = at.Now // it may have left until now
			}
		case Rejected, Missing, Forbidden, Conflict:
			p.postRefused(r, row, kind, reasonOf(err), at)
		default:
			if kind == StepPost {
				row.State = Ready
			} else if kind == StepUpdate {
				row.Recheck = at.Now.Add(recheckAfter)
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
func (p *Policy) postRefused(r *Rows, row *PostRow, kind StepKind, reason string, at Moment) {
	row.Fault, row.Reason, row.Settled = Rejected, reason, at.Now
	if kind == StepUpdate {
		row.Shown, row.Recheck = row.Edition, time.Time{}
	} else {
		row.State = Dead
	}
	row.dropWords()
	r.act("post refused", row.Key, reason)
}

// dropWords forgets the agent's words, or what somebody typed at Agen, when
// they have been said: when they change they come again, whole.
func (p *PostRow) dropWords() {
	if p.Markdown && (p.State == Dead || p.Shown == p.Edition) {
		p.Text = ""
	}
}

// updated notes that the post says the edition, by a change that was begun at
// that time. Where an earlier one may be applied after it, or the process was
// restarted with one under way, it is changed once more.
func (p *Policy) updated(key string, edition int, began time.Time) Decide {
	return func(r *Rows, at Moment) error {
		row := r.Posts[key]
		if row == nil || row.State != Done || row.Shown > edition {
			return nil
		}
		switch {
		case row.Boot != at.Boot:
			row.Boot, row.Recheck = at.Boot, at.Now.Add(recheckAfter)
		case !began.Before(row.Recheck):
			row.Recheck = time.Time{}
		}
		row.Shown, row.Attempts, row.Fault, row.Reason, row.Settled = edition, 0, "", "", at.Now
		row.dropWords()
		row.Touch()
		r.act("updated", key, row.Receipt)
		return nil
	}
}
