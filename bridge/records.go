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
	// StateDone: nothing is owed any more. The message was delivered, withdrawn or
	// refused; End says which.
	StateDone DeliveryState = "done"
	// StateDead was given up; a note in the thread says so.
	StateDead DeliveryState = "dead"
	// StateHeld waits for a person and never holds back newer ones.
	StateHeld DeliveryState = "held"
)

// The ways in which a delivery ends other than by its final status.
const (
	EndWithdrawn = "withdrawn"
	EndRefused   = "refused"
	EndAnswered  = "answered"
	// EndMistyped: its options don't exist, and its author was told.
	EndMistyped = "mistyped"
	// EndAside: an edit made it a message between people.
	EndAside = "aside"
	// EndAbandoned: it was delivered, and the bridge stopped polling for its status.
	EndAbandoned = "abandoned"
	// EndSkipped: it was missed, and a person decided that it is too late to send it.
	EndSkipped = "skipped"
)

// Delivery is a message or a post that is owed to a remote.
type Delivery struct {
	State DeliveryState `json:"state"`
	// Accepted is when the bridge accepted it.
	Accepted time.Time `json:"accepted"`
	// Due is when the next attempt may be made.
	Due time.Time `json:"due"`
	// Attempts counts those that failed.
	Attempts int `json:"attempts,omitempty"`
	// InFlightSince is the latest time at which the call that may have been applied can
	// have begun.
	InFlightSince time.Time `json:"begun_at,omitzero"`
	// Misses counts the look-ups that didn't find it and were late enough to count.
	Misses int `json:"misses,omitempty"`
	// CheckedAt is when the last look-up began that was made because another process
	// may have delivered it. An old copy of the store that is put back doesn't know
	// such deliveries.
	CheckedAt time.Time `json:"proven_at,omitzero"`
	// Hold is why it waits for a person, where the state is StateHeld. A post can
	// have HoldBlocked in StateDone, too.
	Hold HoldReason `json:"hold,omitempty"`
	// Fault and Reason are those of the last failure, and FaultRemote is the system
	// that failed, or that asked us to wait.
	Fault       FaultClass `json:"fault,omitempty"`
	FaultRemote Remote     `json:"fault_remote,omitempty"`
	Reason      string     `json:"reason,omitempty"`
	// End says how it ended if it was not delivered.
	End string `json:"end,omitempty"`
	// Receipt proves the delivery: an Agen event id or a Slack ts.
	Receipt string `json:"receipt,omitempty"`
	// Settled is when nothing was owed any more. The record is kept for RETENTION after
	// that.
	Settled time.Time `json:"settled,omitzero"`
}

// HoldReason says why a message waits for a person to decide.
type HoldReason string

// The reasons for which a message is held.
const (
	// HoldNoThread: it was written in a thread that was not started after all. If a
	// later message starts the thread, it is sent.
	HoldNoThread HoldReason = "unseated"
	// HoldStale: it was found so late that a person is asked whether it is still
	// wanted.
	HoldStale HoldReason = "overdue"
	// HoldStopped: somebody asked to stop before it was sent.
	HoldStopped HoldReason = "stopped"
	// HoldNoRoute: the thread belongs to an Agen workspace that is not configured any
	// more, and no other workspace may get its messages.
	HoldNoRoute HoldReason = "unrouted"
	// HoldSessionClosed: its session is closed.
	HoldSessionClosed HoldReason = "missing"
	// HoldNearMiss: it is almost a command, and its author is asked which of the two it
	// is.
	HoldNearMiss HoldReason = "near_miss"
	// HoldUnsure: it is unknown whether it reached the agent.
	HoldUnsure HoldReason = "unsure"
	// HoldBlocked is for posts: Slack doesn't allow it there for now. It is tried
	// again when something happens in the thread. Of a post that stands there, it
	// is the change that is held.
	HoldBlocked HoldReason = "blocked"
)

// Upgrade converts a delivery that an earlier release wrote: the hold reason was stored
// in the fault, and some classes had other names.
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

// Waiting reports whether the delivery is ready or in flight.
func (d *Delivery) Waiting() bool { return d.State == StateReady || d.State == StateInFlight }

// MessageRecord is a Message on its way to the session.
type MessageRecord struct {
	Message
	Delivery
	// Rev is raised by every change of the record.
	Rev uint64 `json:"rev"`
	// LeftSession is the session that has the message, if the thread went on in another
	// one before the message's status was final.
	LeftSession string `json:"left_session,omitempty"`
	// CorrectionOf is the ts of the message that this one corrects; empty for the
	// message itself.
	CorrectionOf string `json:"of,omitempty"`
	// Authorized: its author may use the bot, according to Slack.
	Authorized bool `json:"vetted,omitempty"`
	// Stale: it was missed for so long that a person is asked whether it is still
	// wanted, once its author is authorized.
	Stale bool `json:"overdue,omitempty"`
	// MayOpenSession: a person had it sent again, so it may open a session, as a
	// mention may.
	MayOpenSession bool `json:"opens,omitempty"`
	// NeedsReread: its text is to be read from Slack again, because two edits have the
	// same timestamp.
	NeedsReread bool `json:"unclear,omitempty"`
	// AnswersQuestion: it answers a question of the agent.
	AnswersQuestion bool `json:"answers,omitempty"`
	// CarriesUnseen: its prompt includes the messages of the thread that the agent has
	// not seen.
	CarriesUnseen bool `json:"carries,omitempty"`
	// CarriesEarlier: earlier messages of the thread go along with it. RootOnly: of those
	// only the thread's first, since Agen refused it as too long.
	CarriesEarlier bool `json:"carries_earlier,omitempty"`
	RootOnly       bool `json:"root_only,omitempty"`
	// CarriesPreviews are the messages whose late previews go along with it.
	CarriesPreviews []string `json:"carries_previews,omitempty"`
	// Omitted is what did not go along, until its author is told.
	Omitted Omissions `json:"omitted,omitzero"`
	// ComposeFailures counts the failed attempts to compose it.
	ComposeFailures int `json:"composed,omitempty"`
	// DeletionPending: it was deleted while it could not be stopped any more. If it
	// turns out not to have been sent, it isn't sent, and neither is what an edit makes
	// of it.
	DeletionPending bool `json:"unwanted,omitempty"`
	// Conflicted: the session answered 409. If a look-up doesn't find it, it was
	// rejected.
	Conflicted bool `json:"conflicted,omitempty"`
	// Panicked: sending it hit a bug. If a look-up doesn't find it, it is given up.
	Panicked bool `json:"broke,omitempty"`
	// Status is the latest status that Agen gave, and FromTimeline is true if a read of
	// the timeline gave it. The response to a send never overwrites a status from the
	// timeline.
	Status       agen.Status `json:"status,omitempty"`
	FromTimeline bool        `json:"from_timeline,omitempty"`
	// Delayed: it waited long enough to be shown as delayed.
	Delayed bool `json:"late,omitempty"`
	// CorrectionShows is the reaction of the newest correction, which takes the place
	// of the message's own. CorrectionPending: a correction has not been settled yet.
	CorrectionShows   ReactionKind `json:"shadow,omitempty"`
	CorrectionPending bool         `json:"correcting,omitempty"`
	// Unshown tells that a post that answers or concerns it isn't shown.
	Unshown Unshown `json:"unshown,omitempty"`
	// NoteKey is the key of the note that names the message.
	NoteKey string `json:"note,omitempty"`
	// Reaction is the reaction on it.
	Reaction Reaction `json:"wish,omitzero"`
}

// Unshown says for how long something about a message is not shown. The empty one
// is for nothing.
type Unshown string

// The durations.
const (
	// UnshownForNow: as long as a post is held as HoldBlocked.
	UnshownForNow Unshown = "for_now"
	// UnshownForGood: Slack refused a post in every form.
	UnshownForGood Unshown = "for_good"
)

// ID identifies the record in its thread, and is the client_id of the send.
func (m *MessageRecord) ID() string {
	if m.CorrectionOf != "" {
		return m.CorrectionOf + ":" + m.TS
	}
	return m.TS
}

// Touch raises the revision: the store writes the records that were touched.
func (m *MessageRecord) Touch() { m.Rev++ }

// AwaitsQuestion reports whether a person will be asked about the message before it is
// sent, once its author is authorized.
func (m *MessageRecord) AwaitsQuestion() bool { return m.Stale || m.Meant != "" }

// Final reports whether the message's status will not change any more.
func (m *MessageRecord) Final() bool {
	return m.State != StateDone || m.Receipt == "" || m.End != "" ||
		m.Status == agen.StatusCompleted || m.Status == agen.StatusCanceled
}

// PostRecord is a Post on its way to Slack.
type PostRecord struct {
	Post
	Delivery
	// Rev is raised by every change of the record.
	Rev uint64 `json:"rev"`
	// Position orders the posts that were added: a clock that is set back doesn't
	// change their order.
	Position int `json:"seq,omitempty"`
	// Edition counts the versions of the post, and Shown is the version that is in
	// Slack.
	Edition int `json:"edition"`
	Shown   int `json:"shown"`
	// RecheckAt is when the post is updated once more: an update of unknown outcome
	// may be applied late, over a newer one. Zero if there was none.
	RecheckAt time.Time `json:"recheck,omitzero"`
	// Opening numbers the opening of the store in which the calls were made that may
	// not have ended.
	Opening uint64 `json:"boot,omitempty"`
	// EventAt is when Agen created the event that the post shows; zero for a note of
	// the bridge's own.
	EventAt time.Time `json:"event_at,omitzero"`
	// Open: it goes on changing for as long as its session lasts, or until the
	// question is answered.
	Open bool `json:"open,omitempty"`
	// About are the messages that the post names. For an answered question they are who
	// answered and what.
	About []string `json:"about,omitempty"`
	// ResponseUntil is how long the response URL of a private note works.
	ResponseUntil time.Time `json:"response_until,omitzero"`
	// Answers is the id of the newest message that the agent had when the post was
	// added: its reaction tells if the post can't be shown.
	Answers string `json:"answers,omitempty"`
	// Coalesced are the events of the agent that are shown together in one post, that
	// of the first event. Each of them has this list; it is empty for an event with a
	// post of its own.
	Coalesced []string `json:"together,omitempty"`
}

// ID identifies the record in its thread.
func (p *PostRecord) ID() string { return p.Key }

// Touch raises the revision: the store writes the records that were touched.
func (p *PostRecord) Touch() { p.Rev++ }

// ThreadState is all that the store holds of one thread and that can still change.
// Decisions read it and change it.
type ThreadState struct {
	Key      ThreadKey
	Thread   Thread
	Messages map[string]*MessageRecord
	Posts    map[string]*PostRecord
	Volatile Volatile
	// Audit is what a decision did, for the audit log. Never stored.
	Audit []AuditEvent
}

// AuditEvent is one thing that the bridge did. It holds ids and never message text. All fields
// but Event may be empty.
type AuditEvent struct {
	// Event is a verb in the past, in snake_case, such as message_accepted.
	Event string
	// Record is the id of the message or post that it concerns.
	Record string
	// User is the Slack id of the person who did it or whom it concerns.
	User string
	// Session is the Agen session, AgenEvent the id of the event in its timeline.
	Session, AgenEvent string
	// TS is Slack's timestamp of the post that was made or changed.
	TS string
	// Action is the button or the command, Emoji the reaction.
	Action, Emoji string
	// Status is Agen's status of the message.
	Status agen.Status
	// Reason is the class of a fault, or why a message is held or refused.
	Reason string
	// Delay is how long a message took from Slack's ts to its send, or an event of the
	// agent to its post. Zero if that is not known.
	Delay time.Duration
	// Debug: it happens all the time, so that only those who debug want to see it.
	Debug bool
}

// The audit events that others refer to.
const (
	// AuditSent is the event of a message that the session has, AuditPosted that of
	// a post that is in its thread.
	AuditSent   = "message_sent"
	AuditPosted = "post_created"
	// AuditGivenUp is the event of a message that can't be delivered; it is dead.
	AuditGivenUp = "message_given_up"
)

// NewThreadState returns the state of a thread that the store doesn't know.
func NewThreadState(key ThreadKey) *ThreadState {
	return &ThreadState{Key: key, Messages: map[string]*MessageRecord{}, Posts: map[string]*PostRecord{}}
}

// Clone returns a copy for a worker to keep. It is deep enough because decisions
// replace a slice in a record and never change its elements.
func (state *ThreadState) Clone() *ThreadState {
	c := *state
	c.Messages, c.Posts = cloneAll(state.Messages), cloneAll(state.Posts)
	c.Volatile.HoldUntil, c.Volatile.LeftReads = maps.Clone(state.Volatile.HoldUntil), maps.Clone(state.Volatile.LeftReads)
	c.Audit = nil
	return &c
}

// Undelivered counts the messages or posts that are owed to the remote and not
// delivered, and returns when the oldest of them was accepted.
func (state *ThreadState) Undelivered(remote Remote) (count int, oldest time.Time) {
	add := func(d *Delivery) {
		if !d.Waiting() {
			return
		}
		if count++; count == 1 || d.Accepted.Before(oldest) {
			oldest = d.Accepted
		}
	}
	if remote == ToAgen {
		for _, m := range state.Messages {
			add(&m.Delivery)
		}
		return count, oldest
	}
	for _, p := range state.Posts {
		add(&p.Delivery)
	}
	return count, oldest
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

// Resting reports whether the message needs no further step. The store moves it out of
// the way and keeps it, so that a redelivery is recognized.
func (m *MessageRecord) Resting() bool {
	if m.Reaction.Open || m.Waiting() || m.CorrectionPending || m.Unshown == UnshownForNow {
		return false
	}
	if m.State == StateDone {
		return m.Final()
	}
	return !m.Settled.IsZero()
}

// Resting reports the same of a post. A post that is open or has buttons can still
// change.
func (p *PostRecord) Resting() bool {
	return p.State == StateDead || p.State == StateDone && p.Shown == p.Edition && !p.MayBeUndone() && !p.Open && len(p.Actions()) == 0
}

// MayBeUndone reports whether an older update of the post may still be applied. The
// agent's text is not kept to repeat it, and a deleted post can't be changed any more.
func (p *PostRecord) MayBeUndone() bool { return !p.RecheckAt.IsZero() && !p.Markdown && !p.Withdrawn }
