package bridge

import (
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// recheckAfter is how long after its end a pass over a wish that was open at
// a restart is gone over once more: a call of the process before may still
// have been on the wire.
const recheckAfter = time.Minute

// sign says what the reaction on the message is to tell.
func (m *MessageRow) sign() Sign {
	if m.Shadow != NoSign {
		return m.Shadow
	}
	return m.ownSign()
}

// ownSign is the sign without what a correction has to add.
func (m *MessageRow) ownSign() Sign {
	switch m.State {
	case Ready, Begun:
		if m.Late {
			return Delayed
		}
		return NoSign
	case Dead:
		return Failed
	case Held:
		if m.Fault == Unsure {
			return Failed
		}
		return NoSign
	case Done:
		if m.Receipt == "" || m.End != "" {
			return NoSign
		}
		return signOf(m.Status)
	}
	return NoSign
}

// signOf returns the sign of a status. A status nobody has heard of yet is
// shown as being worked on.
func signOf(s agen.Status) Sign {
	switch s {
	case agen.StatusQueued:
		return Queued
	case agen.StatusCompleted:
		return Completed
	case agen.StatusCanceled:
		return Canceled
	case agen.StatusProcessing:
		return Processing
	default:
		return Processing
	}
}

// wish sets what is to be shown on the message. The emoji joins those that
// may be shown in the same transaction, so that a crash leaves none behind,
// and every change starts over: the wanted one is added even if it should be
// there, then the others are removed.
func (p *Policy) wish(m *MessageRow, at Moment) {
	want := p.Reactions[m.sign()]
	if want == m.Wish.Want {
		return
	}
	w := Wish{Want: want, Maybe: m.Wish.Maybe, Open: true, Due: at.Now, Began: at.Now, Boot: at.Boot, Recheck: m.Wish.Recheck}
	if m.Wish.Open {
		w.Boot = m.Wish.Boot
	}
	if want != "" && !slices.Contains(w.Maybe, want) {
		w.Maybe = append(slices.Clone(w.Maybe), want)
	}
	m.Wish = w
	m.Touch()
}

// reacted notes that a reaction is there, or gone.
func (p *Policy) reacted(id, emoji string, kind StepKind) Decide {
	return func(r *Rows, at Moment) error {
		m := r.Messages[id]
		if m == nil || !m.Wish.Open {
			return nil
		}
		w := &m.Wish
		switch kind {
		case StepAdd:
			if w.Want != emoji {
				return nil
			}
			w.Added = true
		default:
			if w.Want == emoji {
				return nil
			}
			w.Removed = append(slices.Clone(w.Removed), emoji)
		}
		w.Attempts = 0
		m.finishWish(at)
		m.Touch()
		return nil
	}
}

// finishWish ends a pass in which nothing is left to do.
func (m *MessageRow) finishWish(at Moment) {
	if _, more := m.reactionStep(); more {
		return
	}
	w := &m.Wish
	if w.Boot != at.Boot {
		w.Boot, w.Recheck = at.Boot, at.Now.Add(recheckAfter)
	}
	w.Added, w.Removed = false, nil
	if w.Began.Before(w.Recheck) {
		w.Due, w.Began = w.Recheck, w.Recheck
		return
	}
	w.Open, w.Maybe, w.Recheck = false, nil, time.Time{}
	if w.Want != "" {
		w.Maybe = []string{w.Want}
	}
}

// reactFailed notes that a call for a reaction failed. What Slack refuses for
// good (the message is gone, the channel archived) is given up quietly: there
// is nothing left to show it on.
func (p *Policy) reactFailed(id string, s step, err error) Decide {
	class := classOf(err)
	if class == Rejected || class == Missing {
		return p.reactRefused(id, s)
	}
	return func(r *Rows, at Moment) error {
		m := r.Messages[id]
		if m == nil || !m.Wish.Open {
			return nil
		}
		if class == RateLimited || class == Unauthorized {
			r.hold(s.kind, at.Now.Add(pause(err)))
			return nil
		}
		m.Wish.Attempts++
		m.Wish.Due = at.Now.Add(p.backoff(m.Wish.Attempts))
		m.Touch()
		return nil
	}
}

func (p *Policy) reactRefused(id string, s step) Decide {
	if s.kind == StepRemove {
		return p.reacted(id, s.emoji, StepRemove)
	}
	return func(r *Rows, at Moment) error {
		m := r.Messages[id]
		if m == nil || !m.Wish.Open || m.Wish.Want != s.emoji {
			return nil
		}
		m.Wish.Added = true
		m.finishWish(at)
		m.Touch()
		r.act("reaction refused", id, s.emoji)
		return nil
	}
}
