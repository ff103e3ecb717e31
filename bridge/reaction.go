package bridge

import (
	"time"
)

// Reaction is a reaction to be shown: a state, not a queue of changes.
type Reaction struct {
	// Desired is the emoji to be shown; empty for none.
	Desired string `json:"want,omitempty"`
	// Possible are all emoji that may stand on the message because of us.
	Possible []string `json:"maybe,omitempty"`
	// Added and Removed tell how far the present pass has come.
	Added   bool     `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
	// Open: the pass is not at its end.
	Open bool `json:"open,omitempty"`
	// MessageGone: there is no message any more that anything could be shown on.
	MessageGone bool `json:"gone,omitempty"`
	// Unknown: what stands on the message because of us is not known, for another
	// process put it there. It is read before the next pass.
	Unknown bool `json:"blind,omitempty"`
	// Due is when the next call may be made, Attempts how many failed.
	Due      time.Time `json:"due,omitzero"`
	Attempts int       `json:"attempts,omitempty"`
	// Opening is the opening of the store in which the calls were made that are
	// not known to be over.
	Opening uint64 `json:"boot,omitempty"`
	// PassStarted is when the present pass was to begin. One that began before
	// Recheck is not the last.
	PassStarted time.Time `json:"began,omitzero"`
	RecheckAt   time.Time `json:"recheck,omitzero"`
}
