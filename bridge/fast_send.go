package bridge

import (
	"sync/atomic"
)

// FastSend is a message that was marked as in flight by the transaction that accepted
// it, with its prompt. One worker takes it.
type FastSend struct {
	MessageID string
	Prompt    Prompt
	taken     atomic.Bool
}

// WaitsFor reports whether this is the message and no worker has taken it.
func (d *FastSend) WaitsFor(id string) bool { return d != nil && d.MessageID == id && !d.taken.Load() }

// Take returns the prompt to the first caller.
func (d *FastSend) Take() (Prompt, bool) {
	if d == nil || d.taken.Swap(true) {
		return Prompt{}, false
	}
	prompt := d.Prompt
	d.Prompt = Prompt{}
	return prompt, true
}

// Draft is a message composed before the store accepts it, so that its acceptance
// can mark it as in flight as well.
type Draft struct {
	// Digest is that of the message that was composed, and Route the route of its
	// thread at that time.
	Digest uint64
	Route  string
	Prompt Prompt
}
