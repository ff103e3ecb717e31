package storetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// see adds events to the seen events of the thread: count events from the first one on,
// all in the state as.
func see(first, count, as uint64) bridge.Decision {
	return func(state *bridge.ThreadState, _ bridge.Instant) error {
		var events []bridge.SeenEvent
		for id := first; id < first+count; id++ {
			events = append(events, bridge.SeenEvent{ID: id, State: as})
		}
		state.Thread.Seen = state.Thread.Seen.With(events)
		state.Thread.Touch()
		return nil
	}
}

// sketchSeen shows the state of the first events that were seen.
func sketchSeen(seen bridge.SeenEvents) string {
	out := ""
	for id := range uint64(8) {
		if state, ok := seen.State(id); ok {
			out += fmt.Sprintf(" %d:%d", id, state)
		}
	}
	return out
}

// checkSeen checks the states of the events 0 to 999. Other events are unknown.
func (w *world) checkSeen(thread bridge.ThreadKey, want map[uint64]uint64) {
	w.Helper()
	seen := w.rows(thread).Thread.Seen
	for id := range uint64(1000) {
		got, ok := seen.State(id)
		if state, wanted := want[id]; got != state || ok != wanted {
			w.Fatalf("event %d of thread %s: got state %d, known %t, want %d, %t", id, thread, got, ok, state, wanted)
		}
	}
}

func seenSurvive(w *world) {
	w.accept("A", nil, bind("s1"))
	want := map[uint64]uint64{}
	for read := range uint64(60) {
		first := read * 7 % 500
		w.accept("A", nil, see(first, 10, read))
		for id := first; id < first+10; id++ {
			want[id] = read
		}
		switch read % 10 {
		case 3:
			w.crash()
		case 7:
			w.reopen()
		}
		w.checkSeen("A", want)
	}
	w.accept("AB", nil, seq(bind("s2"), see(0, 3, 1), poll(time.Hour))) // its key begins with the other thread's key
	w.crash()
	w.checkSeen("A", want)
	w.checkSeen("AB", map[uint64]uint64{0: 1, 1: 1, 2: 1})
	// A worker gets them as well.
	w.accept("AB", nil, poll(time.Hour))
	if state, ok := w.claim(bridge.ToAgen).State.Thread.Seen.State(0); !ok || state != want[0] {
		w.Errorf("event 0 in a claim: got state %d, known %t, want %d", state, ok, want[0])
	}
}

func seenOfFailures(w *world) {
	w.accept("A", nil, seq(bind("s1"), see(0, 2, 1)))
	if err := w.s.Accept(w.ctx(), "A", nil, seq(see(1, 5, 2), fail(errors.New("no")))); err == nil {
		w.Error("accept: got no error, want the decision's")
	}
	w.checkSeen("A", map[uint64]uint64{0: 1, 1: 1})
	w.accept("A", nil, see(2, 1, 3))
	w.crash()
	w.checkSeen("A", map[uint64]uint64{0: 1, 1: 1, 2: 3})
}

// seenMove: a session moves to another thread, together with its seen events. After that,
// each thread has its own.
func seenMove(w *world) {
	w.accept("A", nil, seq(bind("s1"), see(0, 300, 1)))
	w.accept("B", nil, seq(bind("s2"), see(500, 400, 2)))
	var taken bridge.SeenEvents
	w.accept("A", nil, look(func(state *bridge.ThreadState, _ bridge.Instant) { taken = state.Thread.Seen }))
	w.accept("B", nil, func(state *bridge.ThreadState, _ bridge.Instant) error {
		state.Thread.Seen = taken
		state.Thread.Touch()
		return nil
	})
	w.accept("B", nil, see(300, 1, 3))
	w.accept("A", nil, see(0, 1, 4))
	a, b := map[uint64]uint64{}, map[uint64]uint64{300: 3}
	for id := range uint64(300) {
		a[id], b[id] = 1, 1
	}
	a[0] = 4
	w.checkSeen("A", a)
	w.checkSeen("B", b)
	w.crash()
	w.checkSeen("A", a)
	w.checkSeen("B", b)
}

// seenForgotten: the seen events of a thread are removed with it.
func seenForgotten(w *world) {
	w.accept("A", nil, seq(bind("s1"), see(0, 300, 1)))
	w.accept("A", nil, unbind)
	w.accept("A", nil, seq(bind("s2"), see(5, 1, 2)))
	w.crash()
	w.checkSeen("A", map[uint64]uint64{5: 2})
	w.accept("A", nil, seq(unbind, bind("s3"), see(6, 1, 3)))
	w.crash()
	w.checkSeen("A", map[uint64]uint64{6: 3})
	w.clock.Advance(threadRetention)
	w.prune()
	w.accept("A", nil, bind("s4"))
	w.reopen()
	w.checkSeen("A", nil)
}
