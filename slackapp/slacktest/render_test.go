package slacktest_test

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, file, got string) {
	t.Helper()
	path := "testdata/" + file
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
	}
}

func TestRenderThread(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		st.AddUser(slacktest.User{ID: ann, Name: "ann", DisplayName: "Ann\n*boss*"})
		st.AddGroup(slacktest.Group{Handle: "backend"})
		root := st.Say(ann, dev, "<@U0AGEN> please fix <https://ci.example/1|the *run*> for <!subteam^S0BACKEND> in <#C0DEV|dev> :eyes:\n"+
			"> quoted &amp; `code`\n• one\n• two\n```\nif a &lt; b {\n```", slacktest.WithFiles(slacktest.File{Name: "log.txt"}))
		call(t, st, "reactions.add", "channel", dev, "timestamp", root, "name", "hourglass_flowing_sand")
		if err := st.React("U0BOB", dev, root, "partyparrot"); err != nil {
			t.Fatal(err)
		}
		call(t, st, "chat.postMessage", "channel", dev, "thread_ts", root, "text", "fallback", "blocks", `[
			{"type":"section","text":{"type":"mrkdwn","text":"*Working* · asked by <@U0ANN> since <!date^946684800^{date_short_pretty} {time}|then>"}},
			{"type":"context","elements":[{"type":"mrkdwn","text":"branch `+"`fix/login`"+` · <https://agen.example|merge request>"}]},
			{"type":"divider"},
			{"type":"actions","elements":[{"type":"button","action_id":"q","text":{"type":"plain_text","text":"Only when mentioned"}},
				{"type":"button","action_id":"s","text":{"type":"plain_text","text":":zap: Stop"}}]}]`)
		call(t, st, "chat.postEphemeral", "channel", dev, "user", "U0BOB", "thread_ts", root, "text", "Only you can see this.")
		reply := st.Say("U0BOB", dev, "never mind", slacktest.InThread(root))
		gone := st.Say("U0BOB", dev, "oops", slacktest.InThread(root))
		st.Edit("U0BOB", dev, reply, "_really_ never mind, <@U0ANN>")
		st.Delete("U0BOB", dev, gone)
		golden(t, "thread.txt", st.RenderThread(dev, root))
		st.Say("U0BOB", dev, "something else")
		st.Delete(ann, dev, root)
		golden(t, "channel.txt", st.RenderChannel(dev))
	})
}

func TestRichTextOfTypedText(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		ts := st.Say(ann, dev, "<@U0AGEN> see *<https://x.example|x>* &lt;here&gt; <!here>")
		m, _ := st.Message(dev, ts)
		var blocks []struct {
			Type     string
			Elements []struct {
				Type     string
				Elements json.RawMessage
			}
		}
		if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
			t.Fatal(err)
		}
		const want = `[{"type":"user","user_id":"U0AGEN"},{"text":" see ","type":"text"},` +
			`{"style":{"bold":true},"text":"x","type":"link","url":"https://x.example"},` +
			`{"text":" \u003chere\u003e ","type":"text"},{"range":"here","type":"broadcast"}]`
		if got := string(blocks[0].Elements[0].Elements); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
