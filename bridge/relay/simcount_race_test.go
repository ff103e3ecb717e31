//go:build race

package relay_test

// The default number of seeds, and of the rounds in which each planted fault must be
// found. They are low, because the race detector can find little in one goroutine, and
// nothing in simulators that are built without it.
const (
	simDefault    = 100
	roundsDefault = 0
)
