package slackapp

import "sync"

// Bounds of what waits for the disk: far more than Slack sends in the seconds before it delivers again.
const (
	maxQueuedJobs  = 4096
	maxQueuedBytes = 16 << 20
	queueLanes     = 64
)

// keyedQueue runs jobs side by side, those of one key one after the other. Side by side, so that what waits for the disk
// together can share one commit; nobody waits to hand a job in. It has no goroutine while it has no job. The zero
// value is ready to use.
type keyedQueue struct {
	mu    sync.Mutex
	lanes [queueLanes][]job // waiting; guarded by mu
	busy  [queueLanes]bool  // a goroutine works the lane; guarded by mu
	jobs  int               // waiting or running; guarded by mu
	bytes int               // held by them; guarded by mu
	wg    sync.WaitGroup
}

type job struct {
	size int
	run  func()
}

// add runs the job soon, in its turn. It returns false, and does nothing, when too much is waiting already.
func (c *keyedQueue) add(key string, size int, run func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.jobs >= maxQueuedJobs || c.bytes+size > maxQueuedBytes && c.jobs > 0 {
		return false
	}
	c.jobs++
	c.bytes += size
	lane := laneOf(key)
	c.lanes[lane] = append(c.lanes[lane], job{size, run})
	if !c.busy[lane] {
		c.busy[lane] = true
		c.wg.Go(func() { c.runLane(lane) })
	}
	return true
}

// runLane runs a lane's jobs until there is none.
func (c *keyedQueue) runLane(lane int) {
	for {
		c.mu.Lock()
		if len(c.lanes[lane]) == 0 {
			c.lanes[lane] = nil
			c.busy[lane] = false
			c.mu.Unlock()
			return
		}
		next := c.lanes[lane][0]
		c.lanes[lane] = c.lanes[lane][1:]
		c.mu.Unlock()

		next.run()

		c.mu.Lock()
		c.jobs--
		c.bytes -= next.size
		c.mu.Unlock()
	}
}

// wait returns when every job has run. Nobody may hand in another meanwhile.
func (c *keyedQueue) wait() { c.wg.Wait() }

// laneOf spreads keys over the lanes (FNV-1a).
func laneOf(key string) int {
	h := uint32(2166136261)
	for i := range len(key) {
		h = (h ^ uint32(key[i])) * 16777619
	}
	return int(h % queueLanes)
}
