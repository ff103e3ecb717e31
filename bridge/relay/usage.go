package relay

import (
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy"
)

// limits counts messages and sessions of each person. A message over a limit is refused
// at once, so that it doesn't hold up the others in the thread. The counts are in
// memory: those of messages cover a minute, and those of sessions are restored after a
// restart (Relay.RestoreSessionCounts).
type limits struct {
	messages, sessions usageCounter
}

func newLimits(p *policy.Policy) *limits {
	return &limits{
		messages: usageCounter{most: p.MessagesPerMinute, within: time.Minute, done: map[string][]usage{}},
		sessions: usageCounter{most: p.SessionsPerDay, within: 24 * time.Hour, done: map[string][]usage{}},
	}
}

// usage is one message or session; its id keeps it from being counted twice.
type usage struct {
	id string
	at time.Time
}

// usageOfSession identifies a session by its thread and number: one that could not be
// stored is opened again, and counts once.
func usageOfSession(o bridge.OpenedSession) usage {
	return usage{string(o.Thread) + " " + strconv.Itoa(o.Count), o.At}
}

// usageCounter counts the usage of each person within a time.
type usageCounter struct {
	most   int // 0 for no limit
	within time.Duration

	mu    sync.Mutex
	done  map[string][]usage
	swept time.Time
}

// full reports whether the person had reached the limit at the time of d, not counting
// d.
func (c *usageCounter) full(who string, d usage) bool {
	if c.most <= 0 {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, one := range c.done[who] {
		if one.id != d.id && !one.at.After(d.at) && d.at.Sub(one.at) < c.within {
			n++
		}
	}
	return n >= c.most
}

// add counts d.
func (c *usageCounter) add(who string, d usage) {
	if c.most <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.ContainsFunc(c.done[who], func(one usage) bool { return one.id == d.id }) {
		return
	}
	c.done[who] = append(c.done[who], d)
	if d.at.Sub(c.swept) < c.within {
		return
	}
	c.swept = d.at
	for who, all := range c.done {
		all = slices.DeleteFunc(all, func(one usage) bool { return d.at.Sub(one.at) >= c.within })
		if c.done[who] = all; len(all) == 0 {
			delete(c.done, who)
		}
	}
}
