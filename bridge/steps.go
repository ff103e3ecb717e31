package bridge

import "time"

// StepKind is one thing that a lane can owe to its remote.
type StepKind string

// Due returns when the lane of the remote has its next step; false when it
// has none until something comes in. The store keeps its index by this, and
// nothing else decides when a lane is claimed.
func (r *Rows) Due(remote Remote) (time.Time, bool) {
	return time.Time{}, false
}
