package bridge

import (
	"time"
)

// Reaction is the desired state of the reaction on a message, not a queue of changes.
type Reaction struct {
	// Desired is the emoji that the message should have; empty for none.
	Desired string `json:"want,omitempty"`
	// Possible are all emoji that the bot may have put on the message.
	Possible []string `json:"maybe,omitempty"`
	// Added and Removed record the progress of the present pass.
	Added   bool     `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
	// Open: the present pass has not ended.
	Open bool `json:"open,omitempty"`
	// MessageGone: the message was deleted in Slack, so no call is made for it.
	MessageGone bool `json:"gone,omitempty"`
	// Unknown: it is unknown which reactions the bot has on the message, because
	// another process put them there. They are read before the next pass.
	Unknown bool `json:"blind,omitempty"`
	// Due is when the next call may be made, and Attempts is how many have failed.
	Due      time.Time `json:"due,omitzero"`
	Attempts int       `json:"attempts,omitempty"`
	// Opening numbers the opening of the store in which the calls were made that may
	// not have ended.
	Opening uint64 `json:"boot,omitempty"`
	// PassStarted is when the present pass was to begin. A pass that began before
	// RecheckAt is not the last one.
	PassStarted time.Time `json:"began,omitzero"`
	RecheckAt   time.Time `json:"recheck,omitzero"`
}
