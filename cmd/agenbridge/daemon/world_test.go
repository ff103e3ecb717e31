package daemon

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/bridge/bridgetest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// These are the secrets of tests, with values that are easy to find in output.
const (
	markedBot = "xoxb-MARKED-bot"
	markedApp = "xapp-MARKED-app"
	markedKey = "MARKED-agen-key"
	markedWeb = "MARKED-web-key"
	mark      = "MARKED"
)

// world is a daemon between the two test servers, for tests of the probes and the
// operator endpoints.
type world struct {
	t       *testing.T
	slack   *slacktest.Started
	agen    *agentest.Server
	environ map[string]string
	opts    Options
	log     *bridgetest.LogBuffer
	stop    func() error

	// listen opens the listener of the probes; client reaches it at base.
	listen func() net.Listener
	client *http.Client
	base   string
}

// newWorld makes a world on the loopback interface.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	w.slack = slacktest.NewStarted(t, slackConfig())
	w.agen = agentest.NewStarted(t, agenConfig())
	w.listen = func() net.Listener {
		var lc net.ListenConfig
		l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		w.base = "http://" + l.Addr().String()
		return l
	}
	w.settle(w.agen.URL())
	return w
}

// newWorldInMemory makes a world on an in-memory network, for synctest bubbles.
func newWorldInMemory(t *testing.T) *world {
	t.Helper()
	w := &world{t: t}
	w.slack = slacktest.NewInMemory(t, slackConfig())
	pipe := slacktest.NewPipe()
	w.agen = agentest.New(agenConfig())
	served := make(chan error, 1)
	go func() { served <- w.agen.Serve(pipe) }()
	t.Cleanup(func() {
		if err := w.agen.Close(); err != nil {
			t.Errorf("close agen: %v", err)
		}
		<-served
	})
	w.listen = func() net.Listener {
		probe := slacktest.NewPipe()
		w.client = &http.Client{Transport: &http.Transport{DialContext: probe.DialContext, DisableKeepAlives: true}}
		w.base = "http://probe.test"
		return probe
	}
	w.settle("http://agen.test")
	w.opts.SlackDial, w.opts.AgenDial = w.slack.Dial, pipe.DialContext
	return w
}

func slackConfig() slacktest.Config {
	return slacktest.Config{BotToken: markedBot, AppToken: markedApp}
}

func agenConfig() agentest.Config {
	return agentest.Config{Keys: map[string]string{markedKey: "ws_1", markedWeb: "ws_web"}}
}

func (w *world) settle(agenURL string) {
	w.log = &bridgetest.LogBuffer{}
	w.environ = least(map[string]string{
		"SLACK_API_URL": w.slack.APIURL, "AGEN_API_URL": agenURL,
		"STORE_URL":  "bolt:" + filepath.Join(w.t.TempDir(), "agenbridge.db"),
		"ADMIN_ADDR": "", "LOG_LEVEL": "debug",
	})
	w.opts = Options{Version: "v0-test", Log: w.log, NoSync: true}
}

// start runs the daemon until stop or the test's end.
func (w *world) start() {
	w.t.Helper()
	cfg, err := Parse(w.environ)
	if err != nil {
		w.t.Fatalf("Parse: %v", err)
	}
	w.opts.Probe = w.listen()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, cfg, w.opts) }()
	w.stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	w.t.Cleanup(func() {
		if err := w.stop(); err != nil {
			w.t.Errorf("Run returned %v", err)
		}
		if strings.Contains(w.log.String(), mark) {
			w.t.Error("a secret is in the log")
		}
	})
}

// get calls a probe.
func (w *world) get(path string) (status int, body string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, w.base+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if strings.Contains(string(data), mark) {
		w.t.Errorf("a secret is in the answer of %s", path)
	}
	return resp.StatusCode, string(data)
}

// readiness calls /readyz and decodes the response.
func (w *world) readiness() Readiness {
	w.t.Helper()
	status, body := w.get("/readyz")
	var r Readiness
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		w.t.Fatalf("/readyz answered %q: %v", body, err)
	}
	if got, want := status == http.StatusOK, r.Ready; got != want {
		w.t.Errorf("/readyz answered %d with %s", status, body)
	}
	return r
}

// eventually polls a condition until it holds.
func (w *world) eventually(what string, holds func() bool) {
	w.t.Helper()
	limit := time.After(20 * time.Second)
	for !holds() {
		select {
		case <-limit:
			w.t.Fatalf("%s: not within 20 s; log:\n%s", what, w.log)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
