package bridge

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// StepKind is one thing that a lane can owe to its remote.
type StepKind string

// The steps of the agen lane, then those of the slack lane, each in the order
// in which they are preferred.
const (
	StepLookUp    StepKind = "look-up" // find out what became of what was begun
	StepSend      StepKind = "send"    // the oldest message that waits
	StepAuthorize StepKind = "vet"     // whether the author of one behind it may
	StepRead      StepKind = "read"    // the timeline

	StepMark           StepKind = "mark"   // show that time has passed; asks no remote
	StepFindPost       StepKind = "find"   // find out what became of a post
	StepPost           StepKind = "post"   // the oldest post
	StepUpdatePost     StepKind = "update" // what a post says has changed
	StepReadReactions  StepKind = "see"    // which reactions on a message are ours
	StepAddReaction    StepKind = "add"    // a reaction
	StepRemoveReaction StepKind = "remove" // a reaction
)

var everyStep = []StepKind{
	StepLookUp, StepSend, StepAuthorize, StepRead, StepMark, StepFindPost, StepPost, StepUpdatePost, StepReadReactions, StepAddReaction, StepRemoveReaction,
}

// The times after which a message that waits is shown as delayed, and after
// which the thread gets a note.
const (
	delayedAfter = 10 * time.Second
	notedAfter   = 2 * time.Minute
)

// step is what a lane does next.
type step struct {
	kind StepKind
	// row is the id of the message or post, emoji the reaction.
	row   string
	emoji string
	due   time.Time
}

// next returns the first step of the lane that is due; false when none is.
func (r *ThreadState) next(remote Remote, now time.Time) (step, bool) {
	for _, s := range r.steps(remote) {
		if !s.due.After(now) {
			return s, true
		}
	}
	return step{}, false
}

// Due returns when the lane of the remote has its next step; false when it
// has none until something comes in. The store keeps its index by this, and
// nothing else decides when a lane is claimed.
func (r *ThreadState) Due(remote Remote) (time.Time, bool) {
	steps := r.steps(remote)
	if len(steps) == 0 {
		return time.Time{}, false
	}
	due := steps[0].due
	for _, s := range steps[1:] {
		if s.due.Before(due) {
			due = s.due
		}
	}
	return due, true
}

// steps lists what the lane owes, most urgent first. A step that the remote
// does not want yet is due when it does.
func (r *ThreadState) steps(remote Remote) []step {
	var steps []step
	if remote == ToAgen {
		steps = r.agenSteps()
	} else {
		steps = r.slackSteps()
	}
	for i := range steps {
		if hold := r.Volatile.HoldUntil[steps[i].kind]; steps[i].due.Before(hold) {
			steps[i].due = hold
		}
	}
	return steps
}

func (r *ThreadState) agenSteps() []step {
	begun := r.inFlight()
	steps := r.stopSteps()
	if begun != nil {
		kind := StepLookUp
		if r.Volatile.FastSend.waitsFor(begun.ID()) {
			kind = StepSend
		}
		steps = append(steps, step{kind: kind, row: begun.ID(), due: begun.Due})
	} else {
		steps = append(steps, r.sendSteps()...)
	}
	for _, m := range r.inOrder(func(m *MessageRecord) bool { return m.State == StateReady && !m.Authorized }) {
		if len(steps) == 0 || m.ID() != steps[0].row {
			steps = append(steps, step{kind: StepAuthorize, row: m.ID(), due: m.Due})
		}
	}
	if s := &r.Thread.Session; begun == nil && s.polled() {
		steps = append(steps, step{kind: StepRead, due: r.Volatile.NextPoll})
	}
	return steps
}

// polled reports whether the timeline is read.
func (s *Session) polled() bool { return s.ID != "" && !s.Closed && !s.PollingStopped }

// inFlight returns the message whose look-up is due first.
func (r *ThreadState) inFlight() *MessageRecord {
	var first *MessageRecord
	for _, m := range r.Messages {
		if m.State == StateInFlight && (first == nil || m.Due.Before(first.Due) || m.Due.Equal(first.Due) && TSBefore(m.TS, first.TS)) {
			first = m
		}
	}
	return first
}

// stopSteps lists the wishes to stop: they are not for the agent yet, and wait for
// nothing.
func (r *ThreadState) stopSteps() []step {
	var steps []step
	for _, m := range r.Messages {
		if m.State == StateReady && m.Command == CommandStop {
			steps = append(steps, step{kind: StepSend, row: m.ID(), due: m.Due})
		}
	}
	return steps
}

// sendSteps lists what may be sent next: the oldest message, and the corrections
// written before it. A correction's quiet time holds nobody back; one that is
// being tried again does, like any message.
func (r *ThreadState) sendSteps() []step {
	var steps []step
	for _, m := range r.inOrder(func(m *MessageRecord) bool { return m.State == StateReady && !m.Stale }) {
		steps = append(steps, step{kind: StepSend, row: m.ID(), due: m.Due})
		if m.CorrectionOf == "" || m.Attempts > 0 {
			break
		}
	}
	return steps
}

// isNextToSend reports whether the message may be sent next. One that departed as it was
// accepted may have taken its turn.
func (r *ThreadState) isNextToSend(id string) bool {
	return r.inFlight() == nil && slices.ContainsFunc(r.sendSteps(), func(s step) bool { return s.row == id })
}

// sortNews returns certain messages in the order in which they were written. Most
// of a thread's owe nothing but their last status.
func (r *ThreadState) inOrder(which func(*MessageRecord) bool) []*MessageRecord {
	var rows []*MessageRecord
	for _, m := range r.Messages {
		if which(m) {
			rows = append(rows, m)
		}
	}
	slices.SortFunc(rows, byTime)
	return rows
}

// byTime compares messages by when they were written.
func byTime(a, b *MessageRecord) int {
	if a.TS == b.TS {
		return strings.Compare(a.ID(), b.ID())
	}
	if TSBefore(a.TS, b.TS) {
		return -1
	}
	return 1
}

func (r *ThreadState) slackSteps() []step {
	rows := r.inOrder(func(m *MessageRecord) bool { return m.waiting() || m.AnswersQuestion || m.Reaction.Open })
	steps := r.markSteps(rows)
	steps = append(steps, r.postSteps()...)
	var others []step
	for _, m := range rows {
		s, ok := reactionStep(&m.Reaction, m.ID())
		switch {
		case !ok:
		case m.final():
			steps = append(steps, s)
		default:
			others = append(others, s)
		}
	}
	for _, id := range []string{rootAsking, rootMerged} {
		w, _ := r.reactionOf(id)
		if s, ok := reactionStep(w, id); ok {
			others = append(others, s)
		}
	}
	return append(steps, others...)
}

// reactionStep is the next call for the reaction with the id; false when it
// needs none.
func reactionStep(w *Reaction, id string) (step, bool) {
	kind, emoji, ok := w.nextCall()
	return step{kind: kind, row: id, emoji: emoji, due: w.Due}, ok
}

// markSteps lists when time alone changes what is shown.
func (r *ThreadState) markSteps(rows []*MessageRecord) []step {
	var steps []step
	for _, m := range rows {
		if due, queued := m.queuedAnswerAt(); queued && r.Posts[queuedAnswerKey(m.ID())] == nil {
			steps = append(steps, step{kind: StepMark, row: m.ID(), due: due})
		}
		if !m.Authorized || !m.waiting() || m.DeletionPending && m.Delayed {
			continue
		}
		if !m.Delayed {
			steps = append(steps, step{kind: StepMark, row: m.ID(), due: m.delayedAt()})
		} else if r.Thread.Outage == nil {
			steps = append(steps, step{kind: StepMark, row: m.ID(), due: m.Accepted.Add(notedAfter)})
		}
	}
	for _, about := range r.held(HoldStale) {
		steps = append(steps, step{kind: StepMark, row: about[0].ID(), due: skippedAt(about)})
	}
	return steps
}

// delayedAt is when the message counts as delayed. Nobody waits for a
// correction before its quiet time is over.
func (m *MessageRecord) delayedAt() time.Time {
	if m.CorrectionOf != "" {
		return m.Accepted.Add(correctionQuiet + delayedAfter)
	}
	return m.Accepted.Add(delayedAfter)
}

// postSteps lists look-ups, the oldest new post, and changes. Posts are said
// in their order, so one whose fate is open holds back those behind it.
func (r *ThreadState) postSteps() []step {
	var finds, updates []step
	var oldest *PostRecord
	for _, p := range r.postsInOrder() {
		due, changes := p.changeDue()
		switch {
		case p.State == StateInFlight:
			finds = append(finds, step{kind: StepFindPost, row: p.Key, due: p.Due})
		case p.State == StateReady && oldest == nil:
			oldest = p
		case changes:
			updates = append(updates, step{kind: StepUpdatePost, row: p.Key, due: due})
		}
	}
	if len(finds) == 0 && oldest != nil {
		finds = append(finds, step{kind: StepPost, row: oldest.Key, due: oldest.Due})
	}
	return append(finds, updates...)
}

// changeDue returns when the post is to be changed; false when it says what it
// should and nothing may undo that.
func (p *PostRecord) changeDue() (time.Time, bool) {
	switch {
	case p.State != StateDone || p.To != "":
		return time.Time{}, false
	case p.Shown != p.Edition:
		return p.Due, true
	case p.mayBeUndone() && p.RecheckAt.After(p.Due):
		return p.RecheckAt, true
	default: // the last try failed
		return p.Due, p.mayBeUndone()
	}
}

func (r *ThreadState) postsInOrder() []*PostRecord {
	rows := make([]*PostRecord, 0, len(r.Posts))
	for _, p := range r.Posts {
		rows = append(rows, p)
	}
	slices.SortFunc(rows, func(a, b *PostRecord) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), strings.Compare(a.Key, b.Key))
	})
	return rows
}
