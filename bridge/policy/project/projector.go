package project

import (
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
