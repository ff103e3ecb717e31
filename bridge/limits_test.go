package bridge

import (
	"testing"
	"time"
)

func TestATallyForgetsWhatIsOver(t *testing.T) {
	tally := &newLimits(&Policy{MessagesPerMinute: 2}).messages
	for i, c := range []struct {
		after time.Duration
		full  bool
	}{{0, false}, {time.Second, false}, {2 * time.Second, true}, {59 * time.Second, true}, {60 * time.Second, false}, {2 * time.Hour, false}} {
		at := epoch.Add(c.after)
		if got := tally.full("U1", usage{at: at}); got != c.full {
			t.Errorf("%d: full %t, want %t", i, got, c.full)
		}
		if !c.full {
			tally.add("U1", usage{at.String(), at})
			tally.add("U1", usage{at.String(), at}) // it comes twice
		}
		if tally.full("U2", usage{at: at}) {
			t.Errorf("%d: somebody else is at the limit", i)
		}
	}
	if n := len(tally.done["U1"]); n != 1 {
		t.Errorf("times kept: got %d, want the last one", n)
	}
	none := &newLimits(&Policy{}).messages
	for i := range 1000 {
		none.add("U1", usage{ts(i), epoch})
	}
	if none.full("U1", usage{at: epoch}) || len(none.done) != 0 {
		t.Error("without a limit somebody is at it, or is counted")
	}
}

// TestAThreadTakesSoManyMessagesAndNoMore: who writes what is too many is told.
func TestAThreadTakesSoManyMessagesAndNoMore(t *testing.T) {
	w := bound(t)
	for i := range maxWaiting {
		w.hear(said(2+i, KindReply))
	}
	last := 2 + maxWaiting
	w.hear(said(last, KindReply))
	if m := w.row(ts(last)); m.State != StateDone || m.End != EndRefused || m.Body != nil {
		t.Errorf("one too many is %s, %q", m.State, m.End)
	}
	private := 0
	for _, p := range w.notes() {
		if p.To != "" && p.Note.Refusal == RefusedFull && p.Note.Limit == 500 {
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
		m := said(2+i, KindReply)
		m.OverLimit = RefusedPace
		w.hear(m)
	}
	if n := len(w.notes()); n != 1 || w.notes()[0].Note.Refusal != RefusedPace || w.notes()[0].Note.Limit != 3 {
		t.Errorf("notes: got %d, want one: %+v", n, w.notes())
	}
}
