package daemon

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/relay"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
	"github.com/agenbridge/agenbridge/store"
)

// hangingDisk is a disk that can hang: each commit of the store then blocks until
// the disk recovers.
type hangingDisk struct {
	recovered atomic.Pointer[chan struct{}]
}

var _ store.Observer = (*hangingDisk)(nil)

func (d *hangingDisk) Committed(int, time.Duration, error) {
	if recovered := d.recovered.Load(); recovered != nil {
		<-*recovered
	}
}

// hang makes the disk hang until the returned function is called.
func (d *hangingDisk) hang() (recovers func()) {
	recovered := make(chan struct{})
	d.recovered.Store(&recovered)
	return func() { close(recovered) }
}

// watchProbes polls both probes every 5 s for d. /healthz has to answer 200 each
// time. It returns the descriptions that /readyz gave for each red part.
func (w *world) watchProbes(d time.Duration) map[string][]string {
	w.t.Helper()
	red := map[string][]string{}
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(5 * time.Second) {
		if status, body := w.get("/healthz"); status != http.StatusOK {
			w.t.Fatalf("/healthz answered %d: %s", status, body)
		}
		for part, what := range w.readiness().Red {
			red[part] = append(red[part], what)
		}
	}
	return red
}

// TestHealthzIgnoresADiskThatHangs: all workers, the committer and the intake wait
// for the disk for six minutes. /healthz stays 200 because a restart would not
// help, and /readyz says what hangs.
func TestHealthzIgnoresADiskThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorldInMemory(t)
		disk := &hangingDisk{}
		w.opts.Disk = disk
		w.environ["WORKERS"] = "2"
		ann, dev := w.slack.AddUser(slacktest.User{Name: "ann"}), w.slack.AddChannel(slacktest.Channel{Name: "dev"})
		w.start()
		time.Sleep(5 * time.Second)
		for i := range 10 { // more lanes than workers
			w.slack.Say(ann.ID, dev.ID, fmt.Sprintf("<@U0AGEN> start %d", i))
		}
		time.Sleep(time.Second)
		recovers := disk.hang()
		for i := range 2000 { // more than slackapp's intake takes
			w.slack.Say(ann.ID, dev.ID, fmt.Sprintf("<@U0AGEN> again %d", i))
		}
		red := w.watchProbes(6 * time.Minute)
		recovers()
		if got := red["store"]; len(got) == 0 || !strings.HasPrefix(got[0], "a write has waited for the disk for ") {
			t.Errorf("/readyz said %q about the store", got)
		}
		if got := red["relay"]; len(got) == 0 || !strings.HasPrefix(got[0], "all 2 workers for ") {
			t.Errorf("/readyz said %q about the relay", got)
		}
		time.Sleep(time.Minute)
		for part := range w.readiness().Red {
			if part == "store" || part == "relay" {
				t.Errorf("%s is still red after the disk recovered: %v", part, w.readiness())
			}
		}
	})
}

// TestHealthzIgnoresRemotesThatHang: neither remote answers anything.
func TestHealthzIgnoresRemotesThatHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorldInMemory(t)
		w.environ["WORKERS"] = "2"
		ann, dev := w.slack.AddUser(slacktest.User{Name: "ann"}), w.slack.AddChannel(slacktest.Channel{Name: "dev"})
		w.start()
		time.Sleep(5 * time.Second)
		slack := w.slack.Inject(slacktest.Fault{Kind: slacktest.Hang, Count: -1})
		hang := agentest.Hang("")
		hang.Times = -1
		agen := w.agen.AddFault(hang)
		for i := range 10 {
			w.slack.Say(ann.ID, dev.ID, fmt.Sprintf("<@U0AGEN> start %d", i))
		}
		w.watchProbes(6 * time.Minute)
		slack.Release()
		agen.Release()
	})
}

// stubLanes is a store without lanes. Due and Claim block until the channel
// of the same name is closed.
type stubLanes struct {
	bridge.Lanes
	due, claim chan struct{}
	isDue      bool
}

func (s *stubLanes) Due(bridge.Remote) (time.Duration, <-chan struct{}) {
	<-s.due
	if s.isDue {
		return 0, nil
	}
	return time.Hour, nil
}

func (s *stubLanes) Claim(context.Context, bridge.Remote) (*bridge.Claim, error) {
	<-s.claim
	return nil, nil
}

// probeRelay runs a relay on the lanes for six minutes, calls the daemon's real
// probe handlers, and then closes the channels
// in open.
func probeRelay(t *testing.T, lanes *stubLanes, open ...chan struct{}) (health, ready *httptest.ResponseRecorder) {
	t.Helper()
	w := newWorldInMemory(t)
	cfg, err := Parse(w.environ)
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDaemon(cfg, w.opts)
	if err != nil {
		t.Fatal(err)
	}
	relay := relay.New(relay.Config{Lanes: lanes})
	d.relay.Store(relay)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- relay.Run(ctx) }()
	time.Sleep(6 * time.Minute)
	ask := func(path string) *httptest.ResponseRecorder {
		r := httptest.NewRecorder()
		d.probeServer().Handler.ServeHTTP(r, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
		return r
	}
	health, ready = ask("/healthz"), ask("/readyz")
	cancel()
	for _, gate := range open {
		close(gate)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := d.stuckLoop(time.Now().Add(time.Hour)); got != "" {
		t.Errorf("%s counts as stuck after it was stopped", got)
	}
	return health, ready
}

// TestHealthzIgnoresAStoreThatHangsWhileItReads: a claim reads the disk, so a disk
// that hangs blocks it.
func TestHealthzIgnoresAStoreThatHangsWhileItReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open, claim := make(chan struct{}), make(chan struct{})
		close(open)
		health, ready := probeRelay(t, &stubLanes{due: open, claim: claim, isDue: true}, claim)
		if health.Code != http.StatusOK {
			t.Errorf("/healthz answered %d: %s", health.Code, health.Body)
		}
		if want := "the store has been reading a thread for agen for 6m0s"; !strings.Contains(ready.Body.String(), want) {
			t.Errorf("/readyz answered %s, want %q in it", ready.Body, want)
		}
	})
}

// TestHealthzNoticesALoopThatIsStuck: Due never waits for the disk, so only a bug
// can make it block.
func TestHealthzNoticesALoopThatIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due := make(chan struct{})
		health, _ := probeRelay(t, &stubLanes{due: due}, due)
		if got, want := health.Body.String(), "stuck: the relay's loop for agen "; health.Code != http.StatusServiceUnavailable || !strings.HasPrefix(got, want) {
			t.Errorf("/healthz answered %d: %s, want 503 and %q", health.Code, got, want)
		}
	})
}

// TestReadyzNamesACheckThatDoesNotEnd: the file of a credential may be on a disk
// that hangs as well.
func TestReadyzNamesACheckThatDoesNotEnd(t *testing.T) {
	w := newWorld(t)
	cfg, err := Parse(w.environ)
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDaemon(cfg, w.opts)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	d.credentials.checkingSince.Store(&now)
	if got := d.readiness(now.Add(50 * time.Second)).Red["credentials"]; got != "" {
		t.Errorf("red after 50 s: %s", got)
	}
	if got, want := d.readiness(now.Add(2 * time.Minute)).Red["credentials"], "a check of the credentials has been running for 2m0s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := d.stuckLoop(now.Add(time.Hour)); got != "" {
		t.Errorf("%s counts as stuck", got)
	}
}
