package project

import (
	"cmp"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Projector brings what a thread shows in line with its state.
type Projector struct {
	// Reactions is the emoji of each kind of reaction, without colons; none is
	// shown for a kind that is missing or empty.
	Reactions map[bridge.ReactionKind]string
	// MaxAge is how long a message is tried before it is given up; 0 means 72
	// hours.
	MaxAge time.Duration
	// Replies says which replies are for the agent where nobody chose; empty means
	// all.
	Replies bridge.Replies
}

// Listens reports whether replies without a mention are for the agent.
func (p *Projector) Listens(t *bridge.Thread) bool {
	switch cmp.Or(t.Replies, p.Replies) {
	case bridge.RepliesMentions:
		return false
	case bridge.RepliesStarted:
		return t.StartedAtRoot
	default:
		return true
	}
}

// GiveUpAfter is how long a message is tried: MaxAge or its default.
func (p *Projector) GiveUpAfter() time.Duration {
	if p.MaxAge > 0 {
		return p.MaxAge
	}
	return 72 * time.Hour
}
