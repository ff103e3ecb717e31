//go:build linux

package bench

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// phase is the phase of a thread.
type phase string

const (
	talking phase = "talking"
	// asked: the agent is about to ask a question, and people wait for it.
	asked phase = "asked"
	// enough: no more messages are sent. The thread ends when the agent is done
	// with all of them.
	enough phase = "enough"
	// closing: its session was closed, and the thread has to show that.
	closing phase = "closing"
)

// talk is one thread, from its first message to the end of its session.
type talk struct {
	thread
	phase phase
	// left is how many more messages will be sent.
	left   int
	said   []*utterance
	merged bool
	// pressed is when somebody last clicked an answer to the question with the
	// number asks.
	pressed time.Time
	asks    int
}

func (k *talk) enough() {
	k.left = 0
	if k.phase == talking {
		k.phase = enough
	}
}

// utterance is a message that a person sent.
type utterance struct {
	words
	by, text string
	no       int
	// deleted: the agent may have it or not.
	deleted bool
}

// speak sends a message, in a new thread if there are too few.
func (s *soak) speak() {
	open := slices.DeleteFunc(slices.Clone(s.talks), func(k *talk) bool { return k.phase != talking })
	if len(open) == 0 || len(s.talks) < s.mode.threads && s.rng.IntN(len(open)) == 0 {
		if len(s.talks) >= 3*s.mode.threads {
			s.actions["could say nothing: all threads wait"]++
			return
		}
		k := &talk{thread: thread{channel: s.channels[s.count%len(s.channels)]}, phase: talking, left: 5 + s.rng.IntN(40)}
		if s.mode.limits != nil {
			k.left = 3 + s.rng.IntN(15)
		}
		s.talks = append(s.talks, k)
		s.utter(k, "<@U0AGEN> please begin")
		return
	}
	k := open[s.rng.IntN(len(open))]
	switch n := s.rng.IntN(100); {
	case n < 7:
		k.phase, k.asks = asked, s.count
		s.utter(k, "ask me")
	case n < 20:
		s.utter(k, "<@U0AGEN> and more")
	default:
		s.utter(k, "and this")
	}
	switch n := s.rng.IntN(100); {
	case n < 3:
		s.edit(k.said[s.rng.IntN(len(k.said))])
	case n < 5 && k.phase == talking:
		s.takeBack(k.said[len(k.said)-1])
	}
	if k.left--; k.left <= 0 {
		k.enough()
	}
}

func (s *soak) utter(k *talk, text string) {
	s.t.Helper()
	u := &utterance{by: s.people[s.rng.IntN(len(s.people))], no: s.count, text: fmt.Sprintf("%s, no. %d.", text, s.count)}
	u.thread, u.words.said = k.thread, time.Now()
	var options []slacktest.SayOption
	if k.root != "" {
		options = append(options, slacktest.InThread(k.root))
	}
	u.ts = s.slack.Say(u.by, k.channel, u.text, options...)
	if k.root == "" {
		k.root, u.root = u.ts, u.ts
	}
	s.count++
	s.said[u.ts] = u
	k.said = append(k.said, u)
}

func (s *soak) edit(u *utterance) {
	s.t.Helper()
	if u.deleted || strings.HasPrefix(u.text, "ask me") {
		return
	}
	s.actions["edits"]++
	mention, _, _ := strings.Cut(u.text, "> ")
	u.text = fmt.Sprintf("in other words: %d, no. %d.", s.actions["edits"], u.no)
	full := u.text
	if strings.HasPrefix(mention, "<@") {
		full = "<@U0AGEN> " + full
	}
	s.slack.Edit(u.by, u.channel, u.ts, full)
}

func (s *soak) takeBack(u *utterance) {
	s.t.Helper()
	s.actions["deletions"]++
	u.deleted = true
	s.slack.Delete(u.by, u.channel, u.ts)
}

var number = regexp.MustCompile(`no\. (\d+)`)

// script is what the agent does for a message: it works and says one unique thing,
// or it asks a question.
func (m mode) script(turn agentest.Turn) []agentest.Step {
	no := "0"
	if found := number.FindAllStringSubmatch(turn.Message, -1); len(found) > 0 {
		no = found[len(found)-1][1]
	}
	last := agentest.AgentMessage(fmt.Sprintf("Finding %d of %s.", turn.N, turn.Session))
	if strings.HasSuffix(turn.Message, "ask me, no. "+no+".") {
		last = agentest.Ask("Which one, no. "+no+"?", yes(no), "No to "+no)
	}
	return []agentest.Step{
		{After: m.work / 4, Event: agentest.FileEdit("pkg/no" + no + ".go")},
		{After: m.work / 2, Event: last},
	}
}

// yes is one of the answers that the agent offers.
func yes(no string) string { return "Yes to " + no }

// tend looks after the threads: it answers questions, and closes the threads in
// which everything is done.
func (s *soak) tend() {
	s.t.Helper()
	for _, k := range s.talks {
		switch k.phase {
		case talking:
		case asked:
			s.answer(k)
		case enough:
			if len(s.wrong(k)) == 0 {
				s.close(k)
			}
		case closing:
			if len(s.wrong(k)) == 0 {
				k.phase = ""
				s.ended = append(s.ended, k)
			}
		}
	}
	s.talks = slices.DeleteFunc(s.talks, func(k *talk) bool { return k.phase == "" })
}

// clickAgain is how long people wait for the effect of a click before they click
// again: Slack sends a click only once.
const clickAgain = 10 * time.Second

// answer clicks an answer to the agent's question until the question has no buttons
// anymore.
func (s *soak) answer(k *talk) {
	s.t.Helper()
	question := fmt.Sprintf("no. %d?", k.asks)
	for _, m := range s.slack.Thread(k.channel, k.root) {
		if m.User != "U0AGEN" || !strings.Contains(string(m.Sent), question) || !strings.HasPrefix(keyOf(m), "ask:") {
			continue
		}
		if !strings.Contains(string(m.Blocks), `"button"`) {
			k.phase = talking
			if k.left <= 0 {
				k.phase = enough
			}
			return
		}
		if time.Since(k.pressed) < clickAgain {
			return
		}
		k.pressed = time.Now()
		err := s.slack.Server.Click(s.people[0], k.channel, m.TS, yes(fmt.Sprint(k.asks)))
		switch {
		case err == nil:
			s.actions["clicks"]++
		case !errors.Is(err, slacktest.ErrNoSocket) && !errors.Is(err, slacktest.ErrNoButton):
			s.t.Fatal(err)
		}
		return
	}
}

// close closes the session of a thread, every second one with a merge.
func (s *soak) close(k *talk) {
	s.t.Helper()
	k.phase, k.merged = closing, s.rng.IntN(2) == 0
	session := s.facts.sessionOf(k.root)
	events := []agen.Event{agentest.Event(agen.EventSessionClosed, nil)}
	if k.merged {
		events = slices.Insert(events, 0, agentest.Event(agen.EventMergeRequestMerged, map[string]any{
			"title": "Read the clock once", "target_branch": "main", "url": "https://git.example.com/mr/1",
		}))
	}
	for _, e := range events {
		if _, err := s.agen.AddEvent(session, e); err != nil {
			s.t.Fatal(err)
		}
	}
}
