package project

import (
	"cmp"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Projector derives what a thread shows from its state.
type Projector struct {
	// PlainParts returns Markdown as plain text, split into parts that each fit into one
	// post without blocks. If PlainParts is nil, there is no plain-text form.
	PlainParts func(markdown string) []string
	// Reactions is the emoji for each kind of reaction, without colons. Kinds that are
	// missing or empty are not shown.
	Reactions map[bridge.ReactionKind]string
	// MaxAge is how long the bridge retries a message before it gives up. 0 means 72
	// hours.
	MaxAge time.Duration
	// Replies says which replies go to the agent if nobody chose that for the thread.
	// Empty means all.
	Replies bridge.Replies
}

// Listens reports whether replies without a mention go to the agent.
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

// GiveUpAfter returns how long the bridge retries a message: MaxAge or its default.
func (p *Projector) GiveUpAfter() time.Duration {
	if p.MaxAge > 0 {
		return p.MaxAge
	}
	return 72 * time.Hour
}
