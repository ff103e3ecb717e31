package slacktest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// app is a small app on slack-go: it acknowledges everything and passes on what it receives.
type app struct {
	api    *slack.Client
	events chan socketmode.Event
	done   chan error
}

func startApp(t *testing.T, st *slacktest.Started) *app {
	t.Helper()
	cfg := st.Config()
	a := &app{
		api: slack.New(cfg.BotToken, slack.OptionAppLevelToken(cfg.AppToken), slack.OptionAPIURL(st.APIURL),
			slack.OptionHTTPClient(st.Client)),
		events: make(chan socketmode.Event, 1000),
		done:   make(chan error, 1),
	}
	dialer := &websocket.Dialer{NetDialContext: st.Dial}
	client := socketmode.New(a.api, socketmode.OptionDialer(dialer))
	ctx, cancel := context.WithCancel(t.Context())
	finished := make(chan struct{})
	go func() { a.done <- client.RunContext(ctx) }()
	go func() {
		defer close(finished)
		for {
			select {
			case ev := <-client.Events:
				if ev.Request != nil && ev.Request.EnvelopeID != "" {
					if err := client.AckCtx(ctx, ev.Request.EnvelopeID, nil); err != nil && ctx.Err() == nil {
						t.Errorf("acknowledge: %v", err)
					}
				}
				a.events <- ev
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-a.done; !errors.Is(err, context.Canceled) {
			t.Errorf("run the socket: %v", err)
		}
		<-finished
	})
	st.WaitFor("a socket", func() bool { return len(st.Sockets()) > 0 })
	return a
}

// inner waits for the next Events API callback.
func (a *app) inner(t *testing.T) (slackevents.EventsAPIEvent, *socketmode.Request) {
	t.Helper()
	timeout := time.After(10 * time.Second)
	for {
		select {
		case ev := <-a.events:
			if e, ok := ev.Data.(slackevents.EventsAPIEvent); ok {
				return e, ev.Request
			}
		case <-timeout:
			t.Fatal("no event")
		}
	}
}

func world(t *testing.T, cfg slacktest.Config) (*slacktest.Started, string, string) {
	t.Helper()
	st := slacktest.NewStarted(t, cfg)
	ann := st.AddUser(slacktest.User{Name: "ann", DisplayName: "Ann"})
	st.AddUser(slacktest.User{Name: "bob"})
	dev := st.AddChannel(slacktest.Channel{Name: "dev"})
	return st, ann.ID, dev.ID
}

func TestSlackGoMentionToAnswer(t *testing.T) {
	st, ann, dev := world(t, slacktest.Config{})
	a := startApp(t, st)
	ts := st.Say(ann, dev, "<@U0AGEN> the *login* test is flaky, see <https://ci.example/1|the run>")

	var mention *slackevents.AppMentionEvent
	var message *slackevents.MessageEvent
	ids := map[string]bool{}
	for range 2 {
		e, _ := a.inner(t)
		cb, ok := e.Data.(*slackevents.EventsAPICallbackEvent)
		if !ok {
			t.Fatalf("got %T, want a callback", e.Data)
		}
		ids[cb.EventID] = true
		switch in := e.InnerEvent.Data.(type) {
		case *slackevents.AppMentionEvent:
			mention = in
		case *slackevents.MessageEvent:
			message = in
		}
	}
	if mention == nil || message == nil || len(ids) != 2 {
		t.Fatalf("got mention %v, message %v, %d event ids; want both and 2", mention, message, len(ids))
	}
	if mention.TimeStamp != ts || message.TimeStamp != ts || message.ChannelType != "channel" {
		t.Errorf("got ts %s and %s in a %q, want %s in a channel", mention.TimeStamp, message.TimeStamp, message.ChannelType, ts)
	}
	if len(message.Message.Blocks.BlockSet) != 1 {
		t.Errorf("got %d blocks, want the rich text", len(message.Message.Blocks.BlockSet))
	}

	ctx := t.Context()
	if err := a.api.AddReactionContext(ctx, "eyes", slack.NewRefToMessage(dev, ts)); err != nil {
		t.Fatalf("react: %v", err)
	}
	md := slack.SlackMetadata{EventType: "agenbridge_post", EventPayload: map[string]any{"id": "e1"}}
	_, posted, err := a.api.PostMessageContext(ctx, dev, slack.MsgOptionText("on it", false), slack.MsgOptionTS(ts),
		slack.MsgOptionMetadata(md))
	if err != nil {
		t.Fatalf("post: %v", err)
	}
	msgs, _, _, err := a.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
		ChannelID: dev, Timestamp: ts, IncludeAllMetadata: true,
	})
	if err != nil {
		t.Fatalf("read the thread: %v", err)
	}
	if len(msgs) != 2 || msgs[0].ReplyCount != 1 || msgs[0].LatestReply != posted {
		t.Fatalf("got %d messages, want the root with one reply %s and that", len(msgs), posted)
	}
	if got := msgs[1].Metadata.EventPayload["id"]; got != "e1" {
		t.Errorf("got metadata %v, want e1", got)
	}
	if got := st.Reactions(dev, ts); len(got) != 1 || got[0] != "eyes" {
		t.Errorf("got reactions %v, want eyes", got)
	}
	st.WaitFor("acknowledgements", func() bool { return st.Acked(dev, ts) })
}

func TestSlackGoErrorsKeepTheirNames(t *testing.T) {
	st, ann, dev := world(t, slacktest.Config{Scopes: []string{"chat:write", "reactions:write"}})
	api := slack.New(st.Config().BotToken, slack.OptionAPIURL(st.APIURL))
	ts := st.Say(ann, dev, "hello")
	ref := slack.NewRefToMessage(dev, ts)
	ctx := t.Context()
	if err := api.AddReactionContext(ctx, "eyes", ref); err != nil {
		t.Fatalf("react: %v", err)
	}
	_, _, _, updateErr := api.UpdateMessageContext(ctx, dev, ts, slack.MsgOptionText("mine now", false))
	_, repliesErr := api.GetUserInfoContext(ctx, ann)
	_, _, postErr := api.PostMessageContext(ctx, "C0NOWHERE", slack.MsgOptionText("x", false))
	for _, c := range []struct {
		what string
		got  error
		want string
	}{
		{"react again", api.AddReactionContext(ctx, "eyes", ref), "already_reacted"},
		{"remove what is not there", api.RemoveReactionContext(ctx, "x", ref), "no_reaction"},
		{"odd name", api.AddReactionContext(ctx, "No Name", ref), "invalid_name"},
		{"no message", api.AddReactionContext(ctx, "eyes", slack.NewRefToMessage(dev, "1.000001")), "message_not_found"},
		{"somebody's message", updateErr, "cant_update_message"},
		{"scope", repliesErr, "missing_scope"},
		{"channel", postErr, "channel_not_found"},
	} {
		var e slack.SlackErrorResponse
		if !errors.As(c.got, &e) || e.Err != c.want {
			t.Errorf("%s: got %v, want %s", c.what, c.got, c.want)
		}
	}
}

// TestOneMalformedBlockCostsTheWholePage shows why the app under test decodes pages message by message.
func TestOneMalformedBlockCostsTheWholePage(t *testing.T) {
	st, ann, dev := world(t, slacktest.Config{})
	api := slack.New(st.Config().BotToken, slack.OptionAPIURL(st.APIURL))
	root := st.Say(ann, dev, "root")
	st.Say(ann, dev, "reply", slacktest.InThread(root))
	st.Inject(slacktest.Fault{Kind: slacktest.MalformedBlock, Method: "conversations.replies"})
	params := &slack.GetConversationRepliesParameters{ChannelID: dev, Timestamp: root}
	if _, _, _, err := api.GetConversationRepliesContext(t.Context(), params); err == nil {
		t.Error("got a page with a malformed block decoded, want slack-go to refuse it")
	}
	if msgs, _, _, err := api.GetConversationRepliesContext(t.Context(), params); err != nil || len(msgs) != 2 {
		t.Errorf("got %d messages, %v the next time; want both", len(msgs), err)
	}
}
