package webapi

import (
	"sync"
	"time"
)

// The intervals between calls after a 429. The first is that of the slowest methods in use, 20 calls a minute. Each call
// that passes halves it, and below the shortest one calls are no longer paced.
const (
	longestInterval  = 3 * time.Second
	shortestInterval = 200 * time.Millisecond
)

// rateLimiter remembers for each key how long Slack asked us to wait with a 429. When the wait is over it lets calls
// through one at a time: many may have waited for that moment, and where there is room for one, Slack would refuse all
// the others again. The zero value is ready to use.
type rateLimiter struct {
	mu     sync.Mutex
	limits map[string]*limit
}

// limit is when the next call may be made, and how long after it the one after that.
type limit struct {
	next     time.Time
	interval time.Duration
}

// pause makes calls under the key wait for d.
func (l *rateLimiter) pause(key string, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for k, t := range l.limits { // forget the limits that are over, so that the map stays small
		if !t.next.Add(longestInterval).After(now) {
			delete(l.limits, k)
		}
	}
	if l.limits == nil {
		l.limits = map[string]*limit{}
	}
	t := l.limits[key]
	if t == nil {
		t = new(limit)
		l.limits[key] = t
	}
	t.interval = min(max(d, t.interval), longestInterval)
	if next := now.Add(d); next.After(t.next) {
		t.next = next
	}
}

// enter lets a call through, or returns how long it has to wait. After a paced call that wasn't refused, passed is to be
// called.
func (l *rateLimiter) enter(key string) (wait time.Duration, paced bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.limits[key]
	if t == nil {
		return 0, false
	}
	now := time.Now()
	if wait := t.next.Sub(now); wait > 0 {
		return wait, false
	}
	t.next = now.Add(t.interval)
	return 0, true
}

// passed says that Slack did not refuse a paced call.
func (l *rateLimiter) passed(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.limits[key]
	if t == nil {
		return
	}
	if t.interval /= 2; t.interval < shortestInterval {
		delete(l.limits, key)
	}
}
