package timeline

import (
	"bytes"

	"github.com/agenbridge/agenbridge/agen"
)

// newestEvent keeps the newest of many events, which may come in any order, without
// decoding the others. It ignores completed and canceled user messages: they change after
// the agent's last step and say nothing about what the agent is doing.
type newestEvent struct{ raw, updated []byte }

func (n *newestEvent) keep(e *agen.RawEvent) {
	if e.Type() == agen.EventUserMessage && (e.Status() == agen.StatusCompleted || e.Status() == agen.StatusCanceled) {
		return
	}
	if updated := e.UpdatedAt(); n.raw == nil || !Earlier(updated, n.updated) {
		n.raw, n.updated = append(n.raw[:0], e.Bytes()...), append(n.updated[:0], updated...)
	}
}

// Earlier compares timestamps. Timestamps of the same length are compared as text, which
// is cheap. Others are compared as times, because trailing zeros of a fraction may be
// left out.
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

// event returns the newest event, or nil if there is none.
func (n *newestEvent) event() *agen.Event {
	var e agen.Event
	if n.raw == nil || e.UnmarshalJSON(n.raw) != nil {
		return nil // there is none, or it can't be decoded
	}
	return &e
}
