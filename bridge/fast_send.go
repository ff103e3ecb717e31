package bridge

import (
	"sync/atomic"
)

// FastSend is a message that was begun by the transaction that took it on,
// with the words that it goes out with. It is for one worker.
type FastSend struct {
	MessageID string
	Prompt    Prompt
	taken     atomic.Bool
}

// WaitsFor reports whether the message is the departure's and nobody has taken it.
func (d *FastSend) WaitsFor(id string) bool { return d != nil && d.MessageID == id && !d.taken.Load() }

// Take returns what is to be sent, to whoever asks first.
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
	// Digest is that of the message which was composed, Route the route that
	// its thread had then.
	Digest uint64
	Route  string
	Prompt Prompt
}
