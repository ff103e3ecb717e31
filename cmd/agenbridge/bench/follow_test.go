//go:build linux

package bench

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// BenchmarkFirstMention is how long it takes from a mention that starts a
// thread to its session being asked for, and to its being sent there: the
// thread is read in between.
func BenchmarkFirstMention(b *testing.B) {
	const threads = 50
	f := figures{}
	for b.Loop() {
		t := newTown(b, agentest.Agent{})
		t.start(daemon(b), 2)
		t.begin(threadsUnderLoad) // people and channels are known after that
		before := len(t.opened)
		all := t.begin(threads)
		var opens []time.Duration
		for i, at := range t.opened[before:][:threads] { // in the order in which they were said, or nearly
			opens = append(opens, at.Sub(all[i].said))
		}
		f.addTimes("open", opens)
		f.addTimes("post", t.sends(all))
		t.end()
	}
	f.report(b)
}

// The sessions that are followed, and how much has happened in each.
const (
	sessionsFollowed = 50
	eventsInSession  = 1000
)

// BenchmarkFollow is how large the program is while it follows 50 sessions
// whose agents are at work, each with a thousand events behind it, and what
// share of a processor that takes.
func BenchmarkFollow(b *testing.B) {
	const watched = 6 * time.Second
	f := figures{}
	for b.Loop() {
		t := newTown(b, agentest.Agent{Manual: true})
		t.start(daemon(b), 2)
		t.show(t.begin(sessionsFollowed), "eyes")
		t.work()
		reads, before := t.agen.Count(agentest.CallEvents), t.child.cpu()
		most := 0.0
		look := time.NewTicker(200 * time.Millisecond)
		for end := time.Now().Add(watched); time.Now().Before(end); <-look.C {
			most = max(most, t.child.megabytes("RssAnon"))
		}
		look.Stop()
		f.add("RssAnon-MB", most)
		f.add("VmRSS-MB", t.child.megabytes("VmRSS"))
		f.add("cpu-%", 100*float64(t.child.cpu()-before)/float64(watched))
		f.add("reads/s", float64(t.agen.Count(agentest.CallEvents)-reads)/watched.Seconds())
		t.end()
	}
	f.report(b)
}

// work gives each session the events of an agent that has been busy.
func (t *town) work() {
	t.b.Helper()
	payload, err := json.Marshal(map[string]string{
		"path": "pkg/login/session_test.go", "output": strings.Repeat("ok  example.com/login 0.42s ", 16),
	})
	if err != nil {
		t.b.Fatal(err)
	}
	for _, s := range t.agen.Sessions() {
		for i := range eventsInSession {
			e := agen.Event{ID: fmt.Sprintf("%s_work_%d", s.ID, i), Type: agen.EventAgentFileRead, Payload: payload}
			if _, err := t.agen.AddEvent(s.ID, e); err != nil {
				t.b.Fatal(err)
			}
		}
	}
}

// BenchmarkAnswer is how long it takes from an agent's message being in the
// timeline to its post being asked for in Slack, while something has happened
// in the session a moment ago: it is read every second then.
func BenchmarkAnswer(b *testing.B) {
	const threads, answers = 4, 6
	f := figures{}
	for b.Loop() {
		t := newTown(b, agentest.Agent{Manual: true})
		posted := make(chan slacktest.Request, 1000)
		t.slack.OnRequest(func(r slacktest.Request) {
			if r.Method == "chat.postMessage" {
				posted <- r
			}
		})
		t.start(daemon(b), 2)
		t.show(t.begin(threads), "eyes")
		said := map[string]time.Time{}
		var took []time.Duration
		for n := range answers {
			for i, s := range t.agen.Sessions() {
				text := fmt.Sprintf("answer %d of %d", n, i)
				t.answer(s.ID, text)
				said[text] = time.Now()
			}
			for range threads {
				took = append(took, nextAnswer(b, posted, said))
			}
		}
		f.addTimes("answer", took)
		t.end()
	}
	f.report(b)
}

// answer has the agent of a session say something, at any moment between two
// reads.
func (t *town) answer(session, text string) {
	t.b.Helper()
	pause := time.NewTimer(time.Duration(rand.IntN(250)) * time.Millisecond)
	<-pause.C
	if _, err := t.agen.AddEvent(session, agentest.AgentMessage(text)); err != nil {
		t.b.Fatal(err)
	}
}

// nextAnswer waits for a post that says an answer, and returns how long after
// the answer it was asked for.
func nextAnswer(b *testing.B, posted <-chan slacktest.Request, said map[string]time.Time) time.Duration {
	b.Helper()
	late := time.After(30 * time.Second)
	for {
		select {
		case r := <-posted:
			for text, at := range said {
				if strings.Contains(r.Args["blocks"]+r.Args["text"], text) {
					return r.At.Sub(at)
				}
			}
		case <-late:
			b.Fatal("an answer of the agent never came to Slack")
		}
	}
}
