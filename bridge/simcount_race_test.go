//go:build race

package bridge_test

// simDefault is how many seeds are simulated when nobody says. The race
// detector has little to find where there is one goroutine.
const simDefault = 100
