package policy

import (
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
	"github.com/google/go-cmp/cmp"
)

// words returns the texts of posts with text, and the kinds of the notes, in order.
func (w *world) words() []string {
	var words []string
	for _, p := range w.notes() {
		switch {
		case p.Note != nil:
			words = append(words, string(p.Note.Kind)+": "+p.Note.Text)
		case p.Text != "":
			words = append(words, p.Text)
		}
	}
	return words
}

// post makes the posts and updates that are due.
func (w *world) post() {
	w.t.Helper()
	for _, p := range w.notes() {
		switch {
		case p.State == bridge.StateReady:
			w.do(w.policy.PostBegin(p.Key, p.Rev))
			w.do(w.policy.Posted(p.Key, "5.5", p.Edition))
		case p.Shown != p.Edition:
			w.do(w.policy.Updated(p.Key, p.Edition, w.at.Now, false))
		}
	}
}

func TestMessagesOfOneReadAreOnePost(t *testing.T) {
	long := strings.Repeat("word ", 1500)
	message := func(id string, minute int, text string) string {
		return event(id, "agent_message", minute, `{"message":"`+text+`"}`)
	}
	for name, c := range map[string]struct {
		events []string
		want   []string
	}{
		"side by side":          {[]string{message("1", 1, "a"), message("2", 2, "b")}, []string{"a\n\nb"}},
		"a line between them":   {[]string{message("1", 1, "a"), event("2", "agent_alert_created", 2, `{"message":"x"}`), message("3", 3, "b")}, []string{"a", "alert: x", "b"}},
		"an open fence":         {[]string{message("1", 1, "```\\ncode"), message("2", 2, "b")}, []string{"```\ncode\n```\n\nb"}},
		"an empty one":          {[]string{message("1", 1, "a"), message("2", 2, ""), message("3", 3, "b")}, []string{"a", "b"}},
		"as many as fit":        {[]string{message("1", 1, long), message("2", 2, "b"), message("3", 3, long)}, []string{strings.TrimSpace(long) + "\n\nb", strings.TrimSpace(long)}},
		"work between them":     {[]string{message("1", 1, "a"), event("2", "agent_file_read", 2, `{"path":"x"}`), message("3", 3, "b")}, []string{"a\n\nb"}},
		"one alone is one post": {[]string{message("1", 1, "a")}, []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := bound(t)
			w.reads(*timelineOf(t, bridge.SeenEvents{}, c.events...))
			if diff := cmp.Diff(c.want, w.words()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOneOfSeveralThatChangesChangesTheirPost(t *testing.T) {
	w := bound(t)
	say := func(a, b, c string) []string {
		return []string{
			event("1", "agent_message", 1, `{"message":"`+a+`"}`),
			event("2", "agent_message", 2, `{"message":"`+b+`"}`),
			event("3", "agent_message", 3, `{"message":"`+c+`"}`),
		}
	}
	read := func(events []string) {
		t.Helper()
		w.reads(*timelineOf(t, w.rows.Thread.Seen, events...))
	}
	read(say("a", "b", "c"))
	w.post()
	if got := w.words(); got != nil {
		t.Fatalf("%q is kept", got)
	}
	read(say("a", "now b", "c"))
	if got := w.words(); got != nil {
		t.Errorf("without the words of the others it says %q", got)
	}
	if !w.rows.Volatile.NextPoll.Equal(w.at.Now) || w.rows.Volatile.ETag != "" {
		t.Error("they are not read again")
	}
	read(say("a", "now b", "c"))
	if diff := cmp.Diff([]string{"a\n\nnow b\n\nc"}, w.words()); diff != "" {
		t.Error(diff)
	}
	w.post()
	read(say("a", "now b", "c"))
	if got := w.words(); got != nil {
		t.Errorf("it is said again: %q", got)
	}
	long := strings.TrimSpace(strings.Repeat("word ", 2200))
	for range 2 {
		read(say("a", long, "c"+long))
	}
	if got := strings.Join(w.words(), " "); strings.Count(got, "word") != 4400 || len(w.words()) < 2 {
		t.Errorf("what does not fit any more is %d posts with %d words", len(w.words()), strings.Count(got, "word"))
	}
	w.post()
	for range 2 {
		read(say("a", "b", "c")[:2]) // the third is no longer in the timeline
	}
	if got := w.words(); len(got) == 0 || got[0] != "a\n\nb" {
		t.Errorf("it says %q", got)
	}
}

func TestManyMessagesAreAFewPosts(t *testing.T) {
	var news []timeline.News
	for range maxCoalesced + 1 {
		news = append(news, timeline.News{Event: agen.Event{Type: agen.EventAgentMessage, Payload: []byte(`{"message":"x"}`)}})
	}
	if n := new(Policy).coalesce(news); n != maxCoalesced {
		t.Errorf("%d are one post", n)
	}
}
