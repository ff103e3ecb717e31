package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// These are the secrets of tests, with values that are easy to find in output.
const (
	markedBot = "xoxb-MARKED-bot"
	markedApp = "xapp-MARKED-app"
	markedKey = "MARKED-agen-key"
	mark      = "MARKED"
)

// TestMain runs the test binary as agenbridge when a script calls that.
func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){"agenbridge": main})
}

// tests runs the tests of the package and cleans up after them.
type tests struct{ m *testing.M }

func (t tests) Run() int {
	code := t.m.Run()
	for _, clean := range cleanups {
		clean()
	}
	return code
}

// cleanups run when all tests have ended.
var cleanups []func()

// TestCommandLine runs the scripts in testdata/script, each with its own pair of
// test servers.
func TestCommandLine(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               startServers,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"scopes":    func(ts *testscript.TestScript, _ bool, args []string) { serversOf(ts).slack.SetScopes(args...) },
			"refuse":    refuse,
			"ready":     ready,
			"unchanged": unchanged,
		},
	})
}

type serversKey struct{}

type servers struct {
	slack *slacktest.Server
	agen  *agentest.Server
}

func serversOf(ts *testscript.TestScript) servers {
	s, ok := ts.Value(serversKey{}).(servers)
	if !ok {
		ts.Fatalf("no servers")
	}
	return s
}

// startServers starts both test servers for a script, and sets the environment that
// points to them.
func startServers(env *testscript.Env) error {
	s := servers{
		slack: slacktest.New(slacktest.Config{BotToken: markedBot, AppToken: markedApp}),
		agen:  agentest.New(agentest.Config{Keys: map[string]string{markedKey: "ws_1"}}),
	}
	atSlack, err := freeListener()
	if err != nil {
		return err
	}
	atAgen, err := freeListener()
	if err != nil {
		return errors.Join(err, atSlack.Close())
	}
	probe, err := freeListener()
	if err != nil {
		return errors.Join(err, atSlack.Close(), atAgen.Close())
	}
	admin, err := freeListener()
	if err != nil {
		return errors.Join(err, atSlack.Close(), atAgen.Close(), probe.Close())
	}
	served := make(chan error, 2)
	go func() { served <- s.slack.Serve(atSlack) }()
	go func() { served <- s.agen.Serve(atAgen) }()
	env.Defer(func() {
		s.slack.Close()
		s.agen.Close()
		<-served
		<-served
	})
	s.slack.AddUser(slacktest.User{Name: "ann", RealName: "Ann Lee"})
	s.slack.AddGroup(slacktest.Group{ID: "S0OPS", Handle: "ops"})
	s.slack.AddChannel(slacktest.Channel{Name: "dev"})
	s.slack.AddChannel(slacktest.Channel{Name: "web"})
	s.slack.AddChannel(slacktest.Channel{Name: "far", WithoutBot: true})
	env.Values[serversKey{}] = s
	env.Setenv("SLACK_BOT_TOKEN", markedBot)
	env.Setenv("BOT", markedBot)
	env.Setenv("SLACK_APP_TOKEN", markedApp)
	env.Setenv("AGEN_API_KEY", markedKey)
	env.Setenv("SLACK_API_URL", "http://"+atSlack.Addr().String()+"/api/")
	env.Setenv("AGEN_API_URL", "http://"+atAgen.Addr().String())
	env.Setenv("PROBE_ADDR", probe.Addr().String())
	env.Setenv("ADMIN_ADDR", "")
	env.Setenv("CONTACT", "#help-agen")
	env.Setenv("AGEN_SESSION_URL", "https://app.example.com/{id}")
	env.Setenv("ADMIN_FREE", admin.Addr().String())
	return errors.Join(probe.Close(), admin.Close()) // the ports stay free, because nothing else asks for these
}

func freeListener() (net.Listener, error) {
	var lc net.ListenConfig
	return lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
}

// exits runs a command and wants its exit status: exits 2 agenbridge serve. The
// output must contain no secret.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits status command [arguments]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	out := ts.ReadFile("stdout") + ts.ReadFile("stderr")
	if strings.Contains(out, mark) {
		ts.Fatalf("a secret was printed")
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// refuse makes Agen answer every request with a status: refuse 401.
func refuse(ts *testscript.TestScript, _ bool, args []string) {
	status, err := strconv.Atoi(args[0])
	ts.Check(err)
	serversOf(ts).agen.AddFault(agentest.Fault{Status: status, Times: -1})
}

// ready waits until the daemon at PROBE_ADDR is ready.
func ready(ts *testscript.TestScript, _ bool, _ []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	ts.Check(waitReady(ctx, "http://"+ts.Getenv("PROBE_ADDR")))
}

// waitReady polls /readyz until it reports that the daemon is ready.
func waitReady(ctx context.Context, base string) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", http.NoBody)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for /readyz: %w", ctx.Err())
		}
	}
}

// unchanged fails if a request was made that may change something at a remote.
func unchanged(ts *testscript.TestScript, _ bool, _ []string) {
	s := serversOf(ts)
	for _, r := range s.slack.Requests() {
		switch r.Method {
		case "auth.test", "apps.connections.open", "users.conversations", "conversations.replies", "socket",
			"conversations.info", "users.info", "usergroups.list":
		default:
			ts.Fatalf("check called %s", r.Method)
		}
	}
	for _, r := range s.agen.Requests() {
		if r.Call != agentest.CallList {
			ts.Fatalf("check called %s", r.Call)
		}
	}
}
