package slackapp

import (
	"sync"
	"time"
)

// The paces at which calls follow each other after a rest: at first that of the
// slowest methods in use, 20 a minute, then twice as fast each time; at the
// fastest there is no need for it any more.
const (
	slowest = 3 * time.Second
	fastest = 200 * time.Millisecond
)

// limiter remembers what Slack asked for with a 429. After the rest calls are let
// through one at a time: many may have waited for its end, and where there is
// room for one all the others would be refused again. The zero value is ready to
// use.
type limiter struct {
	mu    sync.Mutex
	turns map[string]*turn
}

// turn is when the next call may be made, and how long after that another one.
type turn struct {
	next time.Time
	pace time.Duration
}

// rest tells that calls under the key are not to be made for d.
func (l *limiter) rest(key string, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for k, t := range l.turns { // what is over is forgotten, so it stays small
		if !t.next.Add(slowest).After(now) {
			delete(l.turns, k)
		}
	}
	if l.turns == nil {
		l.turns = map[string]*turn{}
	}
	t := l.turns[key]
	if t == nil {
		t = new(turn)
		l.turns[key] = t
	}
	t.pace = min(max(d, t.pace), slowest)
	if next := now.Add(d); next.After(t.next) {
		t.next = next
	}
}

// enter lets a call through, or says how long it is not to be made yet. Of one
// that was paced the limiter wants to hear when it was not refused.
func (l *limiter) enter(key string) (wait time.Duration, paced bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.turns[key]
	if t == nil {
		return 0, false
	}
	now := time.Now()
	if wait := t.next.Sub(now); wait > 0 {
		return wait, false
	}
	t.next = now.Add(t.pace)
	return 0, true
}

// passed tells that a paced call was not refused.
func (l *limiter) passed(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.turns[key]
	if t == nil {
		return
	}
	if t.pace /= 2; t.pace < fastest {
		delete(l.turns, key)
	}
}
