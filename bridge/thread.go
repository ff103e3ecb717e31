package bridge

import (
	"time"
)

// OpenedSession is a session that somebody has opened: the Count-th of its thread.
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
	// Started is when it became ours; zero for a thread that is not.
	Started time.Time `json:"started,omitzero"`
	// Continues is set for a line of a direct message that belongs to an earlier
	// thread: all about it is there.
	Continues ThreadKey `json:"continues,omitempty"`
	// StartTS is the ts of the message that started it: what was said before
	// is context, what was said after is for the agent.
	StartTS string `json:"first,omitempty"`
	// LastSent is the ts of the newest message that reached the session.
	LastSent string `json:"last_sent,omitempty"`
	// Route names the Agen workspace that it goes to, for good; empty is the
	// default one.
	Route string `json:"route,omitempty"`
	// Session is the Agen session behind it.
	Session Session `json:"session,omitzero"`
	// StartedAtRoot: it began with the message that started it.
	StartedAtRoot bool `json:"from_root,omitempty"`
	// Replies is which replies are for the agent, where somebody chose.
	Replies Replies `json:"replies,omitempty"`
	// ListenSince is when somebody last had every reply go to the agent again, as a
	// ts: what a sweep finds from before was not for the agent.
	ListenSince string `json:"listens,omitempty"`
	// Unseen is what was said that the agent has not seen.
	Unseen Span `json:"span_unseen,omitzero"`
	// LatePreviews are messages that the agent has without the previews of the messages
	// that they link to, which came later. They go along with the next message.
	LatePreviews []string `json:"late_previews,omitempty"`
	// Asker is the author of the newest message that reached the session: the
	// one whom a question mentions.
	Asker string `json:"asker,omitempty"`
	// QuestionReaction and Merged are the signs on its first message.
	QuestionReaction Reaction `json:"asking,omitzero"`
	MergedReaction   Reaction `json:"merged,omitzero"`
	// ReviewPending: what of the session's timeline stands in the thread already is not
	// known, and every post is looked up before it is made. Reviewed is the
	// restoration of the store after which that was last done.
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

// Unbound reports that the thread is not ours: the store forgets it.
func (t *Thread) Unbound() bool { return t.Started.IsZero() }

// Span is a part of a thread: what was said after one ts and up to another.
type Span struct {
	After string `json:"after,omitempty"`
	To    string `json:"to,omitempty"`
}

// Session is the Agen session behind a thread.
type Session struct {
	// ID is Agen's; empty before one was opened.
	ID string `json:"id,omitempty"`
	// Count tells the thread's sessions apart.
	Count int `json:"count,omitempty"`
	// OpenedFor is the message that it was opened for, and with whose options.
	OpenedFor string `json:"for,omitempty"`
	// OpenedAt is when it was, and News when its timeline last changed.
	OpenedAt time.Time `json:"opened,omitzero"`
	LastNews time.Time `json:"news,omitzero"`
	// Requested: somebody asked for it, so any message may open it.
	Requested bool `json:"fresh,omitempty"`
	// HasContext: it has the thread's earlier messages.
	HasContext bool `json:"primed,omitempty"`
	// EchoesClientIDs: the timeline carries our client ids. Without that proof an unsure
	// send is not repeated where unmarked messages stand in the timeline.
	EchoesClientIDs bool `json:"echo,omitempty"`
	// Closed: it is not at Agen any more. Only a mention, or a button, opens
	// another.
	Closed bool `json:"gone,omitempty"`
	// PollingStopped: the bridge stopped reading its timeline.
	PollingStopped bool `json:"unfollowed,omitempty"`
	// Card is what the post about it tells.
	Card Card `json:"card,omitzero"`
	// NotFoundStreak collects the 404s that may mean that it is gone.
	NotFoundStreak NotFoundStreak `json:"doubt,omitzero"`
}

// NotFoundStreak is what speaks for a session being gone: a gateway in mid-deploy
// answers 404 as well, so both calls must say so, and still a minute later.
type NotFoundStreak struct {
	// Since is the first 404 to a send.
	Since time.Time `json:"since,omitzero"`
	// TimelineToo: the timeline answered 404 after that.
	TimelineToo bool `json:"read,omitempty"`
	// StillAfter: the send answered 404 once more, a minute later.
	StillAfter bool `json:"again,omitempty"`
}

// Outage is a time in which the agent could not be reached.
type Outage struct {
	// Post is the key of the note.
	Post string `json:"post"`
	// From is when the oldest message that waits was taken on.
	From time.Time `json:"from"`
	// About are the messages that waited.
	About []string `json:"about"`
}

// Volatile is what a thread may forget at a restart: it is kept in memory, and a
// decision that changes nothing else writes nothing.
type Volatile struct {
	// NextPoll is when the timeline is to be read next.
	NextPoll time.Time
	// PollFailures counts polls that failed one after the other.
	PollFailures int
	// Fingerprint is a fingerprint of the timeline as last read.
	Fingerprint uint64
	// ETag is that of the timeline as last read, where Agen gives one.
	ETag string
	// ReadSlot is when it is this thread's turn to read, where it had to wait.
	ReadSlot time.Time
	// FastSend is the message that was begun last as it was taken on; nil for
	// none.
	FastSend *FastSend
	// HoldUntil tells for a kind of step how long the remote wants to be spared.
	HoldUntil map[StepKind]time.Time
	// RetryAgenAt and RetrySlackAt are when the thread may try again what failed at a
	// remote that is down, and BusyUntil when it may call an Agen that has enough to
	// do. The relay ends all three as soon as the remote answers.
	RetryAgenAt, RetrySlackAt, BusyUntil time.Time
}
