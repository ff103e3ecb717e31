package relay

import (
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy"
)

// limits counts the messages and sessions of each person. A message over a limit is
// refused, and its author is told. If it waited instead, it would delay the others in its
// thread. The counts are in memory: those of messages cover a minute, and those of
// sessions are restored after a restart (Relay.RestoreSessionCounts).
type limits struct {
	messages, sessions usageCounter
}

func newLimits(p *policy.Policy) *limits {
	return &limits{
		messages: usageCounter{most: p.MessagesPerMinute, within: time.Minute, done: map[string][]usage{}},
		sessions: usageCounter{most: p.SessionsPerDay, within: 24 * time.Hour, done: map[string][]usage{}},
	}
}

// usage is one thing that somebody did; its id keeps it from being counted twice.
type usage struct {
	id string
	at time.Time
}

// usageOfSession counts a session once, even if it is opened several times because
// opening it could not be stored.
func usageOfSession(o bridge.OpenedSession) usage {
	return usage{string(o.Thread) + " " + strconv.Itoa(o.Count), o.At}
}

// usageCounter counts what each person did within a sliding time window.
type usageCounter struct {
	most   int // 0 for no limit
	within time.Duration

	mu     sync.Mutex
	done   map[string][]usage // of each person, by time
	pruned time.Time
}

// take counts a usage, unless it exceeds the limit. A usage that was counted before is
// allowed and not counted again.
func (t *usageCounter) take(who string, d usage) (allowed, counted bool) {
	if t.most <= 0 {
		return true, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	all := t.done[who]
	if slices.ContainsFunc(all, func(one usage) bool { return one.id == d.id }) {
		return true, false
	}
	i, _ := slices.BinarySearchFunc(all, d, func(one, d usage) int { return one.at.Compare(d.at) })
	all = slices.Insert(slices.Clone(all), i, d) // events may arrive out of order
	for first := max(0, i-t.most); first <= i && first+t.most < len(all); first++ {
		if all[first+t.most].at.Sub(all[first].at) < t.within {
			return false, false
		}
	}
	t.done[who] = all
	t.prune(d.at)
	return true, true
}

// release undoes a take.
func (t *usageCounter) release(who string, d usage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done[who] = slices.DeleteFunc(t.done[who], func(one usage) bool { return one.id == d.id })
	if len(t.done[who]) == 0 {
		delete(t.done, who)
	}
}

// prune removes usages outside the time window, once per t.within.
func (t *usageCounter) prune(now time.Time) {
	if now.Sub(t.pruned) < t.within {
		return
	}
	t.pruned = now
	for who, all := range t.done {
		all = slices.DeleteFunc(all, func(one usage) bool { return now.Sub(one.at) >= t.within })
		if t.done[who] = all; len(all) == 0 {
			delete(t.done, who)
		}
	}
}
