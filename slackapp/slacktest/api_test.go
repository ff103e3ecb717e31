package slacktest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

func jsonBody(t *testing.T, v any) io.Reader {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b)
}

// page is a page of messages.
type page struct {
	texts, ts []string
	more      bool
	cursor    string
}

func read(t *testing.T, st *slacktest.Started, method string, kv ...string) page {
	t.Helper()
	body := call(t, st, method, kv...)
	var p struct {
		Messages []struct{ TS, Text string }
		HasMore  bool `json:"has_more"`
		Meta     struct {
			Next string `json:"next_cursor"`
		} `json:"response_metadata"`
	}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	out := page{more: p.HasMore, cursor: p.Meta.Next}
	for _, m := range p.Messages {
		out.texts, out.ts = append(out.texts, m.Text), append(out.ts, m.TS)
	}
	return out
}

func TestPages(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		root := st.Say(ann, dev, "root")
		var ts []string
		for i := range 5 {
			ts = append(ts, st.Say(ann, dev, fmt.Sprint(i), slacktest.InThread(root)))
		}
		st.Say(ann, dev, "other")
		first := read(t, st, "conversations.replies", "channel", dev, "ts", root, "limit", "2")
		if want := []string{"root", "0", "1"}; !slices.Equal(first.texts, want) || !first.more {
			t.Errorf("got %q, more %t; want %q and more", first.texts, first.more, want)
		}
		second := read(t, st, "conversations.replies", "channel", dev, "ts", root, "limit", "10", "cursor", first.cursor)
		if want := []string{"root", "2", "3", "4"}; !slices.Equal(second.texts, want) || second.more {
			t.Errorf("got %q, more %t; want %q and no more", second.texts, second.more, want)
		}
		since := read(t, st, "conversations.replies", "channel", dev, "ts", ts[0], "oldest", ts[2])
		if want := []string{"root", "3", "4"}; !slices.Equal(since.texts, want) {
			t.Errorf("got %q after an exclusive oldest, want %q", since.texts, want)
		}
		history := read(t, st, "conversations.history", "channel", dev)
		if want := []string{"other", "root"}; !slices.Equal(history.texts, want) {
			t.Errorf("got history %q, want %q", history.texts, want)
		}
		upTo := read(t, st, "conversations.history", "channel", dev, "latest", root, "inclusive", "true", "limit", "1")
		if want := []string{"root"}; !slices.Equal(upTo.texts, want) {
			t.Errorf("got history %q, want %q", upTo.texts, want)
		}
		if got := refused(t, st, "conversations.replies", "channel", dev, "ts", "1.000001"); got != "thread_not_found" {
			t.Errorf("got %s, want thread_not_found", got)
		}
		members := call(t, st, "conversations.members", "channel", dev, "limit", "2")
		if got := fmt.Sprint(members["members"]); got != "[U0AGEN U0ANN]" {
			t.Errorf("got members %s, want the first two", got)
		}
		users := call(t, st, "users.list", "limit", "2")
		if got, _ := users["members"].([]any); len(got) != 2 {
			t.Errorf("got %d users on a page of 2", len(got))
		}
	})
}

func TestHistoryLag(t *testing.T) {
	bubble(t, slacktest.Config{HistoryLag: 5 * time.Second}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		root := st.Say(ann, dev, "root")
		call(t, st, "chat.postMessage", "channel", dev, "thread_ts", root, "text", "answer")
		if got := read(t, st, "conversations.replies", "channel", dev, "ts", root).texts; len(got) != 1 {
			t.Errorf("got %q at once, want the root alone", got)
		}
		time.Sleep(5 * time.Second)
		if got := read(t, st, "conversations.replies", "channel", dev, "ts", root).texts; len(got) != 2 {
			t.Errorf("got %q later, want both", got)
		}
	})
}

func TestRefusedRequests(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		secret := st.AddChannel(slacktest.Channel{Name: "secret", Kind: slacktest.Private, WithoutBot: true}).ID
		old := st.AddChannel(slacktest.Channel{Name: "old", IsArchived: true}).ID
		section := func(n int) string {
			return `{"type":"section","text":{"type":"mrkdwn","text":"` + strings.Repeat("x", n) + `"}}`
		}
		markdown := func(n int) string { return `{"type":"markdown","text":"` + strings.Repeat("x", n) + `"}` }
		expanded := func(md string, n int) string {
			text, _ := json.Marshal(strings.Repeat(md, n))
			return `[{"type":"markdown","text":` + string(text) + `}]`
		}
		many := "[" + strings.Repeat(section(1)+",", 50) + section(1) + "]"
		say := func(kv ...string) []string { return append([]string{"chat.postMessage", "channel", dev}, kv...) }
		for _, c := range []struct {
			want string
			args []string
		}{
			{"no_text", say()},
			{"invalid_blocks", say("blocks", "["+section(3001)+"]")},
			{"invalid_blocks", say("blocks", "["+markdown(6000)+","+markdown(6001)+"]")},
			{"invalid_blocks", say("blocks", many)},
			{"invalid_blocks", say("blocks", expanded("# h\n\np\n\n", 26))},
			{"invalid_blocks", say("blocks", expanded("- a\n\n  ```\n  x\n  ```\n", 51))},
			{"msg_blocks_too_long", say("blocks", "["+strings.Repeat(section(2650)+",", 4)+section(2650)+"]")},
			{"invalid_blocks", say("blocks", `[{"type":"section","text":"x"}]`)},
			{"invalid_blocks", say("blocks", `[{"type":"nonsense"}]`)},
			{"invalid_blocks_format", say("blocks", `nonsense`)},
			{"markdown_text_conflict", say("text", "x", "markdown_text", "y")},
			{"channel_not_found", []string{"chat.postMessage", "channel", secret, "text", "x"}},
			{"is_archived", []string{"chat.postMessage", "channel", old, "text", "x"}},
			{"user_not_in_channel", []string{"chat.postEphemeral", "channel", dev, "user", "U0NOBODY", "text", "x"}},
			{"user_not_found", []string{"users.info", "user", "U0NOBODY"}},
			{"missing_scope", []string{"conversations.join", "channel", dev}},
			{"no_item_specified", []string{"reactions.add", "name", "eyes"}},
			{"bad_timestamp", []string{"reactions.add", "name", "eyes", "channel", dev, "timestamp", "yesterday"}},
			{"invalid_cursor", []string{"conversations.history", "channel", dev, "cursor", "x"}},
		} {
			if got := refused(t, st, c.args[0], c.args[1:]...); got != c.want {
				t.Errorf("%v: got %s, want %s", c.args, got, c.want)
			}
		}
		for token, want := range map[string]string{"": "not_authed", "xoxb-wrong": "invalid_auth", st.Config().AppToken: "not_allowed_token_type"} {
			r, err := post(t, st, "users.info", token, form("user", ann))
			if err != nil || r.body["error"] != want {
				t.Errorf("token %q: got %v, %v; want %s", token, r.body, err, want)
			}
		}
		st.AllowUnexpected = true
		if got := refused(t, st, "chat.meMessage"); got != "unknown_method" || len(st.Unexpected()) != 1 {
			t.Errorf("got %s and %d unexpected requests, want unknown_method and 1", got, len(st.Unexpected()))
		}
	})
}

func TestPostsAsStored(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, _, dev string) {
		body := call(t, st, "chat.postMessage", "channel", dev, "text", "a & b", "metadata", `{"event_type":"a.b","event_payload":{}}`)
		if body["warning"] != "invalid_metadata_format" {
			t.Errorf("got %v, want a warning about the period", body)
		}
		call(t, st, "chat.postMessage", "channel", dev, "text", strings.Repeat("x", 40_001))
		call(t, st, "chat.postMessage", "channel", dev, "text", "fallback", "blocks",
			"[{\"type\":\"markdown\",\"text\":\"<!here> `<!here>` <!\u2060here>\"}]")
		if got, want := st.RenderChannel(dev), "@here `<!here>` <!\u2060here>"; !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got[max(0, len(got)-100):], want)
		}
		body = call(t, st, "chat.postMessage", "channel", dev, "text", "fallback", "blocks",
			"[{\"type\":\"markdown\",\"text\":\"# Title\\n**bold** and `code`\\n- one\\n```go\\nx := 1\\n```\"}]")
		ts, _ := body["ts"].(string)
		msgs := st.Messages(dev)
		if got := msgs[0]; got.Text != "a &amp; b" || got.Metadata != nil {
			t.Errorf("got text %q, metadata %s; want it escaped and none", got.Text, got.Metadata)
		}
		if got := len(msgs[1].Text); got != 40_000 {
			t.Errorf("got %d characters stored, want 40000", got)
		}
		if got := string(msgs[3].Blocks); !strings.Contains(got, "rich_text_preformatted") || strings.Contains(got, "markdown") {
			t.Errorf("got blocks %s, want rich text", got)
		}
		const shown = "agen (app)\n    *Title*\n    *bold* and `code`\n    • one\n    ```\n    x := 1\n    ```\n"
		if got := st.RenderThread(dev, ts); got != shown {
			t.Errorf("got %q, want %q", got, shown)
		}
		call(t, st, "chat.update", "channel", dev, "ts", ts, "text", "text only")
		if m, _ := st.Message(dev, ts); m.Blocks != nil || m.EditedTS == "" {
			t.Errorf("got blocks %s, edited %q; want the blocks gone and an edit", m.Blocks, m.EditedTS)
		}
		if got := refused(t, st, "chat.update", "channel", dev, "ts", ts, "text", strings.Repeat("x", 4001)); got != "msg_too_long" {
			t.Errorf("got %s, want msg_too_long", got)
		}
	})
}

func TestFiles(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		c := dial(t, st)
		st.Say(ann, dev, "see", slacktest.WithFiles(slacktest.File{
			ID: "F0LOG", Name: "log.txt", Mode: "snippet", Content: []byte("line 1\nline 2"), CheckInfo: true,
		}))
		if got := string(c.next().Payload); !strings.Contains(got, `"check_file_info"`) || strings.Contains(got, "log.txt") {
			t.Errorf("got event %s, want the file stripped", got)
		}
		file, _ := call(t, st, "files.info", "file", "F0LOG")["file"].(map[string]any)
		link, _ := file["url_private_download"].(string)
		for token, want := range map[string]string{st.Config().BotToken: "line 1\nline 2", "xoxb-wrong": "Sign in"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+token)
			resp, err := st.Client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || !strings.Contains(string(got), want) {
				t.Errorf("got %q, %v; want %q", got, err, want)
			}
		}
		for _, r := range st.Requests() {
			if raw := fmt.Sprintf("%+v", r); strings.Contains(raw, "xoxb-") {
				t.Errorf("got a token in %s", raw)
			}
		}
	})
}
