package bridge

import (
	"time"
)

// OpenedSession is a session that a person opened: the Count-th of its thread.
type OpenedSession struct {
	Thread ThreadKey
	Count  int
	By     string
	At     time.Time
}

// Thread is a conversation that the bot takes part in.
type Thread struct {
	// Rev is raised by every change.
	Rev uint64 `json:"rev"`
	// Started is when the bot began to take part; zero if it doesn't.
	Started time.Time `json:"started,omitzero"`
	// Continues is set for a message in a direct message that belongs to an earlier
	// thread: the state is kept there.
	Continues ThreadKey `json:"continues,omitempty"`
	// StartTS is the ts of the message that started it. Earlier messages are context,
	// and later ones are for the agent.
	StartTS string `json:"first,omitempty"`
	// LastSent is the ts of the newest message that reached the session.
	LastSent string `json:"last_sent,omitempty"`
	// Route names the Agen workspace that it goes to, for good; empty is the
	// default one.
	Route string `json:"route,omitempty"`
	// Session is the Agen session behind it.
	Session Session `json:"session,omitzero"`
	// LastPrompt is the id of the newest message that reached the session and that
	// somebody wrote: the agent's words are an answer to it.
	LastPrompt string `json:"last_prompt,omitempty"`
	// Deleted: it isn't in Slack any more, and nothing is posted there.
	Deleted bool `json:"deleted,omitempty"`
	// StartedAtRoot: the message that started it is the root of the Slack thread.
	StartedAtRoot bool `json:"from_root,omitempty"`
	// Replies is which replies are for the agent, if somebody chose.
	Replies Replies `json:"replies,omitempty"`
	// ListenSince is when somebody last chose that every reply goes to the agent, as a
	// ts. Replies that a backfill finds from before that were not for the agent.
	ListenSince string `json:"listens,omitempty"`
	// Unseen is the part of the thread that the agent has not seen.
	Unseen Span `json:"span_unseen,omitzero"`
	// LatePreviews are messages that the agent has without the previews of the messages
	// that they link to, which came later. They go along with the next message.
	LatePreviews []string `json:"late_previews,omitempty"`
	// Asker is the author of the newest message that reached the session. A question
	// mentions that person.
	Asker string `json:"asker,omitempty"`
	// QuestionReaction and MergedReaction are the reactions on the root besides its
	// status.
	QuestionReaction Reaction `json:"asking,omitzero"`
	MergedReaction   Reaction `json:"merged,omitzero"`
	// ReviewPending: it is unknown which events of the session's timeline the thread
	// shows already, and every post is looked up before it is made. ReviewedAt is the
	// restoration of the store after which that was last settled.
	ReviewPending bool      `json:"review,omitempty"`
	ReviewedAt    time.Time `json:"reviewed,omitzero"`
	// Seen are the events of the session's timeline that have been dealt with. It
	// changes like any other field, with a Touch, but a store keeps it apart from
	// the record, since it can be long: see SeenEvents.Unstored. Where a thread is
	// read without its messages and posts it is empty.
	Seen SeenEvents `json:"-"`
	// Outage is the delay note that is open, if one is.
	Outage *Outage `json:"outage,omitempty"`
	// FailureNote is the key of the failure note that is open, if one is.
	FailureNote string `json:"failure,omitempty"`
}

// Touch raises the revision: the store writes what was touched.
func (t *Thread) Touch() { t.Rev++ }

// Unbound reports that the bot doesn't take part in the thread: the store forgets it.
func (t *Thread) Unbound() bool { return t.Started.IsZero() }

// Span is the part of a thread after one ts and up to another.
type Span struct {
	After string `json:"after,omitempty"`
	To    string `json:"to,omitempty"`
}

// Session is the Agen session behind a thread.
type Session struct {
	// ID is Agen's; empty before one was opened.
	ID string `json:"id,omitempty"`
	// Count numbers the thread's sessions.
	Count int `json:"count,omitempty"`
	// OpenedFor is the message for which, and with whose options, it was opened.
	OpenedFor string `json:"for,omitempty"`
	// Openings counts the sessions that may have been opened and that nobody knows,
	// since the outcome could not be stored.
	Openings int `json:"openings,omitempty"`
	// OpenedAt is when it was opened, and LastNews when its timeline last changed.
	OpenedAt time.Time `json:"opened,omitzero"`
	LastNews time.Time `json:"news,omitzero"`
	// Requested: somebody asked for a new session, so any message may open it.
	Requested bool `json:"fresh,omitempty"`
	// HasContext: it has got the thread's earlier messages.
	HasContext bool `json:"primed,omitempty"`
	// EchoesClientIDs: the timeline has shown our client ids. Without that proof an
	// unsure send is not repeated if the timeline has messages without a client id.
	EchoesClientIDs bool `json:"echo,omitempty"`
	// Closed: Agen has closed or lost it. Only a mention or a button opens another.
	Closed bool `json:"gone,omitempty"`
	// PollingStopped: the bridge stopped reading its timeline.
	PollingStopped bool `json:"unfollowed,omitempty"`
	// Card is the content of the post about it.
	Card Card `json:"card,omitzero"`
	// NotFoundStreak collects the 404 responses that may mean that the session is gone.
	NotFoundStreak NotFoundStreak `json:"doubt,omitzero"`
}

// NotFoundStreak is the evidence that a session is gone. A gateway in the middle of a
// deployment answers 404 as well, so both calls must say so, and again a minute later.
type NotFoundStreak struct {
	// Since is the first 404 to a send.
	Since time.Time `json:"since,omitzero"`
	// TimelineToo: the timeline answered 404 after that.
	TimelineToo bool `json:"read,omitempty"`
	// Unread is the first 404 of the timeline while nothing waited.
	Unread time.Time `json:"unread,omitzero"`
	// StillAfter: the send answered 404 once more, a minute later.
	StillAfter bool `json:"again,omitempty"`
}

// Outage is a time in which a remote could not be reached.
type Outage struct {
	// Post is the key of the note.
	Post string `json:"post"`
	// Remote is the system that fails; empty for Agen.
	Remote Remote `json:"remote,omitempty"`
	// From is when the oldest waiting message was accepted.
	From time.Time `json:"from"`
	// About are the messages that waited.
	About []string `json:"about"`
}

// Volatile is the part of a thread that a restart may lose. It is kept in memory, and a
// decision that changes nothing else writes nothing.
type Volatile struct {
	// NextPoll is when the timeline is to be read next.
	NextPoll time.Time
	// PollFailures counts the polls that failed since the last success.
	PollFailures int
	// Fingerprint is a fingerprint of the timeline as last read.
	Fingerprint uint64
	// ETag is that of the timeline as last read; empty if Agen gave none.
	ETag string
	// ReadSlot is the reserved time of this thread's next read, if it had to wait for
	// one.
	ReadSlot time.Time
	// FastSend is the message that was marked as in flight by the transaction that
	// accepted it; nil for none.
	FastSend *FastSend
	// LeftReads is when the timeline of a session that the thread left is read next, by
	// the session's id.
	LeftReads map[string]time.Time
	// HoldUntil is the time until which a kind of step must not be made.
	HoldUntil map[StepKind]time.Time
	// RetryAgenAt and RetrySlackAt are when the thread may try again what failed at a
	// remote that is down, and BusyUntil when it may call an Agen that has enough to
	// do. The relay ends all three as soon as the remote answers.
	RetryAgenAt, RetrySlackAt, BusyUntil time.Time
}
