package relay

import (
	"sync"
	"time"
)

// LoopState is the state of the loop that hands the lanes of one remote to workers.
// Liveness probes read it. Only a loop that is working, and not waiting, can be stuck
// because of a bug.
type LoopState struct {
	// Activity is what the loop is doing.
	Activity LoopActivity
	// Since is when the activity began. It is zero while the loop is not running.
	Since time.Time
}

// LoopActivity says whether a loop is working or what it is waiting for.
type LoopActivity int

const (
	// LoopTurns means that the loop is working. This work never waits for a disk or a
	// remote, and one iteration takes at most 20 s.
	LoopTurns LoopActivity = iota
	// LoopWaitsForWorker means that all workers are busy. They wait for the remote or for
	// the store.
	LoopWaitsForWorker
	// LoopWaitsForStore means that the store is reading the lane that the loop claims.
	LoopWaitsForStore
)

// loopMonitor tracks the state of one loop for the liveness probe.
type loopMonitor struct {
	mu      sync.Mutex
	current LoopState
}

// now records a new activity of the loop.
func (m *loopMonitor) now(activity LoopActivity) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.current = LoopState{Activity: activity, Since: time.Now()}
}

// stopped records that the loop no longer claims lanes.
func (m *loopMonitor) stopped() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.current = LoopState{}
}

func (m *loopMonitor) state() LoopState {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.current
}
