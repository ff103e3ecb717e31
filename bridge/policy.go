package bridge

import (
	"cmp"
	"math/rand/v2"
	"time"
)

// Policy is what the operator decided, and with it the decisions themselves:
// its methods say what follows from what, as functions over rows.
type Policy struct {
	// Reactions is the emoji of each sign, without colons; none for a sign
	// that is missing or empty.
	Reactions map[ReactionKind]string
	// MaxAge is how long a message is tried before it is given up; 0 means
	// 72 hours.
	MaxAge time.Duration
	// AskAfter is how old a message may be that was missed to be sent without
	// asking; 0 means one hour, negative that it is always asked.
	AskAfter time.Duration
	// WatchMax is how long a timeline without news is followed; 0 means 720
	// hours.
	WatchMax time.Duration
	// Route names the route of a thread that begins; nil means the default one
	// for all.
	Route func(ThreadKey) string
	// Replies is which replies are for the agent where nobody chose; empty
	// means all.
	Replies Replies
	// Options are the names of the options that a first message may begin with.
	Options []string
	// LinkAny lets people link any session of the workspace to a thread, and not
	// only those that they asked for themselves.
	LinkAny bool
	// MessagesPerMinute is how many messages a person may write in a minute, and
	// SessionsPerDay how many sessions a person may open in a day; 0 for no limit.
	MessagesPerMinute, SessionsPerDay int
	// Mirror shows in the thread what people type in the Agen app.
	Mirror bool
	// PostLimit is how much Markdown Slack shows in one post, in characters; 0
	// means 11,500: a payload takes 12,000 in its markdown blocks
	// (https://docs.slack.dev/reference/block-kit/blocks/markdown-block), and the
	// marks that splitting adds need some room, as does the heading of a note.
	PostLimit int
	// Jitter returns a number in [0,1) for the backoff; nil means a random one.
	Jitter func() float64
}

// DefaultReactions returns the emoji of each sign as the design names them.
func DefaultReactions() map[ReactionKind]string {
	return map[ReactionKind]string{
		ReactionQueued:     "hourglass_flowing_sand",
		ReactionProcessing: "eyes",
		ReactionCompleted:  "white_check_mark",
		ReactionCanceled:   "black_square_for_stop",
		ReactionDelayed:    "electric_plug",
		ReactionFailed:     "warning",
		ReactionQuestion:   "raising_hand",
		ReactionMerged:     "twisted_rightwards_arrows",
	}
}

func (p *Policy) maxAge() time.Duration {
	if p.MaxAge > 0 {
		return p.MaxAge
	}
	return 72 * time.Hour
}

func (p *Policy) postLimit() int { return cmp.Or(p.PostLimit, 11_500) }

func (p *Policy) askAfter() time.Duration {
	if p.AskAfter != 0 {
		return p.AskAfter
	}
	return time.Hour
}

func (p *Policy) watchMax() time.Duration {
	if p.WatchMax > 0 {
		return p.WatchMax
	}
	return 720 * time.Hour
}

// The bounds of the backoff.
const (
	backoffMin = time.Second
	backoffMax = 5 * time.Minute
)

// backoff returns how long to wait after the given number of failed attempts:
// exponential, with full jitter over a floor so that it never spins.
func (p *Policy) backoff(attempts int) time.Duration {
	ceiling := backoffMax
	if attempts < 10 {
		ceiling = min(backoffMax, backoffMin<<max(attempts-1, 0))
	}
	jitter := rand.Float64
	if p.Jitter != nil {
		jitter = p.Jitter
	}
	return backoffMin/2 + time.Duration(jitter()*float64(ceiling))
}

// unauthorizedPause is how long a side whose credential is refused is left
// alone between two tries.
const unauthorizedPause = time.Minute

// pause returns how long a side that wants to be left alone is.
func pause(err error) time.Duration {
	switch wait := waitOf(err); {
	case wait > 0:
		return wait
	case classOf(err) == ClassUnauthorized:
		return unauthorizedPause
	default:
		return 30 * time.Second
	}
}

// hold spares a remote a kind of step, in memory only.
func (r *ThreadState) hold(kind StepKind, until time.Time) {
	if r.Volatile.HoldUntil == nil {
		r.Volatile.HoldUntil = map[StepKind]time.Time{}
	}
	r.Volatile.HoldUntil[kind] = until
}

// audit notes what a decision did.
func (r *ThreadState) audit(name, row, detail string) {
	r.Audit = append(r.Audit, AuditEvent{Event: name, Record: row, Detail: detail})
}
