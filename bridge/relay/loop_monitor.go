package relay

import (
	"sync"
	"time"
)

// LoopState is what the loop that hands the lanes of one remote to workers is
// doing. Liveness probes read it: only a loop that is at its own work, and not
// waiting, can be stuck because of a bug.
type LoopState struct {
	// Activity is what the loop is doing.
	Activity LoopActivity
	// Since is when it began to do that; zero while the loop is not running.
	Since time.Time
}

// LoopActivity says whether a loop works or what it waits for.
type LoopActivity int

const (
	// LoopTurns: the loop is at its own work, which never waits for a disk or a
	// remote. It turns at least every 20 s.
	LoopTurns LoopActivity = iota
	// LoopWaitsForWorker: all workers are busy. They wait for the remote or for
	// the store.
	LoopWaitsForWorker
	// LoopWaitsForStore: the store reads the lane that is claimed.
	LoopWaitsForStore
)

// loopMonitor keeps the state of one loop for those who ask.
type loopMonitor struct {
	mu      sync.Mutex
	current LoopState
}

// now notes what the loop does from now on.
func (m *loopMonitor) now(activity LoopActivity) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.current = LoopState{Activity: activity, Since: time.Now()}
}

// stopped notes that the loop takes on nothing any more.
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
