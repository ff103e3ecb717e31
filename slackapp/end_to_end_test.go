package slackapp

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

func TestMentionIsReceivedComposedAndAnswered(t *testing.T) {
	w := newWorld(t, slacktest.NewStarted(t, slacktest.Config{}), nil)
	w.run(t)
	ctx := t.Context()
	ts := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> fix the *login* test")
	w.WaitFor("both events acknowledged", func() bool { return len(w.Acks()) == 2 })

	messages := w.inlet.messagesSeen()
	if len(messages) != 1 {
		t.Fatalf("the inlet got %d messages, want 1: %+v", len(messages), messages)
	}
	m := messages[0]
	if want := bridge.ThreadKey("T0ACME/C0DEV/" + ts); m.Thread != want || m.TS != ts || m.Kind != bridge.KindMention {
		t.Errorf("the inlet got %q %q %q, want thread %q, a mention", m.Thread, m.TS, m.Kind, want)
	}
	refusal, err := w.app.Authorize(ctx, m)
	if err != nil || refusal != bridge.Allowed {
		t.Errorf("Authorize = %q, %v, want allowed", refusal, err)
	}
	p, err := w.app.Compose(ctx, m, bridge.PromptContext{NewSession: true})
	if err != nil {
		t.Fatal(err)
	}
	if want := "Ann Lee writes in Slack:\n\nfix the **login** test"; p.Text != want {
		t.Errorf("composed %q, want %q", p.Text, want)
	}
	if err := w.app.AddReaction(ctx, m.Thread, ts, "eyes"); err != nil {
		t.Error(err)
	}
	posted, err := w.app.Post(ctx, m.Thread, bridge.Post{Key: "note/1", Text: "Hello", Buttons: []bridge.Button{
		{Action: bridge.ActionRetry, Label: "Try again", Primary: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	found, err := w.app.FindPost(ctx, m.Thread, "note/1")
	if err != nil || found != posted {
		t.Errorf("FindPost = %q, %v, want %q", found, err, posted)
	}
	w.Click(w.ann.ID, w.dev.ID, posted, bridge.ActionRetry)
	eventually(t, "the click", func() bool { return len(w.inlet.clicksSeen()) == 1 })
	want := bridge.Click{Thread: m.Thread, Post: "note/1", Action: bridge.ActionRetry, By: w.ann.ID}
	if diff := cmp.Diff(want, w.inlet.clicksSeen()[0], cmpopts.IgnoreFields(bridge.Click{}, "TS", "Body", "ResponseURL")); diff != "" {
		t.Error(diff)
	}
	if err := w.app.Update(ctx, m.Thread, posted, bridge.Post{Key: "note/1", Text: "Done"}); err != nil {
		t.Error(err)
	}
	if err := w.app.RemoveReaction(ctx, m.Thread, ts, "eyes"); err != nil {
		t.Error(err)
	}
	t.Log(w.RenderThread(w.dev.ID, ts))
}
