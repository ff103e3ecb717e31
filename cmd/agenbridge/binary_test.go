//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/bridge/bridgetest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// workshop is the folder in which the binary is built, once for all tests.
var workshop struct {
	once sync.Once
	dir  string
	err  error
}

// binary builds the program with the flags of the image, and returns its path.
func binary(t *testing.T) string {
	t.Helper()
	workshop.once.Do(func() {
		workshop.dir, workshop.err = os.MkdirTemp("", "agenbridge") //nolint:usetesting // it outlives the test that creates it
		if workshop.err != nil {
			return
		}
		cleanups = append(cleanups, func() { _ = os.RemoveAll(workshop.dir) })
		cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version=v0-built",
			"-o", filepath.Join(workshop.dir, "agenbridge"), ".")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			workshop.err = fmt.Errorf("build: %w\n%s", err, out)
		}
	})
	if workshop.err != nil {
		t.Fatal(workshop.err)
	}
	return filepath.Join(workshop.dir, "agenbridge")
}

// process is the real binary, running between both test servers.
type process struct {
	t        *testing.T
	slack    *slacktest.Started
	agen     *agentest.Server
	cmd      *exec.Cmd
	out, err bridgetest.LogBuffer
	base     string
	ended    chan error
	firstUp  time.Duration
}

func startProcess(t *testing.T) *process {
	t.Helper()
	p := &process{t: t, ended: make(chan error, 1)}
	p.slack = slacktest.NewStarted(t, slacktest.Config{
		BotToken: markedBot, AppToken: markedApp, RetryDelays: slices.Repeat([]time.Duration{500 * time.Millisecond}, 60),
	})
	p.agen = agentest.NewStarted(t, agentest.Config{Keys: map[string]string{markedKey: "ws_1"}})
	probe, err := freeListener()
	if err != nil {
		t.Fatal(err)
	}
	p.base = "http://" + probe.Addr().String()
	if err := probe.Close(); err != nil {
		t.Fatal(err)
	}
	p.cmd = exec.Command(binary(t), "serve")
	p.cmd.Dir = t.TempDir()
	p.cmd.Env = []string{
		"SLACK_BOT_TOKEN=" + markedBot, "SLACK_APP_TOKEN=" + markedApp, "AGEN_API_KEY=" + markedKey,
		"SLACK_API_URL=" + p.slack.APIURL, "AGEN_API_URL=" + p.agen.URL(),
		"PROBE_ADDR=" + probe.Addr().String(), "ADMIN_ADDR=",
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended already
		if strings.Contains(p.out.String()+p.err.String(), mark) {
			t.Error("a secret was printed")
		}
	})
	p.slack.WaitFor("a socket", func() bool { return len(p.slack.Sockets()) > 0 })
	p.firstUp = time.Since(began)
	return p
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// wait waits until the process has ended, and returns the exit status and the
// signal.
func (p *process) wait() (int, syscall.Signal) {
	p.t.Helper()
	select {
	case err := <-p.ended:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			p.t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		p.t.Fatalf("still running; log:\n%s", p.out.String())
	}
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok {
		p.t.Fatal("no status")
	}
	return status.ExitStatus(), status.Signal()
}

func TestTheBinaryIsSmallAndStatic(t *testing.T) {
	info, err := os.Stat(binary(t))
	if err != nil {
		t.Fatal(err)
	}
	if got, limit := info.Size(), int64(20_000_000); got >= limit {
		t.Errorf("the binary has %d bytes, the limit is %d", got, limit)
	}
	out, err := exec.Command(binary(t), "version").Output()
	if err != nil || !strings.HasPrefix(string(out), "agenbridge v0-built ") {
		t.Errorf("version printed %q (%v)", out, err)
	}
}

func TestSIGTERMShutsDownGracefully(t *testing.T) {
	p := startProcess(t)
	p.signal(syscall.SIGTERM)
	if code, sig := p.wait(); code != 0 {
		t.Errorf("exit status %d (signal %v), want 0", code, sig)
	}
	if out := p.out.String(); !strings.Contains(out, `"msg":"stopped"`) || !strings.Contains(out, "terminated") {
		t.Errorf("the log doesn't say that it stopped, and why:\n%s", out)
	}
	if got := p.err.String(); got != "" {
		t.Errorf("standard error: %q, want nothing", got)
	}
}

func TestASecondSignalEndsItAtOnce(t *testing.T) {
	p := startProcess(t)
	ann := p.slack.AddUser(slacktest.User{Name: "ann", RealName: "Ann Lee"})
	dev := p.slack.AddChannel(slacktest.Channel{Name: "dev"})
	hang := p.agen.AddFault(agentest.Hang(agentest.CallSend))
	defer hang.Release()
	p.slack.Say(ann.ID, dev.ID, "<@U0AGEN> fix the login test")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := p.agen.Wait(ctx, func() bool { return p.agen.Count(agentest.CallSend) > 0 }); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGTERM)
	waitForOutput(t, &p.out, `"msg":"stopping"`)
	// The default handling of the signal is restored a moment after the first one.
	// The test sends the signal repeatedly, like a person who keeps pressing
	// Ctrl+C.
	began := time.Now()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for len(p.ended) == 0 && time.Since(began) < 5*time.Second {
		<-again.C
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
	}
	if _, sig := p.wait(); sig != syscall.SIGTERM {
		t.Errorf("it ended by %v, want SIGTERM", sig)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

// waitForOutput waits until a process has printed the text.
func waitForOutput(t *testing.T, b *bridgetest.LogBuffer, text string) {
	t.Helper()
	limit := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !b.Has(text) {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("%s was not printed:\n%s", text, b.String())
		}
	}
}
