package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
)

// curtain stops the bridge, shows the final state, and checks the promises.
func curtain(s *stage) {
	if s.err != nil {
		return
	}
	s.broke(s.bridge.Stop())
	s.bridge = nil
	if s.err != nil {
		return
	}
	s.page.heading("The thread, as Ann and Bob see it (Kim's note is Kim's alone):")
	s.page.plain(s.slack.RenderThread(s.dev.ID, s.root))
	s.page.heading("The session, as Agen has it:")
	s.timeline()
	s.page.heading("The promises:")
	for _, c := range []struct {
		promise string
		wrong   func() string
	}{
		{"One mention, which Slack tells twice, is one session.", s.sessions},
		{"Every message is in the session exactly once, in order; the one that was tried again came last.", s.order},
		{"What the agent must not get, it did not get: Kim's message.", s.refused},
		{"The reaction on each message says how it stands, and there is no other.", s.reactions},
		{"Each thing was said once: the answer, a note for the refusal, a note for the outage, the outcome, a note to Kim.", s.notes},
		{"Slack has an acknowledgement of each message.", s.acknowledgements},
		{"The bridge asked neither server for anything that the real one doesn't know.", s.traffic},
	} {
		if wrong := c.wrong(); wrong != "" {
			s.broke(&brokenError{c.promise, wrong})
			s.page.wrapped("   ✗ ", c.promise+" "+wrong)
			continue
		}
		s.page.wrapped("   ✓ ", c.promise)
	}
}

// brokenError is a promise that was not kept.
type brokenError struct{ promise, found string }

func (e *brokenError) Error() string { return "promise broken: " + e.promise + " " + e.found }

// timeline prints the messages of the session.
func (s *stage) timeline() {
	for i, e := range s.agen.Messages(s.session()) {
		words := "?"
		for _, l := range s.lines {
			if l.ts == e.ClientID {
				words = l.who + ": " + l.text
			}
		}
		s.page.wrapped(fmt.Sprintf("   %d  %s  %s  ", i+1, e.ClientID, e.Status), words)
	}
}

// The checks say what is wrong, and return an empty string if the promise was
// kept.

func (s *stage) sessions() string {
	if n := len(s.agen.Sessions()); n != 1 {
		return fmt.Sprintf("There are %d sessions.", n)
	}
	return ""
}

// order wants the messages in the order in which they were sent, except for the
// rejected one, which was sent again at the end.
func (s *stage) order() string {
	var want, got []string
	last := ""
	for _, l := range s.lines {
		switch {
		case l.unheard:
		case strings.Contains(l.text, "staging environment"):
			last = l.ts
		default:
			want = append(want, l.ts)
		}
	}
	want = append(want, last)
	for _, e := range s.agen.Messages(s.session()) {
		got = append(got, e.ClientID)
	}
	if !slices.Equal(got, want) {
		return fmt.Sprintf("The session has %v, and should have %v.", got, want)
	}
	return ""
}

func (s *stage) refused() string {
	for _, l := range s.lines {
		if on := s.slack.Reactions(s.dev.ID, l.ts); l.unheard && (s.times(l.ts) > 0 || len(on) > 0) {
			return fmt.Sprintf("The session has it %s, and the reactions are %v.", times(s.times(l.ts)), on)
		}
	}
	return ""
}

func (s *stage) reactions() string {
	for _, l := range s.lines {
		on := s.slack.Reactions(s.dev.ID, l.ts)
		if !l.unheard && !slices.Equal(on, []string{completed}) {
			return fmt.Sprintf("“%s” has %v.", l.text, on)
		}
	}
	for _, e := range s.agen.Messages(s.session()) {
		if e.Status != agen.StatusCompleted {
			return fmt.Sprintf("%s is %s.", e.ClientID, e.Status)
		}
	}
	return ""
}

func (s *stage) notes() string {
	count := map[string]int{}
	for _, m := range s.slack.Thread(s.dev.ID, s.root) {
		for _, words := range []string{"retried this message", "unreachable", "can't be reached", "wasn't delivered", "midnight", "Merged:"} {
			if m.BotID == s.slack.Config().BotID && strings.Contains(m.Text, words) {
				count[words]++
			}
		}
	}
	private := len(s.slack.Ephemerals(""))
	want := map[string]int{"retried this message": 1, "unreachable": 1, "midnight": 1, "Merged:": 1}
	if !maps.Equal(count, want) || private != 1 {
		return fmt.Sprintf("The posts say %v, and there are %d private ones.", count, private)
	}
	return ""
}

func (s *stage) acknowledgements() string {
	for _, l := range s.lines {
		if !s.slack.Acked(s.dev.ID, l.ts) {
			return fmt.Sprintf("“%s” has none.", l.text)
		}
	}
	return ""
}

func (s *stage) traffic() string {
	if strange := s.slack.Unexpected(); len(strange) > 0 {
		return fmt.Sprintf("It called %s.", strange[0].Method)
	}
	for _, r := range s.agen.Requests() {
		if r.Call == agentest.CallUnknown {
			return fmt.Sprintf("It called %s %s.", r.Method, r.Path)
		}
	}
	return ""
}

// times spells out a number of times.
func times(n int) string {
	switch n {
	case 0:
		return "not at all"
	case 1:
		return "exactly once"
	default:
		return strconv.Itoa(n) + " times"
	}
}
