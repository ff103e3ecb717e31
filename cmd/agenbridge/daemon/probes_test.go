package daemon

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
	"github.com/agenbridge/agenbridge/store"
)

// red returns the names of the red parts.
func (w *world) red() []string {
	w.t.Helper()
	return slices.Sorted(maps.Keys(w.readiness().Red))
}

func TestTheProbeServerServesOnlyItsThreeProbes(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.eventually("ready", func() bool { return w.readiness().Ready })
	for path, want := range map[string]int{
		"/healthz": 200, "/readyz": 200, "/metrics": 200,
		"/": 404, "/debug/pprof/": 404, "/threads": 404, "/healthz/x": 404,
	} {
		if got, _ := w.get(path); got != want {
			t.Errorf("GET %s answered %d, want %d", path, got, want)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.base+"/healthz", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, want := resp.StatusCode, http.StatusMethodNotAllowed; got != want {
		t.Errorf("POST /healthz answered %d, want %d", got, want)
	}
}

func TestSocketsThatAreDownMakeItRed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorldInMemory(t)
		w.start()
		time.Sleep(5 * time.Second)
		if got := w.red(); len(got) != 0 {
			t.Fatalf("red: %v, want nothing", got)
		}
		down := w.slack.Inject(slacktest.Fault{Kind: slacktest.ServerError, Method: "apps.connections.open", Count: -1})
		w.slack.Cut(0)
		time.Sleep(time.Second)
		// The text also says when the next attempt is, unless it is due now.
		if got := w.readiness().Red; len(got) != 1 || !strings.HasPrefix(got["sockets"], "0 of 2 are up") {
			t.Errorf("red: %v, want the sockets: 0 of 2 are up", got)
		}
		if got, _ := w.get("/healthz"); got != http.StatusOK {
			t.Errorf("/healthz answered %d while Slack is away", got)
		}
		down.Remove()
		time.Sleep(2 * time.Minute)
		if got := w.red(); len(got) != 0 {
			t.Errorf("red: %v, want nothing", got)
		}
	})
}

func TestSocketsWithoutEventsAreRedWhileTheyAreReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorldInMemory(t)
		ann, dev := w.slack.AddUser(slacktest.User{Name: "ann"}), w.slack.AddChannel(slacktest.Channel{Name: "dev"})
		w.start()
		time.Sleep(5 * time.Second)
		root := w.slack.Say(ann.ID, dev.ID, "<@U0AGEN> start")
		time.Sleep(time.Hour)
		w.slack.StopEvents(slacktest.Every)
		w.slack.Say(ann.ID, dev.ID, "does anybody hear me?", slacktest.InThread(root))
		w.slack.Inject(slacktest.Fault{Kind: slacktest.ServerError, Method: "apps.connections.open", Count: 3})
		var seen []string
		for range 10 * 60 {
			time.Sleep(time.Second)
			if red := w.readiness().Red["sockets"]; red != "" && !slices.Contains(seen, red) {
				seen = append(seen, red)
			}
		}
		if want := "they are open but delivered no events, and are being replaced"; !slices.Contains(seen, want) {
			t.Errorf("got %q, want %q among them", seen, want)
		}
		if got := w.red(); len(got) != 0 {
			t.Errorf("red: %v, want nothing", got)
		}
	})
}

func TestRefusedCredentialsAreNamedAndReadAgainFromTheirFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorldInMemory(t)
		dir := t.TempDir()
		files := map[string]string{"SLACK_BOT_TOKEN": markedBot, "SLACK_APP_TOKEN": markedApp, "AGEN_API_KEY": markedKey}
		for name, right := range files {
			delete(w.environ, name)
			w.environ[name+"_FILE"] = filepath.Join(dir, name)
			write(t, filepath.Join(dir, name), right+"-old\n")
		}
		w.start()
		time.Sleep(3 * time.Second)
		want := map[string]string{
			"slack_auth": "Slack refuses SLACK_BOT_TOKEN: invalid_auth",
			"agen_auth":  "Agen refuses AGEN_API_KEY", "sockets": "0 of 2 are up",
		}
		if diff := cmp.Diff(want, w.readiness().Red); diff != "" {
			t.Errorf("red (-want +got):\n%s", diff)
		}
		for _, text := range []string{"slack refuses the token", "Agen refuses the key"} {
			if got := w.log.Lines(text); len(got) != 1 {
				t.Errorf("got %d log lines with %q, want 1", len(got), text)
			}
		}
		write(t, filepath.Join(dir, "AGEN_API_KEY"), markedKey)
		write(t, filepath.Join(dir, "SLACK_BOT_TOKEN"), markedBot)
		time.Sleep(2*time.Minute + time.Second)
		want = map[string]string{
			"slack_auth": "Slack refuses SLACK_APP_TOKEN: invalid_auth", "sockets": "0 of 2 are up",
		}
		if diff := cmp.Diff(want, w.readiness().Red); diff != "" {
			t.Errorf("red (-want +got):\n%s", diff)
		}
		write(t, filepath.Join(dir, "SLACK_APP_TOKEN"), markedApp)
		time.Sleep(2*time.Minute + 10*time.Second)
		if got := w.readiness().Red; len(got) != 0 {
			t.Errorf("red: %v, want nothing", got)
		}
	})
}

func TestAKeyThatIsRefusedInTheMiddleTurnsRedAndGreenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorldInMemory(t)
		ann := w.slack.AddUser(slacktest.User{Name: "ann", RealName: "Ann Lee"})
		dev := w.slack.AddChannel(slacktest.Channel{Name: "dev"})
		w.start()
		time.Sleep(5 * time.Second)
		refuse := w.agen.AddFault(agentest.Fault{Status: http.StatusUnauthorized, Times: -1})
		w.slack.Say(ann.ID, dev.ID, "<@U0AGEN> fix the login test")
		time.Sleep(time.Second)
		if got, want := w.red(), []string{"agen_auth"}; !slices.Equal(got, want) {
			t.Errorf("red: %v, want %v", got, want)
		}
		if _, body := w.get("/metrics"); !strings.Contains(body, `agenbridge_unauthorized{remote="agen",route=""} 1`) {
			t.Errorf("no sign of it in the metrics:\n%s", body)
		}
		refuse.Remove()
		time.Sleep(3 * time.Minute)
		if got := w.red(); len(got) != 0 {
			t.Errorf("red: %v, want nothing", got)
		}
		if got := len(w.agen.Sessions()); got != 1 {
			t.Errorf("got %d sessions, want 1", got)
		}
	})
}

func TestMissingScopesAreNamedUntilTheyAreGranted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorldInMemory(t)
		w.slack.SetScopes(slices.DeleteFunc(slacktest.AllScopes(), func(s string) bool {
			return s == "reactions:write" || s == "chat:write" || s == "files:read"
		})...)
		w.start()
		time.Sleep(5 * time.Second)
		want := map[string]string{"slack_auth": "the app lacks scopes: chat:write, reactions:write"}
		if diff := cmp.Diff(want, w.readiness().Red); diff != "" {
			t.Errorf("red (-want +got):\n%s", diff)
		}
		time.Sleep(10 * time.Minute)
		if got := w.log.Lines("the app lacks scopes"); len(got) != 1 {
			t.Errorf("got %d log lines, want 1", len(got))
		}
		w.slack.SetScopes(slacktest.AllScopes()...)
		time.Sleep(time.Minute)
		if got := w.readiness().Red; len(got) != 0 {
			t.Errorf("red: %v, want nothing", got)
		}
	})
}

func TestSocketsOfOtherProcessesAreWarnedOfOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorldInMemory(t)
		w.start()
		time.Sleep(5 * time.Second)
		other, err := Parse(w.environ)
		if err != nil {
			t.Fatal(err)
		}
		other.StoreURL = StoreURL("bolt:" + filepath.Join(t.TempDir(), "other.db"))
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		opts := w.opts
		opts.Probe, opts.Log = nil, nil
		go func() { done <- Run(ctx, other, opts) }()
		time.Sleep(4 * time.Second)
		w.slack.Disconnect(w.slack.Sockets()[0].ID, "refresh_requested") // the next hello of Slack reports the number of connections
		time.Sleep(20 * time.Minute)
		if got := w.log.Lines("somebody else uses SLACK_APP_TOKEN"); len(got) != 1 {
			t.Errorf("got %d warnings, want 1", len(got))
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run returned %v", err)
		}
	})
}

func TestAHeldLockIsWaitedForAndReported(t *testing.T) {
	w := newWorld(t)
	path, err := store.ParseURL(w.environ["STORE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	holder, err := store.Open(t.Context(), store.Config{Path: path, NoSync: true, Due: schedule.Due})
	if err != nil {
		t.Fatal(err)
	}
	w.start()
	w.eventually("red", func() bool { return slices.Contains(w.red(), "store") })
	if got, _ := w.get("/healthz"); got != http.StatusOK {
		t.Errorf("/healthz answered %d while the lock is waited for", got)
	}
	if got, _ := w.get("/metrics"); got != http.StatusOK {
		t.Errorf("/metrics answered %d while the lock is waited for", got)
	}
	if err := holder.Close(); err != nil {
		t.Fatal(err)
	}
	w.eventually("ready", func() bool { return w.readiness().Ready })
	if err := w.stop(); err != nil {
		t.Errorf("Run returned %v", err)
	}

	holder, err = store.Open(t.Context(), store.Config{Path: path, NoSync: true, Due: schedule.Due})
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	cfg, err := Parse(w.environ)
	if err != nil {
		t.Fatal(err)
	}
	if err := Run(t.Context(), cfg, Options{LockWait: 50 * time.Millisecond}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("Run returned %v, want store.ErrLocked", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := Run(ctx, cfg, Options{}); err != nil {
		t.Errorf("Run returned %v when it was stopped while it waited", err)
	}
}

func TestAnAddressInUseIsAnErrorThatNamesItsVariable(t *testing.T) {
	w := newWorld(t)
	taken := w.listen()
	defer taken.Close()
	w.environ["PROBE_ADDR"] = taken.Addr().String()
	cfg, err := Parse(w.environ)
	if err != nil {
		t.Fatal(err)
	}
	admin := w.listen()
	if err := Run(t.Context(), cfg, Options{Admin: admin}); err == nil || !strings.Contains(err.Error(), "PROBE_ADDR") {
		t.Errorf("Run returned %v, want an error about PROBE_ADDR", err)
	}
	if _, err := admin.Accept(); err == nil {
		t.Error("the other listener is still open")
	}
}

func TestAProbeThatBreaksStopsTheDaemon(t *testing.T) {
	w := newWorld(t)
	cfg, err := Parse(w.environ)
	if err != nil {
		t.Fatal(err)
	}
	broken := w.listen()
	broken.Close()
	done := make(chan error, 1)
	go func() { done <- Run(context.Background(), cfg, Options{Probe: broken, Admin: w.listen()}) }()
	select {
	case err := <-done:
		if err == nil {
			t.Error("Run returned no error")
		}
	case <-time.After(20 * time.Second):
		t.Fatal("Run goes on without its probe")
	}
}

func TestHealthzStaysOKThroughQuietHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorldInMemory(t)
		w.start()
		for range 50 {
			time.Sleep(7*time.Minute + 13*time.Second)
			if got, body := w.get("/healthz"); got != http.StatusOK {
				t.Fatalf("/healthz answered %d: %s", got, body)
			}
		}
	})
}

func TestMetricsAreFewAndNamedByUnit(t *testing.T) {
	w := newWorld(t)
	ann := w.slack.AddUser(slacktest.User{Name: "ann", RealName: "Ann Lee"})
	dev := w.slack.AddChannel(slacktest.Channel{Name: "dev"})
	w.start()
	w.eventually("ready", func() bool { return w.readiness().Ready })
	ts := w.slack.Say(ann.ID, dev.ID, "<@U0AGEN> fix the login test")
	w.eventually("a reaction", func() bool { return len(w.slack.Reactions(dev.ID, ts)) > 0 })
	_, body := w.get("/metrics")
	for _, want := range []string{
		`agenbridge_build_info{go="`, `,version="v0-test"} 1`, "agenbridge_sockets_up ", "agenbridge_sockets_foreign 0",
		`agenbridge_unauthorized{remote="agen",route=""} 0`, `agenbridge_unauthorized{remote="slack",route=""} 0`, "agenbridge_store_unhealthy 0", "agenbridge_scrub_age_seconds ",
		`agenbridge_lane_wait_seconds{remote="agen"} `, `agenbridge_lane_wait_seconds{remote="slack"} `,
		"agenbridge_deliveries_dead_total 0", "agenbridge_commit_errors_total 0", `agenbridge_events_total{outcome="accepted"} 1`,
		`agenbridge_steps_total{class="",kind="send",remote="agen"} `, `agenbridge_audit_events_total{event="message_sent"} 1`,
		`agenbridge_step_seconds_count{remote="agen"}`, "agenbridge_commit_seconds_count", "go_goroutines ",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
	if got := len(strings.Split(body, "\n")); got > 300 || t.Failed() {
		t.Errorf("%d lines of metrics:\n%s", got, body)
	}
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "agenbridge_") || strings.HasPrefix(line, "go_") || strings.HasPrefix(line, "process_") {
			continue
		}
		t.Errorf("a metric of somebody else: %s", line)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAScrubThatIsLateIsRed(t *testing.T) {
	for age, want := range map[time.Duration]string{
		0: "", 20 * time.Second: "", scrubMax: "",
		11*time.Minute + time.Second/3: "freed pages of the store were last overwritten 11m0s ago: its file may still hold the text of delivered messages",
	} {
		if got := scrubLate(age); got != want {
			t.Errorf("after %v: got %q, want %q", age, got, want)
		}
	}
}
