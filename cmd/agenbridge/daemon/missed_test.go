package daemon_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// soonEnough is how long the backfill may take to deliver missed messages once a
// socket is up.
const soonEnough = 5 * time.Second

// arrives waits until the only session has the message, and returns how long that
// took.
func (w *town) arrives(ts string) time.Duration {
	w.t.Helper()
	began := time.Now()
	w.until("the session has "+ts, func() bool {
		for _, e := range w.agen.Messages(w.agen.Sessions()[0].ID) {
			if e.ClientID == ts {
				return true
			}
		}
		return false
	})
	return time.Since(began)
}

// kill ends the daemon and restores the file from before the shutdown, so that the
// file looks as after a crash.
func (w *town) kill() {
	w.t.Helper()
	path := strings.TrimPrefix(w.env["STORE_URL"], "bolt:")
	image, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	w.stop()
	if err := os.WriteFile(path, image, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func TestMessagesDuringARestartArriveWithinSeconds(t *testing.T) {
	inBubble(t, plan{slack: deafSlack()}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		w.stop()
		time.Sleep(2 * time.Second)
		early := w.reply(w.bob, root, "during the restart")
		time.Sleep(3 * time.Second)
		late := w.reply(w.bob, root, "as it comes back")
		w.start()
		w.connected()
		if took := w.arrives(early) + w.arrives(late); took > soonEnough {
			t.Errorf("it took %v", took)
		}
		time.Sleep(5 * time.Minute)
		w.wantReceived(root, early, late)
	})
}

func TestMessagesWithoutASocketArriveWithinSeconds(t *testing.T) {
	for name, ends := range map[string]func(*town){"after a good end": func(w *town) { w.stop() }, "after a kill": (*town).kill} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, plan{slack: deafSlack()}, func(t *testing.T, w *town) {
				root := w.mention("start")
				w.shows(root, "white_check_mark")
				ends(w)
				w.start()
				w.connected()
				time.Sleep(10 * time.Minute)
				down := w.slack.Inject(slacktest.Fault{Kind: slacktest.ServerError, Method: "apps.connections.open", Count: -1})
				w.slack.Cut(slacktest.Every)
				time.Sleep(time.Minute)
				lost := w.reply(w.bob, root, "does anybody hear me?")
				time.Sleep(10 * time.Second)
				down.Remove()
				w.connected()
				if took := w.arrives(lost); took > soonEnough {
					t.Errorf("it took %v", took)
				}
				time.Sleep(5 * time.Minute)
				w.wantReceived(root, lost)
			})
		})
	}
}

// A copy of the store that is a few minutes old looks like the file of a killed
// process: a message from after the copy may still be on its way to Agen.
func TestMessagesAfterAKillAreLookedUpForAMinute(t *testing.T) {
	inBubble(t, plan{slack: deafSlack()}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		w.kill()
		missed := w.reply(w.bob, root, "after the kill")
		time.Sleep(2 * time.Second)
		w.start()
		w.connected()
		if took := w.arrives(missed); took < time.Minute || took > 80*time.Second {
			t.Errorf("it took %v", took)
		}
		w.wantReceived(root, missed)
	})
}

func TestAMessageFromTheBackfillAndFromASocketIsSentOnce(t *testing.T) {
	slack := deafSlack()
	slack.Offline, slack.RetryDelays = slacktest.OfflineRetry, []time.Duration{20 * time.Second}
	inBubble(t, plan{slack: slack}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		w.kill()
		missed := w.reply(w.bob, root, "after the kill")
		time.Sleep(2 * time.Second)
		w.start()
		w.connected()
		w.slack.WaitFor("the backfill finds it", func() bool { return len(w.slack.Reactions(w.dev.ID, missed)) > 0 })
		if took := w.arrives(missed); took > 20*time.Second {
			t.Errorf("it took %v", took)
		}
		time.Sleep(5 * time.Minute)
		w.wantReceived(root, missed)
	})
}

func TestSlackCanKeepTheSocketsDownForAMinuteAtMost(t *testing.T) {
	inBubble(t, plan{slack: deafSlack()}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		limit := w.slack.Inject(slacktest.Fault{
			Kind: slacktest.RateLimited, Method: "apps.connections.open", Count: 2, RetryAfter: 100_000 * time.Second,
		})
		w.slack.Cut(slacktest.Every)
		began := time.Now()
		w.slack.WaitFor("it was refused", func() bool { return limit.Hits() > 0 })
		w.slack.WaitFor("a socket", func() bool { return len(w.slack.Sockets()) > 0 })
		if took := time.Since(began); took > 2*time.Minute+10*time.Second {
			t.Errorf("no socket for %v", took)
		}
		if !w.log.Has(`"retry_in_seconds":60`) {
			t.Error("the log does not say how long it waits")
		}
		missed := w.reply(w.bob, root, "and on it goes")
		w.shows(missed, "white_check_mark")
	})
}
