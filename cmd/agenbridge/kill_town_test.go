//go:build unix

package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/agen/agentest/contract"
	"github.com/agenbridge/agenbridge/bridge/bridgetest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// killTown is the environment of the kill tests: a Slack workspace with people in
// it, an Agen server, and between them the real binary, which is killed and
// restarted on the same file.
type killTown struct {
	t     *testing.T
	ctx   context.Context
	slack *slacktest.Started
	agen  *agentest.Server
	bin   string
	env   []string
	log   bridgetest.LogBuffer

	ann, bob, gil slacktest.User // gil is a guest, whom the bot refuses
	dev           slacktest.Channel

	mu      sync.Mutex
	running *child
	killed  []span
	said    []*utterance
}

// span is the time from the signal to the end of the process.
type span struct{ from, to time.Time }

// child is one run of the binary.
type child struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended; cmd.ProcessState is set then
}

// unhurried is an agent that takes its time, so that each status can be observed.
// For each message it edits a file and says two things.
var unhurried = agentest.Agent{Pause: 100 * time.Millisecond, Work: 200 * time.Millisecond, Reply: func(message string) []agen.Event {
	sum := sha256.Sum256([]byte(message))
	return []agen.Event{
		agentest.FileEdit(fmt.Sprintf("%x.go", sum[:4])),
		agentest.AgentMessage(fmt.Sprintf("Finding %x.", sum[:8])), agentest.AgentMessage(fmt.Sprintf("Done with %x.", sum[:8])),
	}
}}

// refused is the text of a message that Agen always rejects.
const refused = "refuse this one"

// isRefused tells a prompt with that message from one that only quotes it as
// background.
func isRefused(prompt string) bool {
	at := strings.LastIndex(prompt, refused)
	return at >= 0 && !strings.Contains(prompt[at:], "\n")
}

// redelivery is the schedule on which Slack redelivers unacknowledged events:
// faster than the real Slack's, and long enough for any case.
var redelivery = slices.Repeat([]time.Duration{250 * time.Millisecond}, 1000)

// newKillTown makes an environment for bin, which the test starts. A test fails
// when it takes longer than patience.
func newKillTown(t *testing.T, bin string, patience time.Duration) *killTown {
	t.Helper()
	w := &killTown{t: t, bin: bin}
	var cancel context.CancelFunc
	w.ctx, cancel = context.WithTimeoutCause(context.Background(), patience, fmt.Errorf("no rest within %v", patience))
	t.Cleanup(cancel)
	w.slack = slacktest.NewStarted(t, slacktest.Config{
		BotToken: markedBot, AppToken: markedApp, AckTimeout: time.Second, RetryDelays: redelivery,
	})
	w.slack.Patience = patience
	w.agen = agentest.NewStarted(t, agentest.Config{
		Keys: map[string]string{markedKey: "ws_1"}, Agent: unhurried, Wrap: contract.Check(t),
	})
	w.agen.AddFault(agentest.Fault{
		Call: agentest.CallSend, Times: -1, Status: 422, Body: `{"message":"too rude"}`,
		Match: func(r agentest.Request) bool { return isRefused(r.Message) },
	})
	w.ann = w.slack.AddUser(slacktest.User{Name: "ann"})
	w.bob = w.slack.AddUser(slacktest.User{Name: "bob"})
	w.gil = w.slack.AddUser(slacktest.User{Name: "gil", IsRestricted: true})
	w.dev = w.slack.AddChannel(slacktest.Channel{Name: "dev"})
	w.env = []string{
		"SLACK_BOT_TOKEN=" + markedBot, "SLACK_APP_TOKEN=" + markedApp, "AGEN_API_KEY=" + markedKey,
		"SLACK_API_URL=" + w.slack.APIURL, "AGEN_API_URL=" + w.agen.URL(),
		"STORE_URL=bolt:" + t.TempDir() + "/agenbridge.db",
		"LOG_LEVEL=debug", "LOG_FORMAT=text", "ADMIN_ADDR=", "AGEN_RATE=50/s", "LIMIT_PER_USER=0", "LIMIT_SESSIONS_PER_USER=0",
	}
	t.Cleanup(func() {
		w.end(os.Kill)
		if strings.Contains(w.log.String(), mark) {
			t.Error("a secret was printed")
		}
		for _, u := range w.utterances() {
			for _, words := range u.words {
				if strings.Contains(w.log.String(), words) {
					t.Errorf("message text was printed: %q", words)
				}
			}
		}
		if t.Failed() {
			t.Logf("%s\nlog:\n%s", w.picture(), w.log.String())
		}
	})
	return w
}

// start starts the binary. Any goroutine may call it.
func (w *killTown) start() {
	c := &child{cmd: exec.Command(w.bin, "serve"), ended: make(chan struct{})}
	c.cmd.Env, c.cmd.Stdout, c.cmd.Stderr = w.env, &w.log, &w.log
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := c.cmd.Start(); err != nil {
		w.t.Errorf("start: %v", err)
		return
	}
	w.running = c
	go func() {
		defer close(c.ended)
		var exit *exec.ExitError
		if err := c.cmd.Wait(); err != nil && !errors.As(err, &exit) {
			w.t.Errorf("wait for the process: %v", err)
		}
	}()
}

// end sends the binary a signal and waits until the process has ended. It returns
// the exit status (-1 after a signal) and how long it took.
func (w *killTown) end(s os.Signal) (status int, took time.Duration) {
	w.mu.Lock()
	c := w.running
	w.running = nil
	w.mu.Unlock()
	if c == nil {
		return 0, 0
	}
	began := time.Now()
	if err := c.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		w.t.Errorf("send %v: %v", s, err)
	}
	fmt.Fprintf(&w.log, "--- %v\n", s)
	<-c.ended
	w.mu.Lock()
	defer w.mu.Unlock()
	w.killed = append(w.killed, span{began, time.Now()})
	return c.cmd.ProcessState.ExitCode(), time.Since(began)
}

// stop shuts the binary down gracefully.
func (w *killTown) stop() {
	w.t.Helper()
	if status, _ := w.end(syscall.SIGTERM); status != 0 {
		w.t.Errorf("exit status after SIGTERM: got %d, want 0", status)
	}
}

// until waits for a condition on both servers.
func (w *killTown) until(what string, holds func() bool) {
	w.t.Helper()
	if err := w.wait(w.ctx, what, holds); err != nil {
		w.t.Fatal(err)
	}
}

// wait evaluates the condition after every change of either server until it holds.
// There is never more than one evaluation at a time.
func (w *killTown) wait(ctx context.Context, what string, condition func() bool) error {
	var asking sync.Mutex
	met := false
	holds := func() bool {
		asking.Lock()
		defer asking.Unlock()
		met = met || condition()
		return met
	}
	ctx, cancel := context.WithCancelCause(ctx)
	atAgen := make(chan error, 1)
	go func() {
		err := w.agen.Wait(ctx, holds)
		if err == nil {
			cancel(errHolds)
		}
		atAgen <- err
	}()
	err := w.slack.Wait(ctx, what, holds)
	cancel(errHolds)
	if <-atAgen == nil || err == nil {
		return nil
	}
	return err
}

var errHolds = errors.New("the condition holds")

// received waits until the app has acknowledged the messages to Slack.
func (w *killTown) received(ts ...string) {
	w.t.Helper()
	w.until("an acknowledgement", func() bool {
		return !slices.ContainsFunc(ts, func(ts string) bool { return !w.slack.Acked(w.dev.ID, ts) })
	})
}
