package daemon

import (
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// jumpClock is the machine's clock plus the time that a test has skipped.
type jumpClock struct{ ahead atomic.Int64 }

func (c *jumpClock) now() time.Time       { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *jumpClock) skip(d time.Duration) { c.ahead.Add(int64(d)) }

// gauge returns the value of a metric; name includes the labels.
func (w *world) gauge(name string) float64 {
	w.t.Helper()
	_, body := w.get("/metrics")
	for line := range strings.Lines(body) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+" "); ok {
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				w.t.Fatal(err)
			}
			return v
		}
	}
	w.t.Fatalf("there is no metric %s:\n%s", name, body)
	return 0
}

// Slack answers all reads and refuses all writes for 75 s.
func TestSlackThatRefusesEveryWriteIsReportedAsSilent(t *testing.T) {
	w := newWorld(t)
	clock := &jumpClock{}
	w.opts.Now = clock.now
	ann := w.slack.AddUser(slacktest.User{Name: "ann", RealName: "Ann Lee"})
	dev := w.slack.AddChannel(slacktest.Channel{Name: "dev"})
	w.start()
	w.eventually("ready", func() bool { return w.readiness().Ready })
	if got := w.readiness(); got.Sockets.Wanted != 2 || got.SilentSince[bridge.ToSlack] != nil || len(got.Waiting) != 2 {
		t.Errorf("while all is well: %+v", got)
	}
	for _, method := range []string{"chat.postMessage", "chat.postEphemeral", "chat.update", "reactions.add", "reactions.remove"} {
		w.slack.Inject(slacktest.Fault{Kind: slacktest.ServerError, Method: method, Count: -1})
	}
	began := clock.now()
	w.slack.Say(ann.ID, dev.ID, "<@U0AGEN> fix the login test")
	w.eventually("a write fails", func() bool { return w.readiness().SilentSince[bridge.ToSlack] != nil })
	w.eventually("the agent has the message", func() bool {
		sessions := w.agen.Sessions()
		return len(sessions) == 1 && len(w.agen.Messages(sessions[0].ID)) == 1
	})
	clock.skip(75 * time.Second)
	got := w.readiness()
	if since := got.SilentSince[bridge.ToSlack]; got.Ready || !strings.HasPrefix(got.Red["slack"], "calls to Slack have failed for 1m") || since == nil || since.Before(began.Add(-time.Second)) {
		t.Errorf("after 75 s: %+v", got)
	}
	if waiting := got.Waiting[bridge.ToSlack]; waiting.Undelivered == 0 || waiting.OldestSeconds < 70 {
		t.Errorf("after 75 s there wait %+v, want the card for over 70 s", waiting)
	}
	if got := w.gauge("agenbridge_slack_unreachable_seconds"); got < 70 {
		t.Errorf("unreachable for %v s, want over 70: the documented alert has to fire", got)
	}
	if got := w.gauge(`agenbridge_oldest_undelivered_seconds{remote="slack"}`); got < 70 {
		t.Errorf("the oldest post is %v s old, want over 70", got)
	}
}

func TestBothServiceLevelsAreMeasured(t *testing.T) {
	w := newWorld(t)
	ann := w.slack.AddUser(slacktest.User{Name: "ann", RealName: "Ann Lee"})
	dev := w.slack.AddChannel(slacktest.Channel{Name: "dev"})
	w.start()
	w.eventually("ready", func() bool { return w.readiness().Ready })
	w.slack.Say(ann.ID, dev.ID, "<@U0AGEN> fix the login test")
	w.eventually("a message was sent and an answer posted", func() bool {
		return w.gauge("agenbridge_send_delay_seconds_count") == 1 && w.gauge("agenbridge_post_delay_seconds_count") > 0
	})
	if got := w.gauge("agenbridge_send_delay_seconds_sum"); got <= 0 || got > 20 {
		t.Errorf("the message took %v s", got)
	}
	if got := w.gauge("agenbridge_post_delay_seconds_sum"); got <= 0 || got > 60 {
		t.Errorf("the posts took %v s", got)
	}
}

func TestAgenThatDoesNotAnswerIsNamedWithSinceWhen(t *testing.T) {
	w := newWorld(t)
	clock := &jumpClock{}
	w.opts.Now = clock.now
	ann := w.slack.AddUser(slacktest.User{Name: "ann", RealName: "Ann Lee"})
	dev := w.slack.AddChannel(slacktest.Channel{Name: "dev"})
	w.start()
	w.eventually("ready", func() bool { return w.readiness().Ready })
	w.agen.AddFault(agentest.Fault{Status: 503, Times: -1})
	w.slack.Say(ann.ID, dev.ID, "<@U0AGEN> fix the login test")
	w.eventually("Agen is silent", func() bool { return w.readiness().SilentSince[bridge.ToAgen] != nil })
	clock.skip(70 * time.Second)
	got := w.readiness()
	if !strings.HasPrefix(got.Red["agen"], "calls to Agen have failed for 1m") || got.Waiting[bridge.ToAgen].Undelivered != 1 || got.Waiting[bridge.ToAgen].OldestSeconds < 70 {
		t.Errorf("after 70 s: %+v", got)
	}
	if _, ok := got.Red["slack"]; ok {
		t.Errorf("Slack is red as well: %v", got.Red)
	}
}

// A streak of failures that ended long ago is no silence, because nothing is
// pending.
func TestSilenceEndsWithAnAnswerOrWhenNothingIsTried(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	s := newSlackSilence(func() time.Time { return now })
	began := now
	s.note("chat.postMessage", bridge.ClassUnsure)
	now = now.Add(time.Minute)
	s.note("users.info", "")
	s.note("reactions.add", bridge.ClassTemporary)
	s.note("file", bridge.ClassTemporary)
	if got := s.since(); !got.Equal(began) {
		t.Errorf("silent since %v, want %v", got, began)
	}
	s.note("chat.update", bridge.ClassRateLimited) // this counts as an answer
	if got := s.since(); !got.IsZero() {
		t.Errorf("silent since %v after an answer", got)
	}
	s.note("users.info", bridge.ClassTemporary)
	if got := s.since(); !got.Equal(now) {
		t.Errorf("silent since %v, want %v", got, now)
	}
	if now = now.Add(forgetFailure + time.Second); !s.since().IsZero() {
		t.Error("still silent long after the last failure")
	}
}
