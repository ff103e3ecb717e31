package daemon

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// The key of one route is revoked. Its threads wait until the key is replaced in
// its file; the others continue.
func TestOneRevokedKeyStopsOnlyItsOwnThreads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorldInMemory(t)
		ann := w.slack.AddUser(slacktest.User{Name: "ann", RealName: "Ann Lee"})
		dev, web := w.slack.AddChannel(slacktest.Channel{Name: "dev"}), w.slack.AddChannel(slacktest.Channel{Name: "web"})
		file := filepath.Join(t.TempDir(), "key")
		write(t, file, markedWeb+"-old")
		w.environ["ROUTE_WEB_CHANNELS"], w.environ["ROUTE_WEB_AGEN_API_KEY_FILE"] = web.ID, file
		w.start()
		time.Sleep(5 * time.Second)
		if got, want := w.readiness().Red["agen_auth"], "Agen refuses ROUTE_WEB_AGEN_API_KEY"; got != want {
			t.Errorf("red: %q, want %q", got, want)
		}
		there := w.slack.Say(ann.ID, web.ID, "<@U0AGEN> start there")
		here := w.slack.Say(ann.ID, dev.ID, "<@U0AGEN> start here")
		time.Sleep(30 * time.Second)
		w.wantReaction(dev.ID, here, "white_check_mark")
		w.wantReaction(web.ID, there, "electric_plug")
		_, body := w.get("/metrics")
		for _, want := range []string{`agenbridge_unauthorized{remote="agen",route=""} 0`, `agenbridge_unauthorized{remote="agen",route="WEB"} 1`} {
			if !strings.Contains(body, want) {
				t.Errorf("no %s in the metrics", want)
			}
		}
		if got := w.log.Lines(`"Agen refuses the key`); !slices.ContainsFunc(got, func(l string) bool { return strings.Contains(l, "WEB") }) {
			t.Errorf("no line in the log names the route: %v", got)
		}
		time.Sleep(10 * time.Minute)
		refused := 0
		for _, r := range w.agen.Requests() {
			if r.Status == http.StatusUnauthorized {
				refused++
			}
		}
		if refused > 16 {
			t.Errorf("it tried a refused key %d times in ten minutes", refused)
		}
		write(t, file, markedWeb)
		time.Sleep(3 * time.Minute)
		w.wantReaction(web.ID, there, "white_check_mark")
		if got := w.red(); len(got) != 0 {
			t.Errorf("red: %v, want nothing", got)
		}
		if got := len(w.log.Lines("Agen accepts the key again")); got == 0 {
			t.Error("no line in the log says that the key is taken again")
		}
	})
}

// A rate limit of one key doesn't delay another key.
func TestARateLimitOfOneKeyDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorldInMemory(t)
		ann := w.slack.AddUser(slacktest.User{Name: "ann", RealName: "Ann Lee"})
		dev, web := w.slack.AddChannel(slacktest.Channel{Name: "dev"}), w.slack.AddChannel(slacktest.Channel{Name: "web"})
		w.environ["ROUTE_WEB_CHANNELS"], w.environ["ROUTE_WEB_AGEN_API_KEY"] = web.ID, markedWeb
		w.start()
		time.Sleep(5 * time.Second)
		limit := agentest.RateLimit(agentest.CallCreate, 7*time.Minute)
		limit.Match = func(r agentest.Request) bool { return r.Workspace == "ws_web" }
		w.agen.AddFault(limit)
		there := w.slack.Say(ann.ID, web.ID, "<@U0AGEN> start there")
		time.Sleep(time.Second)
		here := w.slack.Say(ann.ID, dev.ID, "<@U0AGEN> start here")
		time.Sleep(30 * time.Second)
		w.wantReaction(dev.ID, here, "white_check_mark")
		w.wantReaction(web.ID, there, "electric_plug")
		time.Sleep(7 * time.Minute)
		w.wantReaction(web.ID, there, "white_check_mark")
		if got := w.red(); len(got) != 0 {
			t.Errorf("red: %v, want nothing", got)
		}
	})
}

func (w *world) wantReaction(channel, ts, want string) {
	w.t.Helper()
	if got := w.slack.Reactions(channel, ts); !slices.Equal(got, []string{want}) {
		w.t.Errorf("on %s in %s: %v, want %s", ts, channel, got, want)
	}
}
