package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/agen/agentest/contract"
	"github.com/agenbridge/agenbridge/bridge/bridgetest"
	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// town is the environment of the end-to-end tests: a Slack workspace with people in
// it, an Agen server, and a daemon between them that can be stopped and started. A
// test fails on traffic that it didn't expect: a Slack method or a request to Agen
// that the API description lacks, or a private note that Slack shows to nobody.
type town struct {
	t       *testing.T
	slack   *slacktest.Started
	agen    *agentest.Server
	env     map[string]string
	options daemon.Options
	log     *bridgetest.LogBuffer
	ctx     context.Context
	stop    func()

	ann, bob slacktest.User
	dev      slacktest.Channel
}

// plan configures a town; its zero value is the usual one.
type plan struct {
	slack slacktest.Config
	agen  agentest.Config
	env   map[string]string
	// inBubble uses an in-memory network, for tests in a synctest bubble.
	inBubble bool
	// idle leaves it to the test to start the daemon.
	idle bool
}

func newTown(t *testing.T, p plan) *town {
	t.Helper()
	w := &town{t: t, log: &bridgetest.LogBuffer{}}
	var cancel context.CancelFunc
	w.ctx, cancel = context.WithTimeout(context.Background(), 60*time.Second)
	if p.inBubble {
		cancel()
		w.ctx, cancel = context.WithTimeout(context.Background(), 400*24*time.Hour)
	}
	t.Cleanup(cancel)
	p.agen.Wrap = contract.Check(t)
	w.env = map[string]string{
		"SLACK_BOT_TOKEN": "xoxb-slacktest", "SLACK_APP_TOKEN": "xapp-slacktest", "AGEN_API_KEY": agentest.DefaultKey,
		"STORE_URL": "bolt:" + filepath.Join(t.TempDir(), "agenbridge.db"), "LOG_LEVEL": "debug", "CONTACT": "#ask-agen",
		"ADMIN_ADDR": "127.0.0.1:0", "SLACK_CONNECTIONS": "2",
	}
	if p.inBubble {
		w.slack = slacktest.NewInMemory(t, p.slack)
		w.slack.Patience = 48 * time.Hour
		w.agenInMemory(p.agen)
	} else {
		w.slack = slacktest.NewStarted(t, p.slack)
		w.slack.Patience = 20 * time.Second
		w.agen = agentest.NewStarted(t, p.agen)
		w.env["AGEN_API_URL"] = w.agen.URL()
	}
	w.env["SLACK_API_URL"] = w.slack.APIURL
	maps.Copy(w.env, p.env)
	w.options.Log = w.log
	w.ann, w.bob = w.slack.AddUser(slacktest.User{Name: "ann"}), w.slack.AddUser(slacktest.User{Name: "bob"})
	w.dev = w.slack.AddChannel(slacktest.Channel{Name: "dev"})
	t.Cleanup(func() {
		if w.stop != nil {
			w.stop()
		}
		if hidden := w.slack.HiddenEphemerals(); len(hidden) > 0 {
			t.Errorf("private notes that Slack shows nobody: %+v", hidden)
		}
		if t.Failed() {
			t.Logf("log:\n%s", w.log.Tail(20_000))
		}
	})
	if !p.idle {
		w.start()
		w.connected()
	}
	return w
}

// agenInMemory serves Agen and the probes on in-memory listeners.
func (w *town) agenInMemory(cfg agentest.Config) {
	pipe, probe, admin := slacktest.NewPipe(), slacktest.NewPipe(), slacktest.NewPipe()
	w.agen = agentest.New(cfg)
	served := make(chan error, 1)
	go func() { served <- w.agen.Serve(pipe) }()
	w.t.Cleanup(func() {
		if err := w.agen.Close(); err != nil {
			w.t.Errorf("close agen: %v", err)
		}
		if err := <-served; err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			w.t.Errorf("serve agen: %v", err)
		}
	})
	w.env["AGEN_API_URL"] = "http://localhost"
	w.options = daemon.Options{
		SlackDial: w.slack.Dial, AgenDial: pipe.DialContext, NoSync: true, Probe: probe, Admin: admin,
	}
}

// start starts the daemon. It runs until stop is called or the test ends.
func (w *town) start() {
	w.t.Helper()
	cfg, err := daemon.Parse(w.env)
	if err != nil {
		w.t.Fatalf("configuration: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	options := w.options
	if w.slack.URL == "http://slack.test" {
		options.Probe, options.Admin = slacktest.NewPipe(), slacktest.NewPipe()
	}
	go func() { done <- daemon.Run(ctx, cfg, options) }()
	w.stop = func() {
		w.stop = nil
		cancel()
		if err := <-done; err != nil {
			w.t.Errorf("the daemon ended with: %v", err)
		}
	}
}

// restart stops the daemon as SIGTERM does and starts it again.
func (w *town) restart() {
	w.t.Helper()
	w.stop()
	w.start()
}

// connected waits until Slack can reach the daemon.
func (w *town) connected() {
	w.t.Helper()
	w.slack.WaitFor("a socket", func() bool { return len(w.slack.Sockets()) > 0 })
}

// mention has ann mention the bot at the top level of #dev.
func (w *town) mention(text string) string {
	w.t.Helper()
	return w.slack.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> "+text)
}

func (w *town) reply(by slacktest.User, root, text string) string {
	w.t.Helper()
	return w.slack.Say(by.ID, w.dev.ID, text, slacktest.InThread(root))
}

// until waits for a condition on the Agen server.
func (w *town) until(what string, holds func() bool) {
	w.t.Helper()
	if err := w.agen.Wait(w.ctx, holds); err != nil {
		w.t.Fatalf("waiting until %s: %v\n%s", what, err, w.picture())
	}
}

// shows waits until the message has exactly this reaction, or none if emoji is
// empty.
func (w *town) shows(ts, emoji string) {
	w.t.Helper()
	w.slack.WaitFor(fmt.Sprintf("%s on %s", emoji, ts), func() bool {
		got := w.slack.Reactions(w.dev.ID, ts)
		return len(got) == 1 && got[0] == emoji || emoji == "" && len(got) == 0
	})
}

// note waits until a post of the bot in the thread contains the words.
func (w *town) note(root, words string) slacktest.Message {
	w.t.Helper()
	var found slacktest.Message
	w.slack.WaitFor("a post with "+words, func() bool {
		for _, m := range w.slack.Thread(w.dev.ID, root) {
			if m.User == "U0AGEN" && strings.Contains(m.Text, words) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// received returns the client ids of the messages in a session, in order.
func (w *town) received(session string) []string {
	var ids []string
	for _, e := range w.agen.Messages(session) {
		ids = append(ids, e.ClientID)
	}
	return ids
}

// onlySession returns the id of the session, and fails unless there is exactly one.
func (w *town) onlySession() string {
	w.t.Helper()
	sessions := w.agen.Sessions()
	if len(sessions) != 1 {
		w.t.Fatalf("sessions: got %d, want 1\n%s", len(sessions), w.picture())
	}
	return sessions[0].ID
}

// said returns the bot's posts in the thread except the card: the agent's messages
// and the notes.
func (w *town) said(root string) []slacktest.Message {
	var said []slacktest.Message
	for _, m := range w.slack.Thread(w.dev.ID, root) {
		if m.User == "U0AGEN" && !strings.Contains(string(m.Metadata), "card:") {
			said = append(said, m)
		}
	}
	return said
}

// notes counts the bot's own posts. The agent's messages in these tests begin with
// "Done: ".
func (w *town) notes(root string) int {
	n := 0
	for _, m := range w.said(root) {
		if !strings.HasPrefix(m.Text, "Done: ") {
			n++
		}
	}
	return n
}

// picture describes the state of both servers, for failure messages.
func (w *town) picture() string {
	var b strings.Builder
	b.WriteString(w.slack.RenderChannel(w.dev.ID))
	for _, s := range w.agen.Sessions() {
		fmt.Fprintf(&b, "session %s\n", s.ID)
		for _, e := range w.agen.Timeline(s.ID) {
			fmt.Fprintf(&b, "  %s %s %s %s %.200s\n", e.ID, e.Type, e.Status, e.ClientID, e.Payload)
		}
	}
	return b.String()
}

// message returns the text of the session's message with the client id.
func (w *town) message(session, clientID string) string {
	w.t.Helper()
	for _, e := range w.agen.Messages(session) {
		if e.ClientID == clientID {
			m, ok := e.UserMessage()
			if !ok {
				w.t.Fatalf("event %s is no message", e.ID)
			}
			return m.Message
		}
	}
	w.t.Fatalf("session %s has no message %s\n%s", session, clientID, w.picture())
	return ""
}

// manual configures an agent that does nothing by itself.
func manual() agentest.Config { return agentest.Config{Agent: agentest.Agent{Manual: true}} }

// status sets the status of a message of the only session.
func (w *town) status(clientID string, status agen.Status) {
	w.t.Helper()
	session := w.onlySession()
	for _, e := range w.agen.Messages(session) {
		if e.ClientID == clientID {
			if err := w.agen.SetStatus(session, e.ID, status); err != nil {
				w.t.Fatal(err)
			}
			return
		}
	}
	w.t.Fatalf("no message %s", clientID)
}
