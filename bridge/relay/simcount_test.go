//go:build !race

package relay_test

// The default number of seeds, and of the rounds in which each planted fault must be
// found.
const (
	simDefault    = 2000
	roundsDefault = 1
)
