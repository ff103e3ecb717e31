//go:build linux

package bench

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// facts records what both servers report while they run.
type facts struct {
	mu sync.Mutex
	// sessions is the session that each thread's first message was sent to, by the
	// message's ts.
	sessions map[string]string
	// acks has the events whose acknowledgement Slack accepted.
	acks map[string]bool
}

func newFacts() facts { return facts{sessions: map[string]string{}, acks: map[string]bool{}} }

func (f *facts) note(m agentest.Progress) {
	if m.Stage != agentest.StageReceived || m.Request.Call != agentest.CallSend {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sessions[m.Request.ClientID] == "" {
		f.sessions[m.Request.ClientID] = m.Request.Session
	}
}

func (f *facts) acked(a slacktest.Ack) {
	if a.Fate != slacktest.AckCounted {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.acks[a.EventID] = true
}

// sessionOf returns the session of a thread, or an empty string while it has none.
func (f *facts) sessionOf(root string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sessions[root]
}

// wrong returns which promises a thread doesn't keep, or not yet.
func (s *soak) wrong(k *talk) []string {
	session := s.facts.sessionOf(k.root)
	if session == "" {
		return []string{"it has no session"}
	}
	c := &check{talk: k, byClient: map[string][]agen.Event{}}
	for _, e := range s.agen.Timeline(session) {
		switch e.Type {
		case agen.EventUserMessage:
			c.messages = append(c.messages, e)
			c.byClient[e.ClientID] = append(c.byClient[e.ClientID], e)
		case agen.EventAgentMessage:
			c.answers = append(c.answers, e.Text())
		default:
		}
	}
	for _, u := range k.said {
		if !u.deleted {
			c.message(u, s.slack.Reactions(u.channel, u.ts))
		}
	}
	c.once(s.said)
	c.posts(s.slack.Thread(k.channel, k.root))
	return c.found
}

// check compares one thread with the promises.
type check struct {
	*talk
	messages []agen.Event
	byClient map[string][]agen.Event
	answers  []string
	found    []string
}

func (c *check) add(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

// message wants the agent to have the message, the newest text last, and to be done
// with it, and the reaction to show that.
func (c *check) message(u *utterance, shown []string) {
	var last agen.Event
	for _, e := range c.messages {
		if e.ClientID == u.ts || strings.HasPrefix(e.ClientID, u.ts+":") {
			last = e
		}
	}
	switch {
	case len(c.byClient[u.ts]) == 0:
		c.add("%s is not in the session", u.ts)
		return
	case !strings.Contains(last.Text(), strings.TrimPrefix(u.text, "<@U0AGEN> ")):
		c.add("the agent's last words of %s are %q, want %q", u.ts, last.Text(), u.text)
	case last.Status != agen.StatusCompleted:
		c.add("%s is %s", u.ts, last.Status)
	}
	want := []string{"white_check_mark"}
	if c.phase == closing && c.merged && u.ts == c.root {
		want = []string{"twisted_rightwards_arrows", "white_check_mark"}
	}
	if !slices.Equal(shown, want) {
		c.add("%s shows %v, want %v", u.ts, shown, want)
	}
}

// once wants nothing twice and nothing that nobody sent. An id that is no message's
// belongs to a click.
func (c *check) once(said map[string]*utterance) {
	for id, events := range c.byClient {
		if len(events) > 1 {
			c.add("%s is there %d times", id, len(events))
		}
		ts, _, _ := strings.Cut(id, ":")
		switch u := said[ts]; {
		case u != nil && u.root != c.root:
			c.add("%s was said in another thread", id)
		case u == nil && !strings.Contains(events[0].Text(), "Yes to "):
			c.add("nobody said %q", events[0].Text())
		}
	}
}

// posts wants each post to be made once, each of the agent's messages to be posted
// once and in order, and exactly one card.
func (c *check) posts(thread []slacktest.Message) {
	keys, cards := map[string]int{}, 0
	var shown strings.Builder
	for _, m := range thread {
		if m.User != "U0AGEN" || m.Deleted {
			continue
		}
		key := keyOf(m)
		if keys[key]++; key == "" || keys[key] > 1 {
			c.add("post %s, %q, was made %d times", m.TS, key, keys[key])
		}
		if strings.HasPrefix(key, "card:") {
			cards++
			if words := m.Text + string(m.Sent); c.phase == closing && !strings.Contains(words, "Closed") && !strings.Contains(words, "Merged") {
				c.add("the card says %q", m.Text)
			}
		}
		shown.Write(m.Sent)
	}
	if cards != 1 {
		c.add("it has %d cards", cards)
	}
	at := 0
	for _, text := range c.answers {
		now := strings.Index(shown.String(), text)
		if n := strings.Count(shown.String(), text); n != 1 || now < at {
			c.add("the agent's %q stands there %d times, or before what it said earlier", text, n)
		}
		at = now
	}
}

// keyOf returns the key in the metadata of one of the bridge's posts.
func keyOf(m slacktest.Message) string {
	var meta struct {
		Payload struct {
			Key string `json:"key"`
		} `json:"event_payload"`
	}
	if json.Unmarshal(m.Metadata, &meta) != nil {
		return ""
	}
	return meta.Payload.Key
}

// checkAll checks every thread once more, also those that ended long ago.
func (s *soak) checkAll() {
	s.t.Helper()
	for _, k := range s.ended {
		k.phase = closing
		for _, what := range s.wrong(k) {
			s.t.Errorf("thread %s: %s", k.root, what)
		}
	}
	times := map[string]int{}
	roots := map[string]string{} // the thread of each session
	for _, session := range s.agen.Sessions() {
		for _, e := range s.agen.Messages(session.ID) {
			if times[e.ClientID]++; times[e.ClientID] > 1 {
				s.t.Errorf("Agen has %s %d times", e.ClientID, times[e.ClientID])
			}
			ts, _, _ := strings.Cut(e.ClientID, ":")
			u := s.said[ts]
			if u == nil {
				continue
			}
			if roots[u.root] == "" {
				roots[u.root] = session.ID
			} else if roots[u.root] != session.ID {
				s.t.Errorf("thread %s has sessions %s and %s", u.root, roots[u.root], session.ID)
			}
		}
	}
	for ts, u := range s.said {
		if times[ts] == 0 && !u.deleted {
			s.t.Errorf("%s is lost: %q", ts, u.text)
		}
	}
}
