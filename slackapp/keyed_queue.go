package slackapp

import "sync"

// Limits of what waits for the disk. They are far more than Slack sends in the seconds before it delivers again.
const (
	maxQueuedJobs  = 4096
	maxQueuedBytes = 16 << 20
	queueLanes     = 64
)

// keyedQueue runs jobs concurrently, and jobs with the same key in order. Jobs that wait for the disk at the same time can
// share one commit. Adding a job never blocks. It has no goroutine while it has no job. The zero value is ready to use.
type keyedQueue struct {
	mu    sync.Mutex
	lanes [queueLanes][]job // waiting; guarded by mu
	busy  [queueLanes]bool  // a goroutine runs the lane; guarded by mu
	jobs  int               // waiting or running; guarded by mu
	bytes int               // held by them; guarded by mu
	wg    sync.WaitGroup
}

type job struct {
	size int
	run  func()
}

// add queues a job. It returns false, and drops the job, if too many are waiting.
func (q *keyedQueue) add(key string, size int, run func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.jobs >= maxQueuedJobs || q.bytes+size > maxQueuedBytes && q.jobs > 0 {
		return false
	}
	q.jobs++
	q.bytes += size
	lane := laneOf(key)
	q.lanes[lane] = append(q.lanes[lane], job{size, run})
	if !q.busy[lane] {
		q.busy[lane] = true
		q.wg.Go(func() { q.runLane(lane) })
	}
	return true
}

// runLane runs a lane's jobs until there are none.
func (q *keyedQueue) runLane(lane int) {
	for {
		q.mu.Lock()
		if len(q.lanes[lane]) == 0 {
			q.lanes[lane] = nil
			q.busy[lane] = false
			q.mu.Unlock()
			return
		}
		next := q.lanes[lane][0]
		q.lanes[lane] = q.lanes[lane][1:]
		q.mu.Unlock()

		next.run()

		q.mu.Lock()
		q.jobs--
		q.bytes -= next.size
		q.mu.Unlock()
	}
}

// wait returns when every job has run. No job may be added meanwhile.
func (q *keyedQueue) wait() { q.wg.Wait() }

// laneOf hashes a key to a lane (FNV-1a).
func laneOf(key string) int {
	h := uint32(2166136261)
	for i := range len(key) {
		h = (h ^ uint32(key[i])) * 16777619
	}
	return int(h % queueLanes)
}
