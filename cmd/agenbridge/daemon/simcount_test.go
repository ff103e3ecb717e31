//go:build !race

package daemon_test

// simDefault is how many seeds are simulated when nobody says.
const simDefault = 50
