package timeline

import (
	"bytes"

	"github.com/agenbridge/agenbridge/agen"
)

// newestEvent keeps the last of many events without decoding the others. They may
// come in any order. A message that is dealt with is none of them: it becomes
// so after the agent's last step, and says nothing of what the agent does now.
type newestEvent struct{ raw, updated []byte }

func (n *newestEvent) keep(e *agen.RawEvent) {
	if e.Type() == agen.EventUserMessage && (e.Status() == agen.StatusCompleted || e.Status() == agen.StatusCanceled) {
		return
	}
	if updated := e.UpdatedAt(); n.raw == nil || !Earlier(updated, n.updated) {
		n.raw, n.updated = append(n.raw[:0], e.Bytes()...), append(n.updated[:0], updated...)
	}
}

// Earlier compares timestamps: those of one shape as text, which is cheap, and
// others as times, for a fraction may end without its zeros.
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

// event returns the last one, nil when there was none.
func (n *newestEvent) event() *agen.Event {
	var e agen.Event
	if n.raw == nil || e.UnmarshalJSON(n.raw) != nil {
		return nil // none, or one that holds nothing to be shown
	}
	return &e
}
