package bridge

import (
	"context"
	"errors"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// Remote is one of the two systems that things are owed to.
type Remote string

// The remotes. Each has its lane in every thread, and its own workers.
const (
	ToAgen  Remote = "agen"
	ToSlack Remote = "slack"
)

// Decision changes the rows of a thread, in a transaction, as they are at that
// moment. It must be pure but for what it writes into the rows: the store
// may run it more than once. What it changes it touches (MessageRecord.Touch and
// its like); a row taken out of the maps is deleted, one put in is added, and a
// Thread that is Vacant is forgotten. Where it returns an error nothing is
// changed.
type Decision func(state *ThreadState, at Instant) error

var (
	// ErrLost: the claim's lease ended and the lane may be somebody else's.
	ErrLost = errors.New("claim lost")
	// ErrChanged: the row is not what the worker looked at any more.
	ErrChanged = errors.New("row changed meanwhile")
)

// Intake takes on what comes in.
type Intake interface {
	// Accept applies decide to the rows of a thread and returns when the
	// result is on disk. Besides the rows that can still change, those with
	// the given ids are loaded even when they rest: messages by MessageRecord.ID,
	// posts by PostRecord.ID. When decide changes nothing, nothing is written.
	// The error is the disk's or the decision's; nothing was changed then.
	Accept(ctx context.Context, thread ThreadKey, ids []string, decide Decision) error
	// Look calls look with the thread as the store has it in memory, and does
	// nothing where it hasn't. What is seen may be out of date when Look
	// returns. look must be quick, and neither change nor keep anything: it runs
	// under a lock.
	Look(thread ThreadKey, look func(*ThreadState))
}

// Threads knows all threads, for what is about more than one.
type Threads interface {
	// Each visits the threads that are ours, in the order of their keys, until
	// visit returns an error, and returns that. What changes meanwhile may or
	// may not be seen.
	Each(ctx context.Context, visit func(ThreadKey, *Thread) error) error
	// Last returns the last thread that is ours, in the order of keys, from one
	// key on and before another; an empty key when there is none.
	Last(ctx context.Context, from, before ThreadKey) (ThreadKey, Thread, error)
}

// ChannelKey is what the keys of all threads in one channel begin with. Only
// slackapp builds one. The key of a single thread is one, too: that of itself.
type ChannelKey string

// Channels changes all threads of a channel at once, each in one durable
// transaction. Their errors are the disk's; nothing was changed then.
type Channels interface {
	// Pause applies decide to the rows that can still change, and hands out none
	// of the lanes from now on; it says whether it did not rest already. What
	// comes in is taken on all the same.
	Pause(ctx context.Context, channel ChannelKey, decide Decision) (bool, error)
	// Resume ends what Pause began, for all threads of the channel, and applies
	// decide to them; it says whether any rested.
	Resume(ctx context.Context, channel ChannelKey, decide Decision) (bool, error)
}

// Claim is a lane leased to a worker.
type Claim struct {
	// Thread and Remote name the lane.
	Thread ThreadKey
	Remote Remote
	// Token tells this lease from a later one of the same lane.
	Token uint64
	// State is the thread as it was when the lane was claimed; the worker's own.
	State *ThreadState
	// AlsoLoad are the ids of rows to load even when they rest, for the decisions
	// of Begin and Settle; the worker sets it.
	AlsoLoad []string
	// Deferrable tells that the outcome may come to the disk a moment later, with
	// others: nobody waits for it, and if it is lost the step is repeated or
	// looked up. The worker sets it.
	Deferrable bool
	// At is when that was.
	At Instant
	// Changed is closed when something comes in for the thread while the lane
	// is leased.
	Changed <-chan struct{}
}

// Lanes hands out what is due.
type Lanes interface {
	// Claim leases the lane of the remote that is due longest, for LeaseTime.
	// It returns nil when none is due.
	Claim(ctx context.Context, remote Remote) (*Claim, error)
	// Begin applies decide durably and keeps the lease. It returns ErrLost
	// when the lease is over, and what decide returns.
	Begin(ctx context.Context, claim *Claim, decide Decision) error
	// Settle applies decide durably and gives the lane back, also when it
	// fails. A nil decide only gives it back.
	Settle(ctx context.Context, claim *Claim, decide Decision) error
	// Due tells how long it is until a lane of the remote is due, an hour at
	// most, and returns a channel that is closed when that may have changed. It
	// never waits for the disk: liveness depends on it.
	Due(remote Remote) (time.Duration, <-chan struct{})
}

// LeaseTime is how long a lane is leased; longer than any step.
const LeaseTime = 60 * time.Second

// Composer looks at messages before they go to the agent. Its errors are Faults.
type Composer interface {
	// Authorize asks Slack what the event could not tell: whether the author may
	// use the bot here. It fails closed: an answer that isn't clear is a Fault.
	Authorize(ctx context.Context, m Message) (Refusal, error)
	// Compose puts the message into the words that the agent reads.
	Compose(ctx context.Context, m Message, framing PromptContext) (Prompt, error)
	// ComposeCached is Vet and Compose, in an empty Framing, for a message that may
	// pass, where that asks Slack nothing: false where it would.
	ComposeCached(ctx context.Context, m Message) (Prompt, bool)
	// Reread reads a message from Slack again, with its present wording, and
	// through the first half of the gate. Missing when it is not there.
	Reread(ctx context.Context, thread ThreadKey, ts string) (Message, error)
}

// Poster shows posts in Slack. Its errors are Faults.
type Poster interface {
	// Post says something new and returns its Slack ts. Unsure when it may
	// have been said. If a ts is returned beside an error, it was said in the
	// channel instead of the thread: ClassThreadDeleted if there is no thread.
	Post(ctx context.Context, thread ThreadKey, p Post) (string, error)
	// Update changes what a post says. It may be repeated. What only one person
	// sees is changed, or if it is withdrawn deleted, at its ResponseURL.
	Update(ctx context.Context, thread ThreadKey, ts string, p Post) error
	// Delete takes a post out of the thread. It may be repeated.
	Delete(ctx context.Context, thread ThreadKey, ts string) error
	// OwnPosts returns our own posts in the thread, in their order. Slack's
	// history lags behind them.
	OwnPosts(ctx context.Context, thread ThreadKey) ([]OwnPost, error)
	// FindPost returns the ts of the newest post with the key in Post.Key; empty
	// when it is not there. It is ClassThreadDeleted beside the ts if the thread is
	// gone and the post stands in the channel, and ClassNotFound if the thread can't
	// be read and it doesn't.
	FindPost(ctx context.Context, thread ThreadKey, key string) (string, error)
}

// Reactor puts reactions on messages; an empty ts is the first message of the
// thread. The first two may be repeated, and succeed when there is nothing to
// do; Missing when the message is gone for good. Its errors are Faults.
type Reactor interface {
	AddReaction(ctx context.Context, thread ThreadKey, ts, emoji string) error
	RemoveReaction(ctx context.Context, thread ThreadKey, ts, emoji string) error
	// OwnReactions returns the emoji on a message that are ours.
	OwnReactions(ctx context.Context, thread ThreadKey, ts string) ([]string, error)
}

// Slack is the one remote.
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
