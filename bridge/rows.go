package bridge

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// State is where a delivery stands. See the diagram in the package comment.
type State string

// The states of a delivery.
const (
	// Ready waits for its turn.
	Ready State = "ready"
	// Begun may have reached the remote: it is looked up before anything else
	// happens to it.
	Begun State = "begun"
	// Done: nothing is owed any more. It was delivered, or it was withdrawn
	// or refused (Ended tells).
	Done State = "done"
	// Dead was given up; a note tells the person.
	Dead State = "dead"
	// Held waits for a person and never holds back newer ones.
	Held State = "held"
)

// The ways in which a delivery ends other than by its final status.
const (
	EndWithdrawn = "withdrawn"
	EndRefused   = "refused"
	EndAnswered  = "answered"
	// EndMistyped: its options are none, and its author was told.
	EndMistyped = "mistyped"
	// EndAside: an edit made it something between people.
	EndAside = "aside"
	// EndAbandoned: it was delivered, and the bridge stopped looking.
	EndAbandoned = "abandoned"
	// EndSkipped: it was missed, and nobody wanted it sent so late.
	EndSkipped = "skipped"
)

// Delivery is a message or a post that is owed to a remote.
type Delivery struct {
	State State `json:"state"`
	// Accepted is when the bridge took it on.
	Accepted time.Time `json:"accepted"`
	// Due is when the next attempt may be made.
	Due time.Time `json:"due"`
	// Attempts counts those that failed.
	Attempts int `json:"attempts,omitempty"`
	// BegunAt is when the call that may have been applied was begun at the
	// latest: with the present opening of the store, where it was before.
	BegunAt time.Time `json:"begun_at,omitzero"`
	// Misses counts look-ups, late enough to count, that did not find it.
	Misses int `json:"misses,omitempty"`
	// Proven is when it last began to be looked up because somebody else may
	// have done it: of what an old copy of the store knows that is nothing.
	Proven time.Time `json:"proven_at,omitzero"`
	// Fault and Reason are of the last failure.
	Fault  Class  `json:"fault,omitempty"`
	Reason string `json:"reason,omitempty"`
	// End tells how it ended where it was not delivered.
	End string `json:"end,omitempty"`
	// Receipt is the remote's proof: an Agen event id or a Slack ts.
	Receipt string `json:"receipt,omitempty"`
	// Settled is when it came to rest; kept for RETENTION after that.
	Settled time.Time `json:"settled,omitzero"`
}

// unproven reports whether the delivery may have been done by whoever used the
// store before an old copy of it was put back.
func (d *Delivery) unproven(at Moment) bool {
	return d.State == Ready && !d.provenAt(at) && !d.Accepted.After(at.Restored)
}

// provenAt reports whether the delivery need not be looked up, or was after the
// store was last restored.
func (d *Delivery) provenAt(at Moment) bool {
	return at.Restored.IsZero() || d.Proven.After(at.Restored)
}

// prove has it looked up before anything else happens to it. If it was done,
// it was begun before the copy was put back.
func (d *Delivery) prove(at Moment) {
	d.State, d.Fault, d.Proven = Begun, Unsure, at.Now
	d.BegunAt, d.Due, d.Misses = at.Restored, at.Now, 0
}

// unproven reports the same of a message, also of one that this store does not
// know from then but that was written before, and of one that a sweep found.
func (m *MessageRow) unproven(at Moment) bool {
	switch {
	case m.State != Ready:
		return false
	case m.Swept && m.Proven.IsZero():
		return true
	default:
		return !m.provenAt(at) && (m.written().Before(at.Restored) || m.Delivery.unproven(at))
	}
}

// prove has the message looked up. Whoever may have sent one that a sweep found
// did so when it was written, if this store was never an old copy.
func (m *MessageRow) prove(at Moment) {
	m.Delivery.prove(at)
	if m.Of == "" { // a correction shows nothing of its own
		m.Wish.doubt(at)
	}
	if m.Swept && at.Restored.IsZero() {
		m.BegunAt = m.written()
	}
	m.Touch()
}

// waiting reports whether the delivery is still on its way.
func (d *Delivery) waiting() bool { return d.State == Ready || d.State == Begun }

// MessageRow is a Message on its way to the session.
type MessageRow struct {
	Message
	Delivery
	// Rev is raised by every change of the row.
	Rev uint64 `json:"rev"`
	// Of is the ts of the message that this one corrects; empty for the
	// message itself.
	Of string `json:"of,omitempty"`
	// Vetted: whoever said it may use the bot, as far as Slack can tell.
	Vetted bool `json:"vetted,omitempty"`
	// Overdue: it was missed for so long that a person is asked whether it is
	// still wanted, as soon as its author is known to be allowed to.
	Overdue bool `json:"overdue,omitempty"`
	// Opens: a person had it sent after all, so it may open a session, as a
	// mention does.
	Opens bool `json:"opens,omitempty"`
	// Unclear: its newest words are to be read from Slack, since two edits
	// carry the same timestamp.
	Unclear bool `json:"unclear,omitempty"`
	// Answers: it answers a question of the agent.
	Answers bool `json:"answers,omitempty"`
	// Carries: what the agent had not seen goes along with it.
	Carries bool `json:"carries,omitempty"`
	// Composed counts tries to compose it that failed.
	Composed int `json:"composed,omitempty"`
	// Unwanted: taken back while it could not be stopped any more. If it
	// turns out not to have been sent, it isn't; nor what an edit makes of it.
	Unwanted bool `json:"unwanted,omitempty"`
	// Conflicted: the session answered 409. Not there then means refused.
	Conflicted bool `json:"conflicted,omitempty"`
	// Broke: sending it hit a bug. Not there then means given up.
	Broke bool `json:"broke,omitempty"`
	// Status is Agen's latest word on it, and FromTimeline where a read said
	// so: the answer to a send never overwrites that.
	Status       agen.Status `json:"status,omitempty"`
	FromTimeline bool        `json:"from_timeline,omitempty"`
	// Late: it waited long enough to be shown as delayed.
	Late bool `json:"late,omitempty"`
	// Shadow is what the newest correction of the message has to show: it
	// covers the message's own sign. Correcting: one is still on its way.
	Shadow     Sign `json:"shadow,omitempty"`
	Correcting bool `json:"correcting,omitempty"`
	// Note is the key of the post that tells people about its end.
	Note string `json:"note,omitempty"`
	// Wish is the reaction on it.
	Wish Wish `json:"wish,omitzero"`
}

// ID is the row's identity in its thread, and the client_id of the send.
func (m *MessageRow) ID() string {
	if m.Of != "" {
		return m.Of + ":" + m.TS
	}
	return m.TS
}

// Touch raises the revision: the store writes what was touched.
func (m *MessageRow) Touch() { m.Rev++ }

// failed reports whether the message did not reach the agent though it was for
// it.
func (m *MessageRow) failed() bool {
	return m.State == Dead || m.State == Held && m.Fault != Unseated
}

// noted reports whether the failure note tells of the message.
func (m *MessageRow) noted() bool {
	return m.State == Dead || m.State == Held && (m.Fault == Unsure || m.Fault == Unrouted)
}

// opens reports whether the message may open a session.
func (m *MessageRow) opens() bool { return m.Kind.starts() || m.Opens }

// final reports whether the message's status will not change any more.
func (m *MessageRow) final() bool {
	return m.State != Done || m.Receipt == "" || m.End != "" ||
		m.Status == agen.StatusCompleted || m.Status == agen.StatusCanceled
}

// Wish is a reaction to be shown: a state, not a queue of changes.
type Wish struct {
	// Want is the emoji to be shown; empty for none.
	Want string `json:"want,omitempty"`
	// Maybe are all emoji that may stand on the message because of us.
	Maybe []string `json:"maybe,omitempty"`
	// Added and Removed tell how far the present pass has come.
	Added   bool     `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
	// Open: the pass is not at its end.
	Open bool `json:"open,omitempty"`
	// Gone: there is no message any more that anything could be shown on.
	Gone bool `json:"gone,omitempty"`
	// Blind: what stands on the message because of us is not known, for another
	// process put it there. It is read before the next pass.
	Blind bool `json:"blind,omitempty"`
	// Due is when the next call may be made, Attempts how many failed.
	Due      time.Time `json:"due,omitzero"`
	Attempts int       `json:"attempts,omitempty"`
	// Boot is the opening of the store in which the calls were made that are
	// not known to be over.
	Boot uint64 `json:"boot,omitempty"`
	// Began is when the present pass was to begin. One that began before
	// Recheck is not the last.
	Began   time.Time `json:"began,omitzero"`
	Recheck time.Time `json:"recheck,omitzero"`
}

// PostRow is a Post on its way to Slack.
type PostRow struct {
	Post
	Delivery
	// Rev is raised by every change of the row.
	Rev uint64 `json:"rev"`
	// Seq is the post's place among those that were live when it was added: a
	// clock that is set back does not change their order.
	Seq int `json:"seq,omitempty"`
	// Edition counts what the post was to say, Shown the one that is seen.
	Edition int `json:"edition"`
	Shown   int `json:"shown"`
	// Recheck is when it is changed once more to what it says then: a change of
	// which nobody knows what came may be applied late, over a newer one. Zero
	// where there was none.
	Recheck time.Time `json:"recheck,omitzero"`
	// Boot is the opening of the store in which the changes were made that are
	// not known to be over.
	Boot uint64 `json:"boot,omitempty"`
	// Open: it goes on changing for as long as its session lasts, or until the
	// question is answered.
	Open bool `json:"open,omitempty"`
	// About are the messages that the post tells of; of a question that is
	// answered, who answered it and what.
	About []string `json:"about,omitempty"`
	// Together are the events of the agent whose words stand in one post,
	// that of the first; each has this list. Empty where it has its own.
	Together []string `json:"together,omitempty"`
}

// ID is the row's identity in its thread.
func (p *PostRow) ID() string { return p.Key }

// Touch raises the revision: the store writes what was touched.
func (p *PostRow) Touch() { p.Rev++ }

// Rows is all that the store holds of one thread and that can still change:
// what decisions look at and what they change.
type Rows struct {
	Key      ThreadKey
	Thread   Thread
	Messages map[string]*MessageRow
	Posts    map[string]*PostRow
	Memo     Memo
	// Acts is what a decision did, for the audit log. Never stored.
	Acts []Act
}

// Act is one thing that the bridge did, told with ids and never with text.
type Act struct {
	Name string
	// Row is the message or post that it was done to.
	Row string
	// Detail is a class, a session id, a person's id.
	Detail string
}

// NewRows returns the rows of a thread that nothing is known of.
func NewRows(key ThreadKey) *Rows {
	return &Rows{Key: key, Messages: map[string]*MessageRow{}, Posts: map[string]*PostRow{}}
}

// Clone returns a deep enough copy for a worker to keep: decisions never
// change what a slice in a row points to, they replace it.
func (r *Rows) Clone() *Rows {
	c := *r
	c.Messages, c.Posts = cloneAll(r.Messages), cloneAll(r.Posts)
	c.Memo.Hold = maps.Clone(r.Memo.Hold)
	c.Acts = nil
	return &c
}

func cloneAll[T any](rows map[string]*T) map[string]*T {
	c := make(map[string]*T, len(rows))
	all := make([]T, 0, len(rows)) // one allocation for all of them
	for id, row := range rows {
		all = append(all, *row)
		c[id] = &all[len(all)-1]
	}
	return c
}

// Resting reports whether the message needs no further step: the store moves
// it out of the way and keeps it as a tombstone, so that it is known when it
// comes again.
func (m *MessageRow) Resting() bool {
	if m.Wish.Open || m.waiting() || m.Correcting {
		return false
	}
	if m.State == Done {
		return m.final()
	}
	return !m.Settled.IsZero()
}

// Resting reports the same of a post. As long as it is open or has buttons
// something can still happen to it.
func (p *PostRow) Resting() bool {
	return p.State == Dead || p.State == Done && p.Shown == p.Edition && !p.doubted() && len(p.Buttons) == 0 && !p.Open
}

// doubted reports whether what the post says may yet be undone by an older
// change. The agent's words are not kept for that, and what was taken out of the
// thread can't be changed any more.
func (p *PostRow) doubted() bool { return !p.Recheck.IsZero() && !p.Markdown && !p.Withdrawn }

// tsAt is an instant as Slack would write it.
func tsAt(t time.Time) string { return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000) }

// isTS reports whether an id is that of a message in Slack, or of a correction.
func isTS(id string) bool { return slackTS.MatchString(id) }

var slackTS = regexp.MustCompile(`^\d{9,11}\.\d{6}(:\d{9,11}\.\d{6})?$`)

// tsBefore compares two Slack timestamps: seconds and microseconds, as many
// digits in both for centuries.
func tsBefore(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return strings.Compare(a, b) < 0
}
