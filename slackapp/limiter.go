package slackapp

import (
	"sync"
	"time"
)

// limiter remembers which calls Slack wants to be spared, and until when. The zero value is ready to use.
type limiter struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// rest tells that calls under the key are not to be made for d.
func (l *limiter) rest(key string, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for k, t := range l.until { // what is over is forgotten, so it stays small
		if !t.After(now) {
			delete(l.until, k)
		}
	}
	if l.until == nil {
		l.until = map[string]time.Time{}
	}
	if t := now.Add(d); t.After(l.until[key]) {
		l.until[key] = t
	}
}

// wait is how long calls under the key are not to be made yet.
func (l *limiter) wait(key string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t, ok := l.until[key]; ok {
		return time.Until(t)
	}
	return 0
}
