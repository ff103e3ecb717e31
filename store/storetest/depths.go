package storetest

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// depth checks how much is undelivered, and the age of the oldest item.
func (w *world) depth(remote bridge.Remote, undelivered int, oldest time.Duration) {
	w.Helper()
	if got := w.s.Depth(remote); got.Undelivered != undelivered || got.Oldest != oldest {
		w.Errorf("depth for %s: got %d undelivered, the oldest %v old, want %d, %v", remote, got.Undelivered, got.Oldest, undelivered, oldest)
	}
}

func depthIsTold(w *world) {
	w.depth(bridge.ToAgen, 0, 0)
	w.accept("A", nil, addMessage("1.0", time.Hour)) // regardless of its due time
	w.clock.Advance(3 * time.Second)
	w.accept("B", nil, seq(addMessage("1.0", 0), addMessage("2.0", 0), addPost("note", 0)))
	w.clock.Advance(4 * time.Second)
	w.depth(bridge.ToAgen, 3, 7*time.Second)
	w.depth(bridge.ToSlack, 1, 4*time.Second)
	if got, want := w.s.Depth(bridge.ToAgen), 4*time.Second; got.Lanes != 2 || got.LaneWait != want {
		w.Errorf("got %d lanes, the longest due for %v, want 2, %v", got.Lanes, got.LaneWait, want)
	}
	c := w.claim(bridge.ToAgen)
	w.begin(c, state("1.0", bridge.StateInFlight))
	w.depth(bridge.ToAgen, 3, 7*time.Second) // what is in flight may not have arrived
	w.settle(c, done("1.0"))
	w.accept("A", nil, state("1.0", bridge.StateHeld)) // it waits for a person
	w.depth(bridge.ToAgen, 1, 4*time.Second)
	w.settle(w.claim(bridge.ToSlack), posted("note"))
	w.depth(bridge.ToSlack, 0, 0)
	w.accept("B", nil, seq(done("2.0"), poll(time.Minute), bind("s1"))) // a poll is not a message
	w.depth(bridge.ToAgen, 0, 0)
}

func undeliveredAfterCrash(w *world) {
	w.accept("T/C1/1", nil, seq(addMessage("1.0", time.Hour), addPost("note", 0)))
	w.clock.Advance(time.Minute)
	w.accept("T/C2/1", nil, addMessage("1.0", 0))
	w.crash()
	w.clock.Advance(time.Minute)
	w.depth(bridge.ToAgen, 2, 2*time.Minute)
	w.depth(bridge.ToSlack, 1, 2*time.Minute)
	w.rest("T/C1/", nothing, true)
	w.depth(bridge.ToAgen, 1, time.Minute)
	w.depth(bridge.ToSlack, 0, 0)
	w.wake("T/C1/", nothing, true)
	w.depth(bridge.ToAgen, 2, 2*time.Minute)
}
