package slackapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/markdown"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// sampleCall is a call that changes what people see.
type sampleCall struct {
	name, method string
	do           func(ctx context.Context, w *world, thread bridge.ThreadKey, ts string) error
	// unclear is the class of an unclear outcome.
	unclear bridge.FaultClass
}

// archived is the class of a refusal because the channel is archived.
func (c sampleCall) archived() bridge.FaultClass {
	if c.method == "conversations.replies" {
		return bridge.ClassRejected
	}
	return bridge.ClassBlocked
}

func sampleCalls() []sampleCall {
	note := bridge.Post{Key: "note/1", Text: "Hello"}
	private := bridge.Post{Key: "note/2", Text: "Hello", To: "U0ANN"}
	return []sampleCall{
		{"Post", "chat.postMessage", func(ctx context.Context, w *world, k bridge.ThreadKey, _ string) error {
			_, err := w.app.Post(ctx, k, note)
			return err
		}, bridge.ClassUnsure},
		{"private Post", "chat.postEphemeral", func(ctx context.Context, w *world, k bridge.ThreadKey, _ string) error {
			_, err := w.app.Post(ctx, k, private)
			return err
		}, bridge.ClassUnsure},
		{"Find", "conversations.replies", func(ctx context.Context, w *world, k bridge.ThreadKey, _ string) error {
			_, err := w.app.FindPost(ctx, k, "note/1")
			return err
		}, bridge.ClassTemporary},
		{"Reread", "conversations.replies", func(ctx context.Context, w *world, k bridge.ThreadKey, ts string) error {
			_, err := w.app.Reread(ctx, k, ts)
			return err
		}, bridge.ClassTemporary},
		{"Shown", "conversations.replies", func(ctx context.Context, w *world, k bridge.ThreadKey, ts string) error {
			_, err := w.app.OwnReactions(ctx, k, ts)
			return err
		}, bridge.ClassTemporary},
		{"React", "reactions.add", func(ctx context.Context, w *world, k bridge.ThreadKey, ts string) error {
			return w.app.AddReaction(ctx, k, ts, "eyes")
		}, bridge.ClassTemporary},
		{"Unreact", "reactions.remove", func(ctx context.Context, w *world, k bridge.ThreadKey, ts string) error {
			return w.app.RemoveReaction(ctx, k, ts, "eyes")
		}, bridge.ClassTemporary},
		{"Update", "chat.update", func(ctx context.Context, w *world, k bridge.ThreadKey, _ string) error {
			ts, err := w.app.FindPost(ctx, k, "first")
			if err != nil {
				return err
			}
			changed := note
			changed.Key = "first"
			return w.app.Update(ctx, k, ts, changed)
		}, bridge.ClassTemporary},
	}
}

func TestOwnReactionsAreOnlyOurs(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		ts := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> fix it")
		thread := location{w.dev.ID, ts}.key("T0ACME")
		for _, emoji := range []string{"tada", "eyes"} {
			if err := w.React(w.ann.ID, w.dev.ID, ts, emoji); err != nil {
				t.Fatal(err)
			}
		}
		for _, emoji := range []string{"eyes", "warning"} {
			if err := w.app.AddReaction(t.Context(), thread, ts, emoji); err != nil {
				t.Fatal(err)
			}
		}
		got, err := w.app.OwnReactions(t.Context(), thread, ts)
		if slices.Sort(got); err != nil || !slices.Equal(got, []string{"eyes", "warning"}) {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func TestEveryCallClassifiesEveryFault(t *testing.T) {
	for _, d := range sampleCalls() {
		t.Run(d.name, func(t *testing.T) {
			faults := []struct {
				fault slacktest.Fault
				want  bridge.FaultClass
			}{
				{slacktest.Fault{Kind: slacktest.ServerError}, d.unclear},
				{slacktest.Fault{Kind: slacktest.CutConnection}, d.unclear}, // after the header was sent
				{slacktest.Fault{Kind: slacktest.LoseAnswer}, d.unclear},
				{slacktest.Fault{Kind: slacktest.CutHeaders}, d.unclear},
				{slacktest.Fault{Kind: slacktest.CutBody}, d.unclear},
				{slacktest.Fault{Kind: slacktest.GarbageAnswer}, d.unclear},
				{slacktest.Fault{Kind: slacktest.Hang}, d.unclear},
				{slacktest.Fault{Kind: slacktest.ErrorAnswer, Error: ""}, d.unclear},
				{slacktest.Fault{Kind: slacktest.ErrorAnswer, Error: "fatal_error"}, d.unclear},
				{slacktest.Fault{Kind: slacktest.ErrorAnswer, Error: "invalid_auth"}, bridge.ClassUnauthorized},
				{slacktest.Fault{Kind: slacktest.ErrorAnswer, Error: "channel_not_found"}, bridge.ClassNotInChannel},
				{slacktest.Fault{Kind: slacktest.ErrorAnswer, Error: "is_archived"}, d.archived()},
				{slacktest.Fault{Kind: slacktest.RateLimited, RetryAfter: time.Second}, bridge.ClassRateLimited},
				{slacktest.Fault{Kind: slacktest.RateLimitedSilent}, bridge.ClassRateLimited},
			}
			inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
				ts := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> fix it")
				thread := location{w.dev.ID, ts}.key("T0ACME")
				if _, err := w.app.Post(t.Context(), thread, bridge.Post{Key: "first", Text: "x"}); err != nil {
					t.Fatal(err)
				}
				for _, f := range faults {
					f.fault.Method = d.method
					rule := w.Inject(f.fault)
					if err := d.do(t.Context(), w, thread, ts); !errors.Is(err, f.want) {
						t.Errorf("%s %s: %v, want %s", f.fault.Kind, f.fault.Error, err, f.want)
					}
					rule.Release()
					time.Sleep(time.Minute) // until the rate limit is over
				}
				if err := d.do(t.Context(), w, thread, ts); err != nil {
					t.Errorf("without a fault: %v", err)
				}
			})
		})
	}
}

func TestRequestThatWasNotSentIsTemporary(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		thread := bridge.ThreadKey("T0ACME/C0DEV/1.000001")
		if _, err := w.app.auth.identity(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.Close()       // nothing listens any more
		synctest.Wait() // and there is no idle connection to try
		if _, err := w.app.Post(t.Context(), thread, bridge.Post{Key: "k", Text: "x"}); !errors.Is(err, bridge.ClassTemporary) {
			t.Errorf("%v, want ClassTemporary: without a connection nothing was posted", err)
		}
	})
}

func TestRateLimitIsKeptWithoutCalling(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		ops := w.AddChannel(slacktest.Channel{Name: "ops"})
		here := location{w.dev.ID, w.Say(w.ann.ID, w.dev.ID, "a")}.key("T0ACME")
		there := location{ops.ID, w.Say(w.ann.ID, ops.ID, "b")}.key("T0ACME")
		w.Inject(slacktest.Fault{Kind: slacktest.RateLimited, Method: "chat.postMessage", RetryAfter: 20 * time.Second})
		post := func(k bridge.ThreadKey) error {
			_, err := w.app.Post(t.Context(), k, bridge.Post{Key: "k", Text: "x"})
			return err
		}
		if err := post(here); !errors.Is(err, bridge.ClassRateLimited) || webapi.FaultOf(err).Wait != 20*time.Second {
			t.Errorf("%v, want rate-limited for 20 s", err)
		}
		time.Sleep(5 * time.Second)
		if err := post(here); !errors.Is(err, bridge.ClassRateLimited) || webapi.FaultOf(err).Wait != 15*time.Second {
			t.Errorf("%v, want rate-limited for 15 s more", err)
		}
		if err := post(there); err != nil {
			t.Errorf("another channel: %v", err)
		}
		if got := len(w.Requests("chat.postMessage")); got != 2 {
			t.Errorf("%d calls, want 2", got)
		}
		time.Sleep(15 * time.Second)
		if err := post(here); err != nil {
			t.Errorf("after the wait: %v", err)
		}
	})
}

func TestReactionsConverge(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		ts := w.Say(w.ann.ID, w.dev.ID, "a")
		thread := location{w.dev.ID, ts}.key("T0ACME")
		for range 2 {
			if err := w.app.AddReaction(t.Context(), thread, ts, "eyes"); err != nil {
				t.Errorf("AddReaction: %v", err)
			}
		}
		if got := w.Reactions(w.dev.ID, ts); !slices.Equal(got, []string{"eyes"}) {
			t.Errorf("reactions %q", got)
		}
		for range 2 {
			if err := w.app.RemoveReaction(t.Context(), thread, ts, "eyes"); err != nil {
				t.Errorf("RemoveReaction: %v", err)
			}
		}
		if err := w.app.AddReaction(t.Context(), thread, "1.000001", "eyes"); !errors.Is(err, bridge.ClassNotFound) {
			t.Errorf("add to a missing message: %v, want ClassNotFound", err)
		}
		if err := w.app.RemoveReaction(t.Context(), thread, "1.000001", "eyes"); !errors.Is(err, bridge.ClassNotFound) {
			t.Errorf("remove from a missing message: %v, want ClassNotFound", err)
		}
	})
}

func TestPostShowsTextAndButtons(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		ts := w.Say(w.ann.ID, w.dev.ID, "a")
		thread := location{w.dev.ID, ts}.key("T0ACME")
		long := strings.Repeat("a line of the note\n", 400)
		p := bridge.Post{Key: "k", Text: long, Buttons: []bridge.Button{
			{Action: bridge.ActionRetry, Label: "Try again", Primary: true}, {Action: bridge.ActionDismiss, Label: strings.Repeat("x", 80)},
		}}
		posted, err := w.app.Post(t.Context(), thread, p)
		if err != nil {
			t.Fatal(err)
		}
		m, _ := w.Message(w.dev.ID, posted)
		var blocks []struct {
			Type string
			Text struct {
				Text     string
				Verbatim bool
			}
			Elements []map[string]any
		}
		if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, b := range blocks[:len(blocks)-1] {
			if b.Type != "section" || !b.Text.Verbatim {
				t.Errorf("block %+v, want a verbatim section", b)
			}
			said = append(said, b.Text.Text)
		}
		if got := strings.Join(said, "\n"); got != long && got+"\n" != long {
			t.Errorf("the sections say %d of %d characters", len(got), len(long))
		}
		buttons := blocks[len(blocks)-1].Elements
		if got := fmt.Sprint(buttons[0]["action_id"], buttons[0]["value"], buttons[0]["style"], buttons[1]["style"]); got != "retrykprimary<nil>" {
			t.Errorf("buttons: %s", got)
		}
		req := w.Requests("chat.postMessage")[0].Args
		for name, want := range map[string]string{"unfurl_links": "false", "unfurl_media": "false", "parse": "none", "thread_ts": ts} {
			if req[name] != want {
				t.Errorf("%s = %q, want %q", name, req[name], want)
			}
		}
		if got := string(m.Metadata); !strings.Contains(got, `"agenbridge_post"`) || !strings.Contains(got, `"key":"k"`) {
			t.Errorf("metadata %s", got)
		}
		if err := w.app.Update(t.Context(), thread, posted, bridge.Post{Key: "k", Text: "short"}); err != nil {
			t.Fatal(err)
		}
		m, _ = w.Message(w.dev.ID, posted)
		if strings.Contains(string(m.Blocks), "actions") || !strings.Contains(string(m.Metadata), `"key":"k"`) {
			t.Errorf("after the update: %s %s, want no buttons and the metadata", m.Blocks, m.Metadata)
		}
	})
}

func TestRefusedMarkdownBlockBecomesPlainText(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		var want []string
		for i := range 600 {
			want = append(want, fmt.Sprintf("step %03d of R&D", i))
		}
		md := "<!channel> is **loud**, @here too\n\n```\n" + strings.Join(want, "\n") + "\n```\n\n[log](https://ci.example/7)"
		w.Inject(slacktest.Fault{Kind: slacktest.ErrorAnswer, Method: "chat.postMessage", Error: "invalid_blocks"})
		ts, err := w.app.Post(t.Context(), location{w.dev.ID, w.root}.key("T0ACME"), bridge.Post{Key: "k", Text: md, Markdown: true})
		if err != nil {
			t.Fatal(err)
		}
		m, _ := w.Message(w.dev.ID, ts)
		var blocks []struct{ Text struct{ Type, Text string } }
		if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, b := range blocks {
			if b.Text.Type != "plain_text" || len(b.Text.Text) > maxSection {
				t.Errorf("%d bytes of %s", len(b.Text.Text), b.Text.Type)
			}
			said = append(said, b.Text.Text)
		}
		got := strings.Join(said, "\n")
		want = append([]string{"<!channel> is loud, @here too", ""}, append(want, "", "log (https://ci.example/7)")...)
		if got != strings.Join(want, "\n") {
			t.Errorf("the sections say %q", got)
		}
		if !strings.HasPrefix(m.Text, "&lt;!channel&gt; is loud, @here too step 000 of R&amp;D") {
			t.Errorf("the notification says %q", m.Text)
		}
	})
}

// TestAnswerOfManyBlocksIsSplit has 60 blocks in 3 KB.
func TestAnswerOfManyBlocksIsSplit(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		md := ""
		for i := range 30 {
			md += fmt.Sprintf("## Heading %d\n\nA paragraph of some words, so that the whole has some length: %d.\n\n", i, i)
		}
		parts := markdown.Split(md, PostLimit)
		if len(parts) != 2 {
			t.Fatalf("got %d parts, want 2", len(parts))
		}
		for _, part := range parts {
			p := bridge.Post{Key: "k", Text: part, Markdown: true}
			ts, err := w.app.Post(t.Context(), location{w.dev.ID, w.root}.key("T0ACME"), p)
			if err != nil {
				t.Fatal(err)
			}
			if m, _ := w.Message(w.dev.ID, ts); !strings.Contains(string(m.Sent), `"markdown"`) {
				t.Errorf("got the blocks %s, want the markdown block", m.Sent)
			}
		}
	})
}

// TestNotificationIsEscapedOnce reads the text that a notification shows, as Slack stores it.
func TestNotificationIsEscapedOnce(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		p := bridge.Post{Key: "k", Text: "R&D, `a<b>c` &amp; <!here>", Markdown: true}
		thread := location{w.dev.ID, w.root}.key("T0ACME")
		ts, err := w.app.Post(t.Context(), thread, p)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if m, _ := w.Message(w.dev.ID, ts); m.Text != "R&amp;D, a&lt;b&gt;c &amp; &lt;!here&gt;" {
				t.Errorf("the notification says %q", m.Text)
			}
			if err := w.app.Update(t.Context(), thread, ts, p); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestFindPostSeesOnlyOurPosts(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		ts := w.Say(w.ann.ID, w.dev.ID, "a")
		thread := location{w.dev.ID, ts}.key("T0ACME")
		for range 250 {
			w.Say(w.ann.ID, w.dev.ID, "chatter", slacktest.InThread(ts))
		}
		find := func(key, want string) {
			t.Helper()
			if got, err := w.app.FindPost(t.Context(), thread, key); err != nil || got != want {
				t.Errorf("FindPost(%q) = %q, %v, want %q", key, got, err, want)
			}
		}
		find("k", "")
		w.Inject(slacktest.Fault{Kind: slacktest.LoseAnswer, Method: "chat.postMessage"})
		if _, err := w.app.Post(t.Context(), thread, bridge.Post{Key: "k", Text: "x"}); !errors.Is(err, bridge.ClassUnsure) {
			t.Errorf("%v, want unsure", err)
		}
		all := w.Thread(w.dev.ID, ts)
		find("k", all[len(all)-1].TS)
		find("k2", "")
		w.Inject(slacktest.Fault{Kind: slacktest.MalformedBlock, Method: "conversations.replies", Count: -1})
		find("k", all[len(all)-1].TS)
	})
}

func TestRereadReturnsTheCurrentVersion(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		root := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> fix it")
		reply := w.Say(w.ann.ID, w.dev.ID, "old", slacktest.InThread(root))
		bot := w.AddUser(slacktest.User{Name: "ci", IsBot: true, BotID: "B0CI"})
		other := w.Say(bot.ID, w.dev.ID, "<@U0AGEN> hi", slacktest.InThread(root))
		thread := location{w.dev.ID, root}.key("T0ACME")
		w.Edit(w.ann.ID, w.dev.ID, reply, "new")
		m, err := w.app.Reread(t.Context(), thread, reply)
		if err != nil {
			t.Fatal(err)
		}
		b, err := decodeBody(m)
		if err != nil || b.Text != "new" || m.Kind != bridge.KindReply || m.Edited == "" || m.Thread != thread {
			t.Errorf("%+v says %q, %v", m, b.Text, err)
		}
		if m, err = w.app.Reread(t.Context(), thread, root); err != nil || m.Kind != bridge.KindMention {
			t.Errorf("root: %+v, %v", m, err)
		}
		w.Delete(w.ann.ID, w.dev.ID, reply)
		for name, ts := range map[string]string{"deleted": reply, "never there": "1.000001", "a bot's": other} {
			if _, err := w.app.Reread(t.Context(), thread, ts); !errors.Is(err, bridge.ClassNotFound) {
				t.Errorf("%s: %v, want missing", name, err)
			}
		}
		if _, err := w.app.Reread(t.Context(), "T0ACME/C0DEV/1.000001", "1.000001"); !errors.Is(err, bridge.ClassNotFound) {
			t.Errorf("no thread: %v, want missing", err)
		}
		w.Delete(w.ann.ID, w.dev.ID, root) // stays as a tombstone
		if _, err := w.app.Reread(t.Context(), thread, root); !errors.Is(err, bridge.ClassNotFound) {
			t.Errorf("tombstone: %v, want missing", err)
		}
	})
}

func TestMalformedThreadKeyIsRejected(t *testing.T) {
	a, err := New(Config{BotToken: FixedToken("x"), AppToken: FixedToken("y")})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	_, post := a.Post(ctx, "x", bridge.Post{})
	_, find := a.FindPost(ctx, "x", "k")
	_, reread := a.Reread(ctx, "x", "1.000001")
	_, authorize := a.Authorize(ctx, bridge.Message{})
	_, compose := a.Compose(ctx, bridge.Message{}, bridge.PromptContext{})
	for name, err := range map[string]error{
		"Post": post, "FindPost": find, "Reread": reread, "Authorize": authorize, "Compose": compose,
		"Update": a.Update(ctx, "x", "1.000001", bridge.Post{}), "React": a.AddReaction(ctx, "x", "1.000001", "eyes"),
		"Unreact": a.RemoveReaction(ctx, "x", "1.000001", "eyes"),
	} {
		if !errors.Is(err, bridge.ClassRejected) {
			t.Errorf("%s: %v, want rejected", name, err)
		}
	}
}
