package policy

import (
	"testing"

	"github.com/agenbridge/agenbridge/bridge"
)

// TestAThreadTakesSoManyMessagesAndNoMore: a message above the limit is refused, and its
// author gets a note.
func TestAThreadTakesSoManyMessagesAndNoMore(t *testing.T) {
	w := bound(t)
	for i := range bridge.MaxWaiting {
		w.hear(said(2+i, bridge.KindReply))
	}
	last := 2 + bridge.MaxWaiting
	w.hear(said(last, bridge.KindReply))
	if m := w.row(ts(last)); m.State != bridge.StateDone || m.End != bridge.EndRefused || m.Body != nil {
		t.Errorf("one too many is %s, %q", m.State, m.End)
	}
	private := 0
	for _, p := range w.notes() {
		if p.To != "" && p.Note.Refusal == bridge.RefusedFull && p.Note.Limit == 500 {
			private++
		}
	}
	if private != 1 {
		t.Errorf("private notes: got %d, want 1", private)
	}
}

func TestWhoFloodsIsToldOnce(t *testing.T) {
	w := bound(t)
	w.policy.MessagesPerMinute = 3
	for i := range 5 {
		m := said(2+i, bridge.KindReply)
		m.OverLimit = bridge.RefusedPace
		w.hear(m)
	}
	if n := len(w.notes()); n != 1 || w.notes()[0].Note.Refusal != bridge.RefusedPace || w.notes()[0].Note.Limit != 3 {
		t.Errorf("notes: got %d, want one: %+v", n, w.notes())
	}
}
