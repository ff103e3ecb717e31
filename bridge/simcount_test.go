//go:build !race

package bridge_test

// simDefault is how many seeds are simulated when nobody says.
const simDefault = 2000
