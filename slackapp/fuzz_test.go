package slackapp

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slackjson"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// seeds adds the files of testdata/seeds that match, and fails if there are none: a fuzz target without seeds passes and
// shows nothing.
func seeds(f *testing.F, pattern string) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "seeds", pattern))
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds %s: %v", pattern, err)
	}
	for _, name := range files {
		seed, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(seed))
	}
}

func FuzzEvent(f *testing.F) {
	seeds(f, "event-*.json")
	r := testReader(Gate{AllowDMs: true})
	f.Fuzz(func(t *testing.T, payload string) {
		h := r.parseEvent([]byte(payload))
		set := 0
		for _, is := range []bool{h.message != nil, h.deletion != nil, h.ignored != ""} {
			if is {
				set++
			}
		}
		if set != 1 {
			t.Fatalf("%+v: want a message, a deletion or a reason", h)
		}
		if h.ignored != "" {
			return
		}
		at, err := locationOf(h.thread())
		if err != nil {
			t.Fatalf("thread %q: %v", h.thread(), err)
		}
		if h.message == nil {
			return
		}
		m := *h.message
		b, err := decodeBody(m)
		if err != nil || b.Channel != at.channel || b.root() != at.root || b.TS != m.TS || b.User != m.Author || !bridge.ValidTS(m.TS) {
			t.Fatalf("%+v doesn't agree with its body %+v, %v", m, b, err)
		}
		if b.digest() != m.Digest {
			t.Fatal("the digest of the stored body is another one")
		}
		if b.User == testSelf.User {
			t.Fatal("a message of a bot was accepted")
		}
	})
}

func FuzzClick(f *testing.F) {
	seeds(f, "click-*.json")
	r := testReader(Gate{AllowDMs: true})
	f.Fuzz(func(t *testing.T, payload string) {
		p, reason := r.parseClick([]byte(payload))
		if reason != "" {
			return
		}
		if _, err := locationOf(p.click.Thread); err != nil || !validID(p.click.By) || p.click.Action == "" {
			t.Fatalf("%+v, %v", p.click, err)
		}
	})
}

func FuzzBackground(f *testing.F) {
	seeds(f, "answer-*.json")
	f.Fuzz(func(t *testing.T, text string) {
		var page struct {
			Messages []json.RawMessage `json:"messages"`
		}
		if err := json.Unmarshal([]byte(text), &page); err != nil {
			return
		}
		h := contextReader{parser: testReader(Gate{}), at: location{"C1", "100.000001"}, startTS: "105.000001", limit: 5}
		n := nameResolver{ctx: t.Context(), dir: newDirectory(webapi.NewClient(webapi.Config{})), self: testSelf}
		for _, raw := range page.Messages {
			var u slackMessage
			if err := slackjson.Unmarshal(raw, &u); err != nil {
				continue
			}
			if err := h.add(u); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(text, "<") && !strings.Contains(text, "_id") { // names need a Slack
				u.quoted().quote(n, "")
				for _, q := range quotedIn(u.Attachments) {
					q.quote(n, "")
				}
			}
		}
	})
}
