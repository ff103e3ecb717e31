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

// BenchmarkFirstMention measures the time from a mention that starts a thread to
// the request that opens its session, and to the send of the mention. The bridge
// reads the thread in between.
func BenchmarkFirstMention(b *testing.B) {
	const threads = 50
	f := figures{}
	for b.Loop() {
		t := newTown(b, agentest.Agent{})
		t.start(daemon(b), 2)
		t.begin(threadsUnderLoad) // the bridge has cached people and channels after that
		before := len(t.opened)
		all := t.begin(threads)
		var opens []time.Duration
		for i, at := range t.opened[before:][:threads] { // in the order of the messages, or nearly
			opens = append(opens, at.Sub(all[i].said))
		}
		f.addTimes("open", opens)
		f.addTimes("post", t.sends(all))
		t.end()
	}
	f.report(b)
}

// These are the number of followed sessions and the number of events in each.
const (
	sessionsFollowed = 50
	eventsInSession  = 1000
)

// BenchmarkFollow measures memory and processor time while the bridge follows 50
// sessions whose agents are working, each with a thousand past events.
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

// work adds the events of a busy agent to each session.
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

// BenchmarkAnswer measures the time from an agent's message in the timeline to the
// request that posts it. Each session has recent events, so the bridge polls it
// every second.
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

// answer adds a message of the agent to a session, at a random moment between two
// polls.
func (t *town) answer(session, text string) {
	t.b.Helper()
	pause := time.NewTimer(time.Duration(rand.IntN(250)) * time.Millisecond)
	<-pause.C
	if _, err := t.agen.AddEvent(session, agentest.AgentMessage(text)); err != nil {
		t.b.Fatal(err)
	}
}

// nextAnswer waits for the post of an answer, and returns the time from the answer
// to the request.
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
