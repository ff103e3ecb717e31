//go:build race

package relay_test

// How many seeds are simulated, and how often each planted fault has to be
// found, when nobody says. The race detector has little to find where there is
// one goroutine, and nothing in simulators that are built without it.
const (
	simDefault    = 100
	roundsDefault = 0
)
