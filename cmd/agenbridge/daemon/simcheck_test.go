package daemon_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/agen"
)

// broken checks the promises against what the two servers have, and returns those
// that are not kept, or not yet.
//
// An old copy of the store doesn't know about sessions that were opened after it
// was made. If no card shows such a session either, the bridge opens another one.
// The second session then repeats some messages of the first, and the bridge
// doesn't read answers from the first.
func (s *townSim) broken() []string {
	var broken []string
	taken := map[string]int{}
	var words, answers []string
	cards := s.cards()
	for _, session := range s.agen.Sessions() {
		within := map[string]int{}
		for _, e := range s.agen.Timeline(session.ID) {
			switch e.Type {
			case agen.EventUserMessage:
				within[e.ClientID]++
				words = append(words, simWord.FindAllString(e.Text(), -1)...)
			case agen.EventAgentMessage:
				if s.restored.IsZero() || strings.Contains(cards, session.ID) {
					answers = append(answers, e.Text())
				}
			default:
			}
		}
		for id, n := range within {
			if s.restored.IsZero() {
				taken[id] += n
			} else {
				taken[id] = max(taken[id], n)
			}
		}
	}
	for id, n := range taken {
		if n > 1 {
			broken = append(broken, fmt.Sprintf("%s is in the timeline %d times", id, n))
		}
	}
	for _, ts := range slices.Sorted(maps.Keys(s.lines)) {
		if l := s.lines[ts]; !l.deleted {
			broken = append(broken, s.brokenLine(ts, l, taken[ts], words)...)
		}
	}
	return append(broken, s.brokenPosts(answers)...)
}

// cards returns the metadata of all cards, which names their sessions.
func (s *townSim) cards() string {
	var all strings.Builder
	for _, m := range s.slack.Messages(s.dev.ID) {
		if m.User == "U0AGEN" && !m.Deleted && strings.Contains(string(m.Metadata), "card:") {
			all.Write(m.Metadata)
		}
	}
	return all.String()
}

func (s *townSim) brokenLine(ts string, l *line, taken int, words []string) (broken []string) {
	if taken != 1 {
		broken = append(broken, fmt.Sprintf("%s (%s) is in the timeline %d times", ts, l.words, taken))
	}
	if l.edited && l.at.Before(s.restored) {
		// An old copy may not know which version of the text was sent, nor which
		// reaction was shown for a correction.
		return broken
	}
	if !slices.Contains(words, l.words) {
		broken = append(broken, fmt.Sprintf("no session knows the last words of %s (%s)", ts, l.words))
	}
	if got := s.slack.Reactions(s.dev.ID, ts); len(got) != 1 || got[0] != "white_check_mark" {
		broken = append(broken, fmt.Sprintf("%s (%s) shows %v", ts, l.words, got))
	}
	return broken
}

// simNote matches the key of a note in the metadata. A note that was posted after
// an old copy was made is posted again if its reason persists.
var simNote = regexp.MustCompile(`"key":"(delayed|failed|missed|closed):`)

// brokenPosts checks that each answer of the agent is posted once, and that no post
// is doubled.
func (s *townSim) brokenPosts(answers []string) (broken []string) {
	keys := map[string]int{}
	var all strings.Builder
	for _, m := range s.slack.Messages(s.dev.ID) {
		if m.User != "U0AGEN" || m.Deleted {
			continue
		}
		all.WriteString(m.Text + "\n")
		var data struct {
			Payload json.RawMessage `json:"event_payload"`
		}
		if err := json.Unmarshal(m.Metadata, &data); err != nil {
			broken = append(broken, fmt.Sprintf("post %s has no metadata: %v", m.TS, err))
		}
		key := m.ThreadTS + " " + string(data.Payload)
		if keys[key]++; keys[key] > 1 && (s.restored.IsZero() || !simNote.MatchString(key)) {
			broken = append(broken, fmt.Sprintf("%s was said %d times", key, keys[key]))
		}
	}
	for _, a := range answers {
		if n := strings.Count(all.String(), a); n != 1 {
			broken = append(broken, fmt.Sprintf("%q stands in Slack %d times", a, n))
		}
	}
	return broken
}
