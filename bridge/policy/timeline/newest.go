package timeline

import (
	"bytes"

	"github.com/agenbridge/agenbridge/agen"
)

// newestEvent keeps the newest of many events, in any order, without decoding the
// others. It leaves out a user message that is completed or canceled: it changes after
// the agent's last step and says nothing about what the agent does now.
type newestEvent struct{ raw, updated []byte }

func (n *newestEvent) keep(e *agen.RawEvent) {
	if e.Type() == agen.EventUserMessage && (e.Status() == agen.StatusCompleted || e.Status() == agen.StatusCanceled) {
		return
	}
	if updated := e.UpdatedAt(); n.raw == nil || !Earlier(updated, n.updated) {
		n.raw, n.updated = append(n.raw[:0], e.Bytes()...), append(n.updated[:0], updated...)
	}
}

// Earlier compares timestamps: two of the same length as text, which is cheap, and
// others as times, because a fraction may be written without its final zeros.
func Earlier(a, b []byte) bool {
	if len(a) != len(b) {
		x, ok := agen.ParseTime(string(a))
		y, too := agen.ParseTime(string(b))
		if ok && too {
			return x.Before(y)
		}
	}
	return bytes.Compare(a, b) < 0
}

// event returns the newest event; nil if there was none.
func (n *newestEvent) event() *agen.Event {
	var e agen.Event
	if n.raw == nil || e.UnmarshalJSON(n.raw) != nil {
		return nil // none, or one that can't be decoded
	}
	return &e
}
