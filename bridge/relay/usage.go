package relay

import (
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy"
)

// limits counts what people do. Who goes over a limit is refused, and told so
// like anybody else who is: what they wrote would otherwise hold up the others in
// the thread until its turn comes. The counts are in memory: those of messages
// are of a minute, and those of sessions are made anew after a restart
// (Relay.RestoreSessionCounts).
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

// usageOfSession counts a session once, however often it takes to open it: one that could
// not be stored is opened again.
func usageOfSession(o bridge.OpenedSession) usage {
	return usage{string(o.Thread) + " " + strconv.Itoa(o.Count), o.At}
}

// usageCounter counts something of each person, over the last while.
type usageCounter struct {
	most   int // 0 for no limit
	within time.Duration

	mu    sync.Mutex
	done  map[string][]usage
	swept time.Time
}

// full reports whether the person had reached the limit at the time of a deed,
// without it.
func (t *usageCounter) full(who string, d usage) bool {
	if t.most <= 0 {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for _, one := range t.done[who] {
		if one.id != d.id && !one.at.After(d.at) && d.at.Sub(one.at) < t.within {
			n++
		}
	}
	return n >= t.most
}

// add counts a deed.
func (t *usageCounter) add(who string, d usage) {
	if t.most <= 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if slices.ContainsFunc(t.done[who], func(one usage) bool { return one.id == d.id }) {
		return
	}
	t.done[who] = append(t.done[who], d)
	if d.at.Sub(t.swept) < t.within {
		return
	}
	t.swept = d.at
	for who, all := range t.done {
		all = slices.DeleteFunc(all, func(one usage) bool { return d.at.Sub(one.at) >= t.within })
		if t.done[who] = all; len(all) == 0 {
			delete(t.done, who)
		}
	}
}
