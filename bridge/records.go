package bridge

import (
	"maps"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// DeliveryState is where a delivery stands. See the diagram in the package comment.
type DeliveryState string

// The states of a delivery.
const (
	// StateReady waits for its turn.
	StateReady DeliveryState = "ready"
	// StateInFlight may have reached the remote: it is looked up before anything else
	// happens to it.
	StateInFlight DeliveryState = "begun"
	// StateDone: nothing is owed any more. It was delivered, or it was withdrawn
	// or refused (Ended tells).
	StateDone DeliveryState = "done"
	// StateDead was given up; a note tells the person.
	StateDead DeliveryState = "dead"
	// StateHeld waits for a person and never holds back newer ones.
	StateHeld DeliveryState = "held"
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
	State DeliveryState `json:"state"`
	// Accepted is when the bridge took it on.
	Accepted time.Time `json:"accepted"`
	// Due is when the next attempt may be made.
	Due time.Time `json:"due"`
	// Attempts counts those that failed.
	Attempts int `json:"attempts,omitempty"`
	// InFlightSince is when the call that may have been applied was begun at the
	// latest: with the present opening of the store, where it was before.
	InFlightSince time.Time `json:"begun_at,omitzero"`
	// Misses counts look-ups, late enough to count, that did not find it.
	Misses int `json:"misses,omitempty"`
	// CheckedAt is when it last began to be looked up because somebody else may
	// have done it: of what an old copy of the store knows that is nothing.
	CheckedAt time.Time `json:"proven_at,omitzero"`
	// Hold is why it waits for a person, where the state is StateHeld.
	Hold HoldReason `json:"hold,omitempty"`
	// Fault and Reason are those of the last failure.
	Fault  FaultClass `json:"fault,omitempty"`
	Reason string     `json:"reason,omitempty"`
	// End tells how it ended where it was not delivered.
	End string `json:"end,omitempty"`
	// Receipt is the remote's proof: an Agen event id or a Slack ts.
	Receipt string `json:"receipt,omitempty"`
	// Settled is when it came to rest; kept for RETENTION after that.
	Settled time.Time `json:"settled,omitzero"`
}

// HoldReason says why a message waits for a person to decide.
type HoldReason string

// The reasons for which a message is held.
const (
	// HoldNoThread: it was said in a thread that was not started after all. When
	// that is mended it is for the agent again.
	HoldNoThread HoldReason = "unseated"
	// HoldStale: it was found so late that a person is asked whether it is still
	// wanted.
	HoldStale HoldReason = "overdue"
	// HoldStopped: somebody asked to stop before it was sent.
	HoldStopped HoldReason = "stopped"
	// HoldNoRoute: the thread belongs to an Agen workspace that is not configured
	// any more, and no other workspace may get what is said in it.
	HoldNoRoute HoldReason = "unrouted"
	// HoldSessionClosed: its session is closed.
	HoldSessionClosed HoldReason = "missing"
	// HoldUnsure: nobody can tell whether it reached the agent.
	HoldUnsure HoldReason = "unsure"
)

// Upgrade brings a delivery that an earlier release wrote into its present form:
// the reason for which a message is held stood in its fault, and some classes had
// other names.
func (d *Delivery) Upgrade() {
	if d.State == StateHeld && d.Hold == "" {
		d.Hold, d.Fault = HoldReason(d.Fault), ""
	}
	switch d.Fault {
	case "rate-limited":
		d.Fault = ClassRateLimited
	case "missing":
		d.Fault = ClassNotFound
	case "absent":
		d.Fault = ClassNotInChannel
	case "broken":
		d.Fault = ClassPanic
	default:
	}
}

// Waiting reports whether the delivery is still on its way.
func (d *Delivery) Waiting() bool { return d.State == StateReady || d.State == StateInFlight }

// MessageRecord is a Message on its way to the session.
type MessageRecord struct {
	Message
	Delivery
	// Rev is raised by every change of the row.
	Rev uint64 `json:"rev"`
	// CorrectionOf is the ts of the message that this one corrects; empty for the
	// message itself.
	CorrectionOf string `json:"of,omitempty"`
	// Authorized: whoever said it may use the bot, as far as Slack can tell.
	Authorized bool `json:"vetted,omitempty"`
	// Stale: it was missed for so long that a person is asked whether it is
	// still wanted, as soon as its author is known to be allowed to.
	Stale bool `json:"overdue,omitempty"`
	// MayOpenSession: a person had it sent after all, so it may open a session, as a
	// mention does.
	MayOpenSession bool `json:"opens,omitempty"`
	// NeedsReread: its newest words are to be read from Slack, since two edits
	// carry the same timestamp.
	NeedsReread bool `json:"unclear,omitempty"`
	// AnswersQuestion: it answers a question of the agent.
	AnswersQuestion bool `json:"answers,omitempty"`
	// CarriesUnseen: what the agent had not seen goes along with it.
	CarriesUnseen bool `json:"carries,omitempty"`
	// CarriesPreviews are the messages whose late previews go along with it.
	CarriesPreviews []string `json:"carries_previews,omitempty"`
	// ComposeFailures counts tries to compose it that failed.
	ComposeFailures int `json:"composed,omitempty"`
	// DeletionPending: taken back while it could not be stopped any more. If it
	// turns out not to have been sent, it isn't; nor what an edit makes of it.
	DeletionPending bool `json:"unwanted,omitempty"`
	// Conflicted: the session answered 409. Not there then means refused.
	Conflicted bool `json:"conflicted,omitempty"`
	// Panicked: sending it hit a bug. Not there then means given up.
	Panicked bool `json:"broke,omitempty"`
	// Status is Agen's latest word on it, and FromTimeline where a read said
	// so: the answer to a send never overwrites that.
	Status       agen.Status `json:"status,omitempty"`
	FromTimeline bool        `json:"from_timeline,omitempty"`
	// Delayed: it waited long enough to be shown as delayed.
	Delayed bool `json:"late,omitempty"`
	// CorrectionShows is what the newest correction of the message has to show: it
	// covers the message's own sign. Correcting: one is still on its way.
	CorrectionShows   ReactionKind `json:"shadow,omitempty"`
	CorrectionPending bool         `json:"correcting,omitempty"`
	// NoteKey is the key of the post that tells people about its end.
	NoteKey string `json:"note,omitempty"`
	// Reaction is the reaction on it.
	Reaction Reaction `json:"wish,omitzero"`
}

// ID is the row's identity in its thread, and the client_id of the send.
func (m *MessageRecord) ID() string {
	if m.CorrectionOf != "" {
		return m.CorrectionOf + ":" + m.TS
	}
	return m.TS
}

// Touch raises the revision: the store writes what was touched.
func (m *MessageRecord) Touch() { m.Rev++ }

// Final reports whether the message's status will not change any more.
func (m *MessageRecord) Final() bool {
	return m.State != StateDone || m.Receipt == "" || m.End != "" ||
		m.Status == agen.StatusCompleted || m.Status == agen.StatusCanceled
}

// PostRecord is a Post on its way to Slack.
type PostRecord struct {
	Post
	Delivery
	// Rev is raised by every change of the row.
	Rev uint64 `json:"rev"`
	// Position is the post's place among those that were live when it was added: a
	// clock that is set back does not change their order.
	Position int `json:"seq,omitempty"`
	// Edition counts what the post was to say, Shown the one that is seen.
	Edition int `json:"edition"`
	Shown   int `json:"shown"`
	// RecheckAt is when the post is updated once more: an update of unknown outcome
	// may be applied late, over a newer one. Zero if there was none.
	RecheckAt time.Time `json:"recheck,omitzero"`
	// Opening is the opening of the store in which the changes were made that are
	// not known to be over.
	Opening uint64 `json:"boot,omitempty"`
	// Open: it goes on changing for as long as its session lasts, or until the
	// question is answered.
	Open bool `json:"open,omitempty"`
	// About are the messages that the post tells of; of a question that is
	// answered, who answered it and what.
	About []string `json:"about,omitempty"`
	// Coalesced are the events of the agent whose words stand in one post,
	// that of the first; each has this list. Empty where it has its own.
	Coalesced []string `json:"together,omitempty"`
}

// ID is the row's identity in its thread.
func (p *PostRecord) ID() string { return p.Key }

// Touch raises the revision: the store writes what was touched.
func (p *PostRecord) Touch() { p.Rev++ }

// ThreadState is all that the store holds of one thread and that can still change:
// what decisions look at and what they change.
type ThreadState struct {
	Key      ThreadKey
	Thread   Thread
	Messages map[string]*MessageRecord
	Posts    map[string]*PostRecord
	Volatile Volatile
	// Audit is what a decision did, for the audit log. Never stored.
	Audit []AuditEvent
}

// AuditEvent is one thing that the bridge did. It holds ids and never text.
type AuditEvent struct {
	// Event is a verb in the past, in snake_case, such as message_accepted.
	Event string
	// Record is the message or post that it was done to.
	Record string
	// Detail is a class, a session id, a person's id.
	Detail string
}

// AuditGivenUp is the event of a message that can't be delivered; it is dead.
const AuditGivenUp = "message_given_up"

// NewThreadState returns the rows of a thread that nothing is known of.
func NewThreadState(key ThreadKey) *ThreadState {
	return &ThreadState{Key: key, Messages: map[string]*MessageRecord{}, Posts: map[string]*PostRecord{}}
}

// Clone returns a deep enough copy for a worker to keep: decisions never
// change what a slice in a row points to, they replace it.
func (state *ThreadState) Clone() *ThreadState {
	c := *state
	c.Messages, c.Posts = cloneAll(state.Messages), cloneAll(state.Posts)
	c.Volatile.HoldUntil = maps.Clone(state.Volatile.HoldUntil)
	c.Audit = nil
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
func (m *MessageRecord) Resting() bool {
	if m.Reaction.Open || m.Waiting() || m.CorrectionPending {
		return false
	}
	if m.State == StateDone {
		return m.Final()
	}
	return !m.Settled.IsZero()
}

// Resting reports the same of a post. As long as it is open or offers something
// to do, something can still happen to it.
func (p *PostRecord) Resting() bool {
	return p.State == StateDead || p.State == StateDone && p.Shown == p.Edition && !p.MayBeUndone() && !p.Open && len(p.Actions()) == 0
}

// MayBeUndone reports whether what the post says may yet be undone by an older
// change. The agent's words are not kept for that, and what was taken out of the
// thread can't be changed any more.
func (p *PostRecord) MayBeUndone() bool { return !p.RecheckAt.IsZero() && !p.Markdown && !p.Withdrawn }
