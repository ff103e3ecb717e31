package slackapp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/bridgetest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

func TestCheckPassesWithACompleteSetup(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		before := w.RenderChannel(w.dev.ID)
		r := w.app.Check(t.Context())
		if r.Bot != nil || r.App != nil || r.Threads != nil || len(r.Missing) != 0 || r.Foreign != 0 {
			t.Errorf("report %+v", r)
		}
		if r.Team != "T0ACME" || r.User != "U0AGEN" || r.Name != "agen" || !slices.Contains(r.Granted, "chat:write") {
			t.Errorf("report %+v", r)
		}
		if w.RenderChannel(w.dev.ID) != before {
			t.Error("check changed something")
		}
		time.Sleep(time.Second)
		if got := len(w.Sockets()); got != 0 {
			t.Errorf("left %d sockets open", got)
		}
	})
}

func TestCheckNamesMissingScopesAndRefusedTokens(t *testing.T) {
	inBubble(t, slacktest.Config{Scopes: []string{"chat:write", "channels:read"}}, nil, func(t *testing.T, w *world) {
		r := w.app.Check(t.Context())
		var missing []string
		for _, s := range r.Missing {
			missing = append(missing, s.Name)
		}
		if want := len(NeededScopes()) - 2; len(missing) != want || slices.Contains(missing, "chat:write") {
			t.Errorf("missing %q, want %d of them", missing, want)
		}
		if !errors.Is(r.Threads, bridge.ClassRejected) || !strings.HasPrefix(webapi.FaultOf(r.Threads).Reason, "missing_scope: ") {
			t.Errorf("threads: %v, want the scope that is missing", r.Threads)
		}
	})
	wrong := func(c *Config) { c.BotToken, c.AppToken = FixedToken("xoxb-1"), FixedToken("xapp-1") }
	inBubble(t, slacktest.Config{}, wrong, func(t *testing.T, w *world) {
		r := w.app.Check(t.Context())
		if !errors.Is(r.Bot, bridge.ClassUnauthorized) || !errors.Is(r.App, bridge.ClassUnauthorized) {
			t.Errorf("bot %v, app %v, want both unauthorized", r.Bot, r.App)
		}
		if s := w.app.Status(); s.BotTokenError != "invalid_auth" || s.AppTokenError != "invalid_auth" {
			t.Errorf("status %+v", s)
		}
	})
	swapped := func(c *Config) { c.BotToken, c.AppToken = c.AppToken, c.BotToken }
	inBubble(t, slacktest.Config{}, swapped, func(t *testing.T, w *world) {
		if r := w.app.Check(t.Context()); r.Bot == nil || r.App == nil {
			t.Errorf("with the tokens swapped: bot %v, app %v", r.Bot, r.App)
		}
	})
}

func TestCheckReportsThatSlackIsDown(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.Inject(slacktest.Fault{Kind: slacktest.ServerError, Method: "auth.test"})
		w.Inject(slacktest.Fault{Kind: slacktest.ServerError, Method: "socket"})
		if r := w.app.Check(t.Context()); !errors.Is(r.Bot, bridge.ClassTemporary) || !errors.Is(r.App, bridge.ClassTemporary) {
			t.Errorf("bot %v, app %v, want both temporary", r.Bot, r.App)
		}
		hang := w.Inject(slacktest.Fault{Kind: slacktest.Hang, Method: "socket"})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if r := w.app.Check(ctx); r.App == nil {
			t.Error("a socket that doesn't open passes")
		}
		hang.Release()
	})
}

func TestCheckCountsOtherSockets(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		if r := w.app.Check(t.Context()); r.Foreign != 1 || r.App != nil {
			t.Errorf("report %+v, want one socket besides", r)
		}
	})
}

func TestScopesCoverEvents(t *testing.T) {
	scopes := map[string]bool{}
	for _, s := range NeededScopes() {
		if s.Reason == "" || scopes[s.Name] {
			t.Errorf("scope %+v is there twice or without a reason", s)
		}
		scopes[s.Name] = true
	}
	need := map[string]string{ // https://docs.slack.dev/reference/events
		"app_mention": "app_mentions:read", "message.channels": "channels:history", "message.groups": "groups:history",
		"message.im": "im:history", "message.mpim": "mpim:history", "member_joined_channel": "channels:read",
		"channel_left": "channels:read", "group_left": "groups:read", "channel_id_changed": "channels:read",
		"channel_archive": "channels:read", "channel_unarchive": "channels:read", "group_archive": "groups:read", "group_unarchive": "groups:read",
	}
	for _, e := range Events() {
		if !scopes[need[e]] {
			t.Errorf("event %s needs %q", e, need[e])
		}
	}
}

func TestConfigIsValidatedAndHasDefaults(t *testing.T) {
	token := FixedToken("xoxb-secret")
	for name, c := range map[string]Config{
		"no tokens": {}, "one token": {BotToken: token}, "no URL": {BotToken: token, AppToken: token, APIURL: "slack"},
		"too many sockets": {BotToken: token, AppToken: token, Connections: 11},
		"fewer than none":  {BotToken: token, AppToken: token, Connections: -1},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	a, err := New(Config{BotToken: token, AppToken: token, APIURL: "https://slack.example.com/api"})
	if err != nil || a.cfg.APIURL != "https://slack.example.com/api/" || a.cfg.Connections != 2 || a.cfg.ContextMessages != 50 {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestTokensAreNeverPrinted(t *testing.T) {
	token := FixedToken("xoxb-secret")
	var log bridgetest.LogBuffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", slog.Any("token", token), slog.Any("config", Config{BotToken: token}.BotToken))
	for _, shown := range []string{log.String(), fmt.Sprint(token), fmt.Sprintf("%v %+v %s %q", token, token, token, token)} {
		if strings.Contains(shown, "secret") || !strings.Contains(shown, "redacted") {
			t.Errorf("shown as %s", shown)
		}
	}
}

func TestNoSecretAndNoMessageTextIsLogged(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		const words = "the-words-of-ann"
		ts := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> "+words)
		thread := location{w.dev.ID, ts}.key("T0ACME")
		for _, kind := range []slacktest.FaultKind{slacktest.ServerError, slacktest.CutBody, slacktest.GarbageAnswer} {
			for _, d := range sampleCalls() {
				w.Inject(slacktest.Fault{Kind: kind, Method: d.method})
				if err := d.do(t.Context(), w, thread, ts); err != nil && (strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "xoxb")) {
					t.Errorf("%s: %v", d.name, err)
				}
			}
		}
		w.inlet.setBefore(func(string) error { return errDisk })
		w.reply(words)
		w.Inject(slacktest.Fault{Kind: slacktest.ServerError, Method: "socket", Count: 2})
		w.Cut(slacktest.Every)
		time.Sleep(5 * time.Minute)
		w.stop()
		for _, secret := range []string{words, w.Config().BotToken, w.Config().AppToken, "ticket"} {
			if w.log.Has(secret) {
				t.Errorf("%q is in the log\n%s", secret, w.log)
			}
		}
	})
}

func TestFirstSocketIsUpImmediately(t *testing.T) {
	w := newWorld(t, slacktest.NewStarted(t, slacktest.Config{}), func(c *Config) { c.Connections = 2 })
	began := time.Now()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- w.app.Run(ctx, w.inlet) }()
	eventually(t, "a socket", func() bool { return w.app.Status().Up > 0 })
	if took := time.Since(began); took > 2*time.Second { // 0.3 s on a machine of one's own
		t.Errorf("took %s", took)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
