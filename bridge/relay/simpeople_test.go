package relay_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// again makes Slack redeliver everything after the records for deduplication have been
// pruned.
func (s *sim) again() {
	s.pass(15 * time.Minute)
	s.log("everything comes again")
	for _, ts := range slices.Sorted(maps.Keys(s.said)) {
		if m := s.said[ts]; s.accepted[ts] && !s.deleted[ts] {
			s.pending = append(s.pending, func() error { return s.hear(m) })
		}
	}
	s.deliver()
	s.settle()
}

// meanwhile makes Slack deliver an event during a call to a remote.
func (s *sim) meanwhile() {
	if s.calm || s.first != nil || len(s.pending) == 0 || s.rnd.IntN(4) > 0 {
		return
	}
	s.calling = true // a call times out long before the disk becomes that slow
	if s.pending[0]() == nil {
		s.pending = s.pending[1:]
	}
	s.calling = false
}

// act makes one person do something.
func (s *sim) act() {
	switch s.rnd.IntN(6) {
	case 0:
		s.speak(bridge.KindMention)
	case 1, 2:
		s.speak(bridge.KindReply)
	case 3:
		s.edit()
	case 4:
		s.takeBack()
	case 5:
		if s.agen.sessions > 0 && s.chance(s.climate.gone) {
			s.agen.lose()
		}
	}
}

func (s *sim) speak(kind bridge.Kind) {
	ts := s.ts()
	m := bridge.Message{Thread: simThread, TS: ts, Author: "U1", Kind: kind, Digest: s.rnd.Uint64(), Parts: 1, Body: []byte(`"` + ts + `"`)}
	s.mistype(&m)
	s.said[ts] = m
	s.rejects[ts] = s.chance(s.climate.reject)
	s.log("says %s (%s)", ts, kind)
	if s.rnd.IntN(4) == 0 { // it is found by a backfill instead of Socket Mode; sometimes by both
		found := m
		found.Backfilled = true
		s.emit(ts, func() error { return s.hear(found) })
		if s.rnd.IntN(2) == 0 {
			return
		}
	}
	first := m
	if kind == bridge.KindMention {
		first = s.sparse(m)
		s.emit(ts, func() error { return s.hear(m) }) // the second event
	}
	s.emit(ts, func() error { return s.hear(first) })
}

// sparse returns the message as one of the two events of a mention may have it: with less
// content. Either of the two events may be the first.
func (s *sim) sparse(m bridge.Message) bridge.Message {
	if s.rnd.IntN(3) == 0 {
		m.Parts, m.Digest = 0, m.Digest+1
		m.Body = []byte(`"less of ` + m.TS[:len(m.TS)-1] + `"`)
	}
	return m
}

// speakUnheard makes somebody write a message that only the backfill finds.
func (s *sim) speakUnheard() {
	ts := s.ts()
	m := bridge.Message{Thread: simThread, TS: ts, Author: "U1", Kind: bridge.KindReply, Digest: s.rnd.Uint64(), Body: []byte(`"` + ts + `"`)}
	s.said[ts] = m
	s.log("says %s (unheard)", ts)
	m.Backfilled = true
	s.emit(ts, func() error { return s.hear(m) })
}

// ts returns the next timestamp that Slack assigns.
func (s *sim) ts() string {
	s.lastTS = max(s.lastTS+1, s.now.UnixMicro())
	return fmt.Sprintf("%d.%06d", s.lastTS/1e6, s.lastTS%1e6)
}

// mistype makes a message begin with unknown options, or corrects it.
func (s *sim) mistype(m *bridge.Message) {
	m.Options = nil
	if m.Kind == bridge.KindMention && s.rnd.IntN(4) == 0 {
		m.Options = []bridge.Option{{Name: "brnach", Value: "main"}}
	}
}

// emit makes Slack deliver an event, possibly twice, possibly late.
func (s *sim) emit(_ string, event func() error) {
	s.pending = append(s.pending, event)
	if s.rnd.IntN(4) == 0 {
		s.pending = append(s.pending, event)
	}
}

func (s *sim) any() (bridge.Message, bool) {
	var live []string
	for ts := range s.said {
		if !s.deleted[ts] {
			live = append(live, ts)
		}
	}
	if len(live) == 0 {
		return bridge.Message{}, false
	}
	slices.Sort(live)
	return s.said[live[s.rnd.IntN(len(live))]], true
}

func (s *sim) edit() {
	m, ok := s.any()
	if !ok {
		return
	}
	m.Edited, m.Digest = s.ts(), s.rnd.Uint64()
	m.Body = []byte(`"` + m.TS + " " + m.Edited + `"`)
	s.mistype(&m)
	s.said[m.TS] = m
	s.log("edits %s (%s)", m.TS, m.Edited)
	s.emit(m.TS, func() error { return s.hear(m) })
}

func (s *sim) takeBack() {
	m, ok := s.any()
	if !ok || s.rnd.IntN(3) > 0 {
		return
	}
	s.deleted[m.TS] = true
	s.log("takes %s back", m.TS)
	s.emit(m.TS, func() error { return s.forget(m.TS) })
}

func (s *sim) forget(ts string) error {
	v, err := s.relay.AcceptDeletion(context.Background(), bridge.Deletion{Thread: simThread, TS: ts})
	if err == nil && v.New {
		s.withdrew[ts] = true
		s.log("took %s back", ts)
	}
	return err
}

func (s *sim) hear(m bridge.Message) error {
	v, err := s.relay.AcceptMessage(context.Background(), m)
	if err == nil { // it was acknowledged
		if v.New || m.Kind == bridge.KindMention {
			s.accepted[m.TS] = true
		}
		s.log("heard %s %s: %+v", m.TS, m.Edited, v)
	}
	return err
}

// deliver makes Slack deliver the pending events. Events that were not acknowledged are
// redelivered.
func (s *sim) deliver() {
	if first := s.first; first != nil {
		done := false
		if s.alive(func() { done = first() == nil }); !done {
			return
		}
		s.first = nil
	}
	events := s.pending
	s.pending = nil
	s.rnd.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	for _, event := range events {
		if !s.calm && s.rnd.IntN(4) == 0 {
			s.pending = append(s.pending, event)
			continue
		}
		acked := false
		s.alive(func() { acked = event() == nil })
		if s.first != nil { // Slack has given up the pending events
			return
		}
		if !acked {
			s.pending = append(s.pending, event)
		}
	}
}
