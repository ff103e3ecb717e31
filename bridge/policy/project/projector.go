package project

import (
	"cmp"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Projector brings what a thread shows in line with its state.
type Projector struct {
	// PlainParts returns Markdown as plain text, in parts that one post each can
	// show without blocks; nil if there is no such form.
	PlainParts func(markdown string) []string
	// Reactions is the emoji of each kind of reaction, without colons. A kind that is
	// missing or empty is not shown.
	Reactions map[bridge.ReactionKind]string
	// MaxAge is how long the bridge tries to send a message before it gives up; 0 means
	// 72 hours.
	MaxAge time.Duration
	// Replies says which replies are for the agent if nobody chose; empty means all.
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

// GiveUpAfter is how long the bridge tries to send a message: MaxAge or its default.
func (p *Projector) GiveUpAfter() time.Duration {
	if p.MaxAge > 0 {
		return p.MaxAge
	}
	return 72 * time.Hour
}
