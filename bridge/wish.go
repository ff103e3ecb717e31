package bridge

import (
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// recheckAfter is how long after its end a pass over a wish that was open at
// a restart is gone over once more, and how long after a call of which nobody
// knows what came: it may still have been on the wire.
const recheckAfter = time.Minute

// sign says what the reaction on the message is to tell.
// The choice of an answer stands nowhere that a reaction could be put on: the
// question shows it.
func (m *MessageRow) sign() Sign {
	if m.Words != "" {
		return NoSign
	}
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
	case Dead, Held:
		if m.noted() {
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

// wish sets what is to be shown on the message.
func (p *Policy) wish(m *MessageRow, at Moment) {
	if m.Wish.set(p.Reactions[m.sign()], at) {
		m.Touch()
	}
}

// signRoot sets what is to be shown on the first message of the thread, beside
// its own status: that a question waits, that the work was merged.
func (p *Policy) signRoot(r *Rows, at Moment) {
	asking := slices.ContainsFunc(r.postsInOrder(), func(post *PostRow) bool {
		return post.Ask && post.Open && !r.Thread.Session.Gone
	})
	want := map[Sign]string{}
	if asking {
		want[Question] = p.Reactions[Question]
	}
	if r.Thread.Session.Card.Phase == PhaseMerged {
		want[Merged] = p.Reactions[Merged]
	}
	if r.Thread.Asking.set(want[Question], at) || r.Thread.Merged.set(want[Merged], at) {
		r.Thread.Touch()
	}
}

// set changes what is wanted, and reports whether that is a change. The emoji
// joins those that may be shown in the same transaction, so that a crash leaves
// none behind, and every change starts over: the wanted one is added even if it
// should be there, then the others are removed.
func (w *Wish) set(want string, at Moment) bool {
	if want == w.Want || w.Gone {
		return false
	}
	next := Wish{Want: want, Maybe: w.Maybe, Blind: w.Blind, Open: true, Due: at.Now, Began: at.Now, Boot: at.Boot, Recheck: w.Recheck}
	if w.Open {
		next.Boot = w.Boot
	}
	if want != "" && !slices.Contains(w.Maybe, want) {
		next.Maybe = append(slices.Clone(w.Maybe), want)
	}
	*w = next
	return true
}

// The ids under which the wishes for the first message of a thread go.
const (
	rootAsking = "root:asking"
	rootMerged = "root:merged"
)

// wishOf returns a wish and what to touch when it changes; nil when there is
// none.
func (r *Rows) wishOf(id string) (*Wish, func()) {
	switch id {
	case rootAsking:
		return &r.Thread.Asking, r.Thread.Touch
	case rootMerged:
		return &r.Thread.Merged, r.Thread.Touch
	}
	if m := r.Messages[id]; m != nil {
		return &m.Wish, m.Touch
	}
	return nil, nil
}

// reacted notes that a reaction is there, or gone.
func (p *Policy) reacted(id, emoji string, kind StepKind) Decide {
	return func(r *Rows, at Moment) error {
		w, touch := r.wishOf(id)
		if w == nil || !w.Open || (kind == StepAdd) != (w.Want == emoji) {
			return nil
		}
		if kind == StepAdd {
			w.Added = true
		} else {
			w.Removed = append(slices.Clone(w.Removed), emoji)
		}
		w.Attempts = 0
		w.finish(at)
		touch()
		return nil
	}
}

// doubt has what is shown read again.
func (w *Wish) doubt(at Moment) {
	if w.Gone {
		return
	}
	w.Blind, w.Open, w.Due = true, true, at.Now
}

// saw notes which of the emoji on a message stand there because of us, and
// begins the pass that brings them in line with what is wanted. The signs beside
// the status are not the message's own.
func (p *Policy) saw(id string, emoji []string) Decide {
	return func(r *Rows, at Moment) error {
		w, touch := r.wishOf(id)
		if w == nil || !w.Blind {
			return nil
		}
		next := Wish{Want: w.Want, Maybe: slices.Clone(w.Maybe), Open: true, Due: at.Now, Began: at.Now, Boot: w.Boot, Recheck: w.Recheck}
		for sign, one := range p.Reactions {
			if sign != Question && sign != Merged && slices.Contains(emoji, one) && !slices.Contains(next.Maybe, one) {
				next.Maybe = append(next.Maybe, one)
			}
		}
		slices.Sort(next.Maybe)
		if *w = next; w.Want == "" && len(w.Maybe) == 0 {
			*w = Wish{} // nothing stands there, and nothing is to
		} else {
			w.finish(at)
		}
		touch()
		return nil
	}
}

// doubtSigns has the thread's reactions brought in line with what is wanted,
// whatever another process has put there.
func (p *Policy) doubtSigns(r *Rows, at Moment) {
	for _, m := range r.Messages {
		if m.Of == "" && m.State == Done && m.Receipt != "" && m.End == "" && !m.Wish.Blind {
			m.Wish.doubt(at)
			m.Touch()
		}
	}
	for id, sign := range map[string]Sign{rootAsking: Question, rootMerged: Merged} {
		if w, _ := r.wishOf(id); w.Want == "" && !w.Gone && p.Reactions[sign] != "" {
			*w = Wish{Maybe: []string{p.Reactions[sign]}, Open: true, Due: at.Now, Began: at.Now, Boot: at.Boot}
			r.Thread.Touch()
		}
	}
}

// next returns the call that the wish needs now; false when none.
func (w *Wish) next(id string) (step, bool) {
	if !w.Open {
		return step{}, false
	}
	if w.Blind {
		return step{kind: StepSee, row: id, due: w.Due}, true
	}
	if w.Want != "" && !w.Added {
		return step{kind: StepAdd, row: id, emoji: w.Want, due: w.Due}, true
	}
	for _, emoji := range w.Maybe {
		if emoji != w.Want && !slices.Contains(w.Removed, emoji) {
			return step{kind: StepRemove, row: id, emoji: emoji, due: w.Due}, true
		}
	}
	return step{}, false
}

// finish ends a pass in which nothing is left to do.
func (w *Wish) finish(at Moment) {
	if _, more := w.next(""); more {
		return
	}
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
// good (the channel is archived, say) is given up. Where the message is gone no
// call is made for it any more, whatever becomes of what it said.
func (p *Policy) reactFailed(s step, err error) Decide {
	class := classOf(err)
	switch {
	case class == Missing && s.kind != StepSee: // what was read may be out of date
		return p.unshowable(s.row)
	case class == Missing, class == Rejected:
		return p.reactRefused(s)
	}
	return func(r *Rows, at Moment) error {
		w, touch := r.wishOf(s.row)
		if w == nil || !w.Open {
			return nil
		}
		switch class {
		case RateLimited, Unauthorized:
			r.hold(s.kind, at.Now.Add(pause(err)))
			return nil
		case Absent: // the thread rests
			r.hold(s.kind, at.Now.Add(absentPause))
			return nil
		default:
		}
		w.Recheck = at.Now.Add(recheckAfter)
		w.Attempts++
		w.Due = at.Now.Add(p.backoff(w.Attempts))
		touch()
		return nil
	}
}

// unshowable closes the wish for a message that is gone.
func (p *Policy) unshowable(id string) Decide {
	return func(r *Rows, _ Moment) error {
		if w, touch := r.wishOf(id); w != nil {
			*w = Wish{Gone: true}
			touch()
		}
		return nil
	}
}

func (p *Policy) reactRefused(s step) Decide {
	switch s.kind {
	case StepRemove:
		return p.reacted(s.row, s.emoji, StepRemove)
	case StepSee: // there is nothing to show anything on
		return p.saw(s.row, nil)
	default:
	}
	return func(r *Rows, at Moment) error {
		w, touch := r.wishOf(s.row)
		if w == nil || !w.Open || w.Want != s.emoji {
			return nil
		}
		w.Added = true
		w.finish(at)
		touch()
		r.act("reaction refused", s.row, s.emoji)
		return nil
	}
}
