package relay

import (
	"fmt"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

var errDown = &bridge.Fault{Class: bridge.ClassTemporary}

// breakerWorld is a breaker with a clock that the test sets.
type breakerWorld struct {
	*breaker
	now time.Time
}

func newBreakerWorld(calls int) *breakerWorld {
	w := &breakerWorld{now: time.Unix(1_700_000_000, 0)}
	w.breaker = newBreaker(func() time.Time { return w.now }, calls)
	return w
}

// retry lets the thread call the remote again, and reports whether the call was admitted.
func (w *breakerWorld) retry(thread bridge.ThreadKey, err error) bool {
	_, ok := w.admit(thread, false)
	if ok {
		w.record(thread, err)
		w.done()
	}
	return ok
}

func TestARemoteThatIsDownIsProbedByOneThreadAtATime(t *testing.T) {
	w := newBreakerWorld(0)
	for n := range 200 {
		thread := bridge.ThreadKey(fmt.Sprint("T", n))
		if _, ok := w.admit(thread, true); !ok {
			t.Fatalf("%s was not tried once", thread)
		}
		w.record(thread, errDown)
		w.done()
	}
	var probes []int
	for second := range 120 {
		for n := range 200 {
			if w.retry(bridge.ThreadKey(fmt.Sprint("T", n)), errDown) {
				probes = append(probes, second)
			}
		}
		w.now = w.now.Add(time.Second)
	}
	for i, at := range probes {
		if i > 0 && at > 15 && at-probes[i-1] < 15 {
			t.Fatalf("two probes within 15 s: %v", probes)
		}
	}
	if len(probes) < 8 || probes[0] > 1 {
		t.Errorf("probes at %v", probes)
	}
}

func TestAnAnswerBringsBackAllThatWait(t *testing.T) {
	w := newBreakerWorld(0)
	for n := range 50 {
		w.record(bridge.ThreadKey(fmt.Sprint("T", n)), errDown)
	}
	w.now = w.now.Add(30 * time.Second)
	for n := range 50 {
		w.retry(bridge.ThreadKey(fmt.Sprint("T", n)), errDown)
	}
	if woken := w.awake(""); len(woken) != 0 {
		t.Fatalf("%v come back while the remote is down", woken)
	}
	w.record("T0", nil)
	back := map[bridge.ThreadKey]bool{}
	for range 50 {
		for _, thread := range w.awake("") {
			back[thread] = true
		}
	}
	if len(back) != 49 { // all but the thread that probed
		t.Errorf("%d threads come back, want 49", len(back))
	}
	if !w.retry("T49", nil) {
		t.Error("a thread is held back though the remote answers")
	}
}

// The step that was held back is settled after another thread got an answer.
func TestAnAnswerWhileAThreadIsBeingHeldBackIsNotLost(t *testing.T) {
	w := newBreakerWorld(0)
	w.record("T1", errDown)
	w.record("T2", errDown)
	if w.retry("T1", errDown) {
		t.Fatal("T1 is not held back")
	}
	w.record("T2", nil)
	if got := w.awake(""); len(got) != 1 || got[0] != "T1" {
		t.Fatalf("%v come back, want T1", got)
	}
	if got := w.awake("T1"); len(got) != 1 || got[0] != "T1" {
		t.Errorf("after T1 was settled %v come back, want T1", got)
	}
}

func TestAThreadThatFailsAloneHoldsBackNobodyElse(t *testing.T) {
	w := newBreakerWorld(0)
	for range 20 {
		w.record("T1", errDown)
	}
	if w.retry("T1", errDown) {
		t.Error("it may call as often as it likes")
	}
	if !w.retry("T2", nil) {
		t.Error("another thread is held back")
	}
}

func TestAnyClearAnswerClosesTheBreaker(t *testing.T) {
	for _, class := range []bridge.FaultClass{bridge.ClassRateLimited, bridge.ClassRejected, bridge.ClassNotFound, bridge.ClassUnauthorized, bridge.ClassConflict} {
		w := newBreakerWorld(0)
		w.record("T1", errDown)
		w.record("T2", &bridge.Fault{Class: bridge.ClassUnsure})
		if w.retry("T3", nil) {
			t.Fatal("the breaker is closed after two failures")
		}
		w.record("T4", &bridge.Fault{Class: class})
		if !w.retry("T3", nil) {
			t.Errorf("the breaker is open after %s", class)
		}
	}
}

func TestCallsUnderWayAreBounded(t *testing.T) {
	w := newBreakerWorld(2)
	for _, thread := range []bridge.ThreadKey{"T1", "T2"} {
		if _, ok := w.admit(thread, true); !ok {
			t.Fatalf("%s may not call", thread)
		}
	}
	if h, ok := w.admit("T3", true); ok || !h.Busy {
		t.Fatalf("a third call is begun: %+v", h)
	}
	if got := w.awake("T3"); len(got) != 0 {
		t.Fatalf("%v come back while all calls are under way", got)
	}
	w.done()
	if got := w.awake(""); len(got) != 1 || got[0] != "T3" {
		t.Errorf("%v come back, want T3", got)
	}
}
