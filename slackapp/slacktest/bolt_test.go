package slacktest_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge/bridgetest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// TestBoltForJavaScript tests the server with Slack's own client: an app on Bolt connects by Socket Mode, reacts to a
// mention, answers in its thread, and responds to a click through a response URL.
func TestBoltForJavaScript(t *testing.T) {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err == nil {
			continue
		}
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not on the PATH, and CI=true", tool)
		}
		t.Skipf("%s is not on the PATH", tool)
	}
	if testing.Short() {
		t.Skip("npm install takes a while")
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/bolt")); err != nil {
		t.Fatalf("copy the app: %v", err)
	}
	install := exec.CommandContext(t.Context(), "npm", "install", "--no-audit", "--no-fund", "--no-package-lock")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("npm install: %v\n%s", err, out)
		}
		t.Skipf("npm install (no network?): %v\n%s", err, out)
	}

	st, ann, dev := world(t, slacktest.Config{})
	st.Patience = 30 * time.Second
	log := startBolt(t, dir, st)
	st.WaitFor("bolt's socket", func() bool { return len(st.Sockets()) == 1 })
	ts := st.Say(ann, dev, "<@U0AGEN> hello")
	st.WaitFor("bolt's answer\n"+log.String(), func() bool {
		return len(st.Thread(dev, ts)) == 2 && len(st.Reactions(dev, ts)) == 1 && st.Acked(dev, ts)
	})
	answer := st.Thread(dev, ts)[1]
	if answer.Text != "Hello <@"+ann+">" || answer.ThreadTS != ts {
		t.Errorf("got %q in thread %s, want a greeting in %s", answer.Text, answer.ThreadTS, ts)
	}
	if got := st.Reactions(dev, ts); got[0] != "eyes" {
		t.Errorf("got reactions %v, want eyes", got)
	}
	st.Click(ann, dev, answer.TS, "wave")
	st.WaitFor("bolt's response", func() bool {
		m, _ := st.Message(dev, answer.TS)
		return m.Text == "<@"+ann+"> waved" && st.Acked(dev, answer.TS)
	})
	// A refresh as Slack does it: Bolt opens another socket by itself.
	st.Disconnect(slacktest.Every, slacktest.RefreshRequested)
	st.WaitFor("bolt's second socket", func() bool {
		open := st.Sockets()
		return len(open) == 1 && open[0].ID == 2
	})
	for _, a := range st.Acks() {
		if a.Fate != slacktest.AckCounted {
			t.Errorf("got an acknowledgement that was %s, want all to count", a.Fate)
		}
	}
}

// startBolt runs the app until the test ends.
func startBolt(t *testing.T, dir string, st *slacktest.Started) *bridgetest.LogBuffer {
	t.Helper()
	cfg := st.Config()
	app := exec.CommandContext(t.Context(), "node", "app.js")
	app.Dir = dir
	app.Env = append(os.Environ(),
		"SLACK_BOT_TOKEN="+cfg.BotToken, "SLACK_APP_TOKEN="+cfg.AppToken, "SLACK_API_URL="+st.APIURL)
	app.Cancel = func() error { return app.Process.Signal(syscall.SIGTERM) }
	app.WaitDelay = 10 * time.Second
	log := &bridgetest.LogBuffer{}
	app.Stdout, app.Stderr = log, log
	if err := app.Start(); err != nil {
		t.Fatalf("start bolt: %v", err)
	}
	t.Cleanup(func() {
		err := app.Wait()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) && !errors.Is(err, t.Context().Err()) {
			t.Errorf("stop bolt: %v", err)
		}
		if t.Failed() || strings.Contains(log.String(), "Error") {
			t.Logf("bolt said:\n%s", log.String())
		}
	})
	return log
}
