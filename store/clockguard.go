package store

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// clockGuard corrects times that may have been written while the clock was wrong. In
// records of earlier openings of the store, these rules hold:
//   - A due time is at most maxAhead after the present opening.
//   - Nothing happened after the present opening.
//   - What is in flight counts from the present opening. A process that has ended
//     can't have made its call later, and a clock that may have jumped doesn't tell
//     how much earlier the call was made.
type clockGuard struct {
	boot   uint64
	opened time.Time
}

// due corrects a due time. Like the other methods, it reports whether it changed t.
func (g clockGuard) due(t *time.Time) bool { return bound(t, g.opened.Add(maxAhead)) }

func (g clockGuard) past(t *time.Time) bool { return bound(t, g.opened) }

func bound(t *time.Time, limit time.Time) bool {
	if !t.After(limit) {
		return false
	}
	*t = limit
	return true
}

func (g clockGuard) delivery(d *bridge.Delivery) bool {
	corrected := g.due(&d.Due)
	for _, t := range []*time.Time{&d.Accepted, &d.InFlightSince, &d.CheckedAt, &d.Settled} {
		corrected = g.past(t) || corrected
	}
	if d.State == bridge.StateInFlight && d.InFlightSince.Before(g.opened) {
		d.InFlightSince, corrected = g.opened, true
	}
	return corrected
}

func (g clockGuard) reaction(r *bridge.Reaction) bool {
	corrected := g.due(&r.Due)
	return g.past(&r.PassStarted) || corrected
}

// since corrects the times at which things happened to a thread. Otherwise anything with
// a duration would last longer by the time that the clock was ahead. A streak of 404s
// starts again, because the clock may have jumped.
func (g clockGuard) since(t *threadRecord) {
	s := &t.Session
	for _, at := range []*time.Time{&t.Touched, &t.Started, &s.OpenedAt, &s.LastNews} {
		g.past(at)
	}
	if !s.NotFoundStreak.Since.IsZero() {
		s.NotFoundStreak.Since = g.opened
	}
	if t.Outage != nil {
		g.past(&t.Outage.From)
	}
	g.reaction(&t.QuestionReaction)
	g.reaction(&t.MergedReaction)
}

// message decodes a message, and reports whether it was corrected.
func (g clockGuard) message(data []byte) (m *bridge.MessageRecord, corrected bool, err error) {
	m = new(bridge.MessageRecord)
	boot, err := unseal(data, m)
	if err != nil {
		return nil, false, err
	}
	m.Upgrade()
	if boot < g.boot {
		corrected = g.delivery(&m.Delivery)
		corrected = g.reaction(&m.Reaction) || corrected
	}
	return m, corrected, nil
}

// post decodes a post, and reports whether it was corrected.
func (g clockGuard) post(data []byte) (p *bridge.PostRecord, corrected bool, err error) {
	p = new(bridge.PostRecord)
	boot, err := unseal(data, p)
	if err != nil {
		return nil, false, err
	}
	p.Upgrade()
	if boot < g.boot {
		corrected = g.delivery(&p.Delivery)
		corrected = g.due(&p.RecheckAt) || corrected
	}
	return p, corrected, nil
}

// thread decodes a thread's own record.
func (g clockGuard) thread(data []byte) (t threadRecord, err error) {
	boot, err := unseal(data, &t)
	if err != nil {
		return t, err
	}
	if boot < g.boot {
		g.since(&t)
	}
	return t, nil
}
