package bridge

import (
	"context"
	"errors"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// Remote is one of the two remote systems.
type Remote string

// The remotes. Each has a lane in every thread, and workers of its own.
const (
	ToAgen  Remote = "agen"
	ToSlack Remote = "slack"
)

// Decision changes the state of a thread, in a transaction, as it is at that moment. It
// must be pure except for its changes to the state: the store may run it more than
// once. It touches what it changes (MessageRecord.Touch and the like). A record that it
// takes out of a map is deleted, one that it puts in is added, and a Thread that is
// Unbound is forgotten. If it returns an error, nothing is changed.
type Decision func(state *ThreadState, at Instant) error

var (
	// ErrLost: the claim's lease ended, and another worker may have the lane.
	ErrLost = errors.New("claim lost")
	// ErrChanged: the record has changed since the worker read it.
	ErrChanged = errors.New("record changed meanwhile")
)

// Intake stores what comes in.
type Intake interface {
	// Accept applies decide to the state of a thread and returns when the result is on
	// disk. Besides the records that can still change, it loads those with the given
	// ids even if they rest: messages by MessageRecord.ID, posts by PostRecord.ID. If
	// decide changes nothing, nothing is written. The error is that of the disk or of
	// decide; nothing was changed then.
	Accept(ctx context.Context, thread ThreadKey, ids []string, decide Decision) error
	// Look calls look with the thread as the store has it in memory, and does nothing
	// if the store doesn't have it there. The state may be out of date when Look
	// returns. look must be quick, and must neither change nor keep the state: it runs
	// under a lock.
	Look(thread ThreadKey, look func(*ThreadState))
}

// Threads reads all threads, for decisions about more than one.
type Threads interface {
	// Each visits the threads that the bot takes part in, in the order of their keys,
	// until visit returns an error, and returns that error. A change made meanwhile may
	// or may not be seen.
	Each(ctx context.Context, visit func(ThreadKey, *Thread) error) error
	// Last returns the last thread that the bot takes part in, in the order of keys,
	// from one key on and before another; an empty key if there is none.
	Last(ctx context.Context, from, before ThreadKey) (ThreadKey, Thread, error)
}

// ChannelKey is the common beginning of the keys of all threads in one channel. Only
// slackapp builds one. The key of a thread is also a ChannelKey, which stands for that
// thread.
type ChannelKey string

// Channels changes all threads of a channel at once, each in one durable transaction.
// An error is that of the disk; nothing was changed then.
type Channels interface {
	// Pause applies decide to the records that can still change, and from then on hands
	// out none of the channel's lanes. It returns false if the channel was paused
	// already. New messages are still accepted.
	Pause(ctx context.Context, channel ChannelKey, decide Decision) (bool, error)
	// Resume ends a Pause for all threads of the channel and applies decide to them. It
	// returns false if none was paused.
	Resume(ctx context.Context, channel ChannelKey, decide Decision) (bool, error)
}

// Claim is a lane leased to a worker.
type Claim struct {
	// Thread and Remote name the lane.
	Thread ThreadKey
	Remote Remote
	// Token distinguishes this lease from a later one of the same lane.
	Token uint64
	// State is the thread as it was when the lane was claimed; it belongs to the
	// worker.
	State *ThreadState
	// AlsoLoad are the ids of records to load even if they rest, for the decisions of
	// Begin and Settle; the worker sets it.
	AlsoLoad []string
	// Deferrable means that the outcome may reach the disk a moment later, together
	// with others: nobody waits for it, and if it is lost the step is repeated or
	// looked up. The worker sets it.
	Deferrable bool
	// At is when the lane was claimed.
	At Instant
	// Changed is closed when something comes in for the thread while the lane
	// is leased.
	Changed <-chan struct{}
}

// Lanes hands out the lanes that are due.
type Lanes interface {
	// Claim leases the lane of the remote that has been due longest, for LeaseTime. It
	// returns nil if none is due.
	Claim(ctx context.Context, remote Remote) (*Claim, error)
	// Begin applies decide durably and keeps the lease. It returns ErrLost if the lease
	// is over, or the error of decide.
	Begin(ctx context.Context, claim *Claim, decide Decision) error
	// Settle applies decide durably and gives the lane back, also if it fails. A nil
	// decide only gives it back.
	Settle(ctx context.Context, claim *Claim, decide Decision) error
	// Due returns how long it is until a lane of the remote is due, an hour at most,
	// and a channel that is closed when that may have changed. It never waits for the
	// disk: liveness depends on it.
	Due(remote Remote) (time.Duration, <-chan struct{})
}

// Depth is how much is owed to a remote.
type Depth struct {
	// Lanes counts the threads that owe it something, now or later, polls included.
	Lanes int
	// LaneWait is how long the lane that is due longest has waited for a worker; 0
	// when none is due.
	LaneWait time.Duration
	// Undelivered counts the messages or posts that are ready or in flight, whatever
	// their due time, and Oldest is the age of the oldest of them. Those of threads
	// that are paused are not among them.
	Undelivered int
	Oldest      time.Duration
}

// Depths tells how much is owed. It never waits for the disk, and takes no longer the
// more is stored: readiness and metrics ask for it.
type Depths interface {
	Depth(remote Remote) Depth
}

// LeaseTime is how long a lane is leased; every step is shorter.
const LeaseTime = 60 * time.Second

// Composer checks and composes messages before they go to the agent. Its errors are
// Faults.
type Composer interface {
	// Authorize asks Slack what the event could not say: whether the author may use the
	// bot here. It fails closed: an unclear response is a Fault.
	Authorize(ctx context.Context, m Message) (Refusal, error)
	// Compose makes the prompt for the agent from the message.
	Compose(ctx context.Context, m Message, framing PromptContext) (Prompt, error)
	// ComposeCached does Authorize and Compose, with an empty PromptContext, if the
	// message is allowed and no call to Slack is needed; otherwise it returns false.
	ComposeCached(ctx context.Context, m Message) (Prompt, bool)
	// Reread reads a message from Slack again, with its present text, and checks again
	// what slackapp checks in an event. The error is ClassNotFound if the message is
	// not there.
	Reread(ctx context.Context, thread ThreadKey, ts string) (Message, error)
}

// Poster makes and changes posts in Slack. Its errors are Faults.
type Poster interface {
	// Post makes a new post and returns its Slack ts. The error is ClassUnsure if it
	// may have been made. If a ts is returned beside an error, the post was made in the
	// channel instead of the thread: ClassThreadDeleted if there is no thread.
	Post(ctx context.Context, thread ThreadKey, p Post) (string, error)
	// Update changes the content of a post. It may be repeated. What only one person
	// sees is changed, or deleted if it is withdrawn, at its ResponseURL.
	Update(ctx context.Context, thread ThreadKey, ts string, p Post) error
	// Delete removes a post from the thread. It may be repeated.
	Delete(ctx context.Context, thread ThreadKey, ts string) error
	// OwnPosts returns our own posts in the thread, in their order. Slack's history may
	// not have the newest ones yet.
	OwnPosts(ctx context.Context, thread ThreadKey) ([]OwnPost, error)
	// FindPost returns the ts of the newest post with the key in Post.Key; empty if it
	// is not there. It is ClassThreadDeleted beside the ts if the thread is gone and
	// the post stands in the channel, and ClassNotFound if the thread can't be read
	// and the post isn't in the channel.
	FindPost(ctx context.Context, thread ThreadKey, key string) (string, error)
}

// Reactor changes reactions on messages; an empty ts is the first message of the
// thread. Adding and removing may be repeated, and succeed if there is nothing to do.
// The error is ClassNotFound if the message is gone for good. Errors are Faults.
type Reactor interface {
	AddReaction(ctx context.Context, thread ThreadKey, ts, emoji string) error
	RemoveReaction(ctx context.Context, thread ThreadKey, ts, emoji string) error
	// OwnReactions returns the emoji with which the bot has reacted to a message.
	OwnReactions(ctx context.Context, thread ThreadKey, ts string) ([]string, error)
}

// Slack is one of the two remotes.
type Slack interface {
	Composer
	Poster
	Reactor
}

// Agen is the other remote: *agen.Client, whose errors it returns.
type Agen interface {
	SendMessage(ctx context.Context, sessionID, message, clientID string) (agen.Event, error)
	Timeline(ctx context.Context, sessionID, etag string, visit func(*agen.RawEvent) error) (string, error)
	CreateSession(ctx context.Context, s agen.SessionOptions) (agen.Session, error)
	ListSessions(ctx context.Context) ([]agen.Session, error)
}

// SessionOptions are how sessions are opened.
type SessionOptions struct {
	// Branch is the branch to start from; empty lets Agen choose.
	Branch string
	// AutoCommit lets the agent commit by itself.
	AutoCommit bool
	// Model is the agent's model; empty lets Agen choose.
	Model string
}
