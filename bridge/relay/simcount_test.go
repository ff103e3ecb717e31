//go:build !race

package relay_test

// How many seeds are simulated, and how often each planted fault has to be
// found, when nobody says.
const (
	simDefault    = 2000
	roundsDefault = 1
)
