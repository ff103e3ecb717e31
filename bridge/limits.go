package bridge

import (
	"slices"
	"strconv"
	"sync"
	"time"
)

// maxWaiting bounds how many messages may wait in one thread.
const maxWaiting = 500

// Opened is a session that somebody has opened: the Count-th of its thread.
type Opened struct {
	Thread ThreadKey
	Count  int
	By     string
	At     time.Time
}

// deed counts a session once, however often it takes to open it: one that could
// not be stored is opened again.
func (o Opened) deed() deed { return deed{string(o.Thread) + " " + strconv.Itoa(o.Count), o.At} }

// limits counts what people do. Who goes over a limit is refused, and told so
// like anybody else who is: what they wrote would otherwise hold up the others in
// the thread until its turn comes. The counts are in memory: those of messages
// are of a minute, and those of sessions are made anew after a restart
// (Relay.Recall).
type limits struct {
	messages, sessions tally
}

func newLimits(p *Policy) *limits {
	return &limits{
		messages: tally{most: p.MessagesPerMinute, within: time.Minute, done: map[string][]deed{}},
		sessions: tally{most: p.SessionsPerDay, within: 24 * time.Hour, done: map[string][]deed{}},
	}
}

// deed is one thing that somebody did; its id keeps it from being counted twice.
type deed struct {
	id string
	at time.Time
}

// tally counts something of each person, over the last while.
type tally struct {
	most   int // 0 for no limit
	within time.Duration

	mu    sync.Mutex
	done  map[string][]deed
	swept time.Time
}

// full reports whether the person had reached the limit at the time of a deed,
// without it.
func (t *tally) full(who string, d deed) bool {
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
func (t *tally) add(who string, d deed) {
	if t.most <= 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if slices.ContainsFunc(t.done[who], func(one deed) bool { return one.id == d.id }) {
		return
	}
	t.done[who] = append(t.done[who], d)
	if d.at.Sub(t.swept) < t.within {
		return
	}
	t.swept = d.at
	for who, all := range t.done {
		all = slices.DeleteFunc(all, func(one deed) bool { return d.at.Sub(one.at) >= t.within })
		if t.done[who] = all; len(all) == 0 {
			delete(t.done, who)
		}
	}
}

// Recall counts sessions that were opened before the relay was made, so that
// a restart is no way around their limit. Of a thread in which somebody opened
// several the store knows the last.
func (r *Relay) Recall(opened []Opened) {
	for _, o := range opened {
		r.limits.sessions.add(o.By, o.deed())
	}
}

// over says whether the message is one too many of its author's. It is asked
// for all that comes in, and counts for what is new.
func (r *Relay) over(m Message) Refusal {
	if r.limits.messages.full(m.Author, r.deedOf(m)) {
		return RefusedPace
	}
	return Allowed
}

func (r *Relay) deedOf(m Message) deed {
	return deed{string(m.Thread) + " " + m.TS, tsTime(m.TS, r.cfg.Now())}
}

// limit does the same for what was found in the thread beside the message that
// is sent, of which what is not known yet is taken on.
func (r *Relay) limit(found []Message, known map[string]*MessageRow) {
	for i := range found {
		if m := &found[i]; known[m.TS] == nil && m.Edited == "" {
			m.Over = r.over(*m)
			r.limits.messages.add(m.Author, r.deedOf(*m))
		}
	}
}

// tooMany says why a new message is not taken on though its author may use the
// bot.
func (r *Rows) tooMany(m Message) Refusal {
	if m.Over != Allowed {
		return m.Over
	}
	waiting := 0
	for _, row := range r.Messages {
		if row.waiting() {
			waiting++
		}
	}
	if waiting >= maxWaiting {
		return RefusedFull
	}
	return Allowed
}
