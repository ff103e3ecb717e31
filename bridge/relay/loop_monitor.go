package relay

import (
	"sync"
	"time"
)

// LoopState is what the loop does that hands the lanes of one remote to workers.
// Liveness probes read it: only a loop that is working, and not waiting, can be stuck
// because of a bug.
type LoopState struct {
	// Activity is what the loop is doing.
	Activity LoopActivity
	// Since is when it began to do that; zero while the loop is not running.
	Since time.Time
}

// LoopActivity says whether a loop works or what it waits for.
type LoopActivity int

const (
	// LoopTurns: the loop is working. Its work never waits for a disk or a remote, and
	// one turn takes at most 20 s.
	LoopTurns LoopActivity = iota
	// LoopWaitsForWorker: all workers are busy. They wait for the remote or for
	// the store.
	LoopWaitsForWorker
	// LoopWaitsForStore: the store reads the lane that the loop claims.
	LoopWaitsForStore
)

// loopMonitor keeps the state of one loop for the liveness probe.
type loopMonitor struct {
	mu      sync.Mutex
	current LoopState
}

// now records what the loop does from now on.
func (m *loopMonitor) now(activity LoopActivity) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.current = LoopState{Activity: activity, Since: time.Now()}
}

// stopped records that the loop claims no more lanes.
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
