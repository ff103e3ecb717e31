//go:build !race

package daemon_test

// simDefault is how many seeds are simulated by default.
const simDefault = 50
