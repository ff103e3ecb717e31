package slacktest_test

import (
	"testing"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// Slack answers ok for an unknown thread_ts, and the whole channel sees the post.
func TestAPostToAThreadThatIsGoneLandsInTheChannel(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		gone, tombstone := st.Say(ann, dev, "gone"), st.Say(ann, dev, "answered")
		st.Say(ann, dev, "reply", slacktest.InThread(tombstone))
		st.Delete(ann, dev, gone)
		st.Delete(ann, dev, tombstone)
		for root, want := range map[string]string{"1.000001": "", gone: "", tombstone: tombstone} {
			body := call(t, st, "chat.postMessage", "channel", dev, "thread_ts", root, "text", "hi")
			posted, ok := body["message"].(map[string]any)
			if got, _ := posted["thread_ts"].(string); !ok || got != want {
				t.Errorf("below %s it was posted to the thread %q, want %q", root, got, want)
			}
		}
	})
}

func TestAnEphemeralMessageInAnInactiveThreadIsHidden(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		root := st.Say(ann, dev, "root")
		whisper := func(kv ...string) {
			call(t, st, "chat.postEphemeral", append([]string{"channel", dev, "user", ann, "blocks", twoButtons}, kv...)...)
		}
		whisper("thread_ts", root)
		if n := len(st.Ephemerals(ann)); n != 0 {
			t.Errorf("%d private messages are shown in a thread without a reply", n)
		}
		hidden := st.HiddenEphemerals()
		if len(hidden) != 1 || hidden[0].ThreadTS != root {
			t.Fatalf("hidden: %+v", hidden)
		}
		if err := st.Server.Click(ann, dev, hidden[0].TS, "yes"); err == nil {
			t.Error("somebody clicked on what is not shown")
		}
		whisper()
		st.Say(ann, dev, "reply", slacktest.InThread(root))
		whisper("thread_ts", root)
		if n := len(st.Ephemerals(ann)); n != 2 {
			t.Errorf("%d private messages are shown, want that of the channel and that of the active thread", n)
		}
	})
}

func TestAnArchivedChannelTakesNothing(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		c := dial(t, st)
		for _, archived := range []bool{true, false} {
			if err := st.Archive(ann, dev, archived); err != nil {
				t.Fatal(err)
			}
			if archived {
				if got := refused(t, st, "chat.postMessage", "channel", dev, "text", "hi"); got != "is_archived" {
					t.Errorf("got %s, want is_archived", got)
				}
			}
		}
		call(t, st, "chat.postMessage", "channel", dev, "text", "hi")
		expect(t, "events", listen(t, c, 3)[:2], heard{Type: "channel_archive"}, heard{Type: "channel_unarchive"})
	})
}
