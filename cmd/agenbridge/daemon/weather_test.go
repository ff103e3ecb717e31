package daemon_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// inBubble runs a test with fake time and an in-memory network, so that hours of
// backoff and redelivery take milliseconds.
func inBubble(t *testing.T, p plan, f func(t *testing.T, w *town)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p.inBubble = true
		w := newTown(t, p)
		f(t, w)
	})
}

// wantReceived wants exactly these messages in the only session, in order.
func (w *town) wantReceived(want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.received(w.onlySession())); diff != "" {
		w.t.Errorf("the session has: %s", diff)
	}
}

func TestARedeliveryIsKnown(t *testing.T) {
	for _, after := range []time.Duration{time.Second, 10 * time.Minute, time.Hour, 24 * time.Hour} {
		t.Run(after.String(), func(t *testing.T) {
			inBubble(t, plan{slack: slacktest.Config{RetryDelays: []time.Duration{after}}}, func(_ *testing.T, w *town) {
				w.slack.InjectEvent(slacktest.EventFault{Kind: slacktest.DropAcks, Count: 2})
				root := w.mention("start")
				w.shows(root, "white_check_mark")
				w.slack.WaitFor("both events come again", func() bool {
					return len(w.slack.Deliveries("app_mention")) == 2 && len(w.slack.Deliveries("message")) >= 2
				})
				later := w.reply(w.bob, root, "still there?")
				w.shows(later, "white_check_mark")
				w.wantReceived(root, later)
			})
		})
	}
}

func TestAReplyThatArrivesBeforeItsMentionIsNotLost(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		text := "<@U0AGEN> start"
		root := w.slack.Say(w.ann.ID, w.dev.ID, text, slacktest.WithoutEvents())
		first := w.reply(w.bob, root, "and quickly")
		w.slack.WaitFor("the reply is acknowledged", func() bool { return w.slack.Acked(w.dev.ID, first) })
		err := w.slack.SendEvent(w.dev.ID, map[string]any{
			"type": "app_mention", "user": w.ann.ID, "text": text, "ts": root, "channel": w.dev.ID, "event_ts": root,
		})
		if err != nil {
			t.Fatal(err)
		}
		w.shows(root, "white_check_mark")
		w.shows(first, "white_check_mark")
		w.wantReceived(root, first)
	})
}

func TestAnOutageOfAgen(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		down := w.agen.AddFault(agentest.Fault{Status: 503, Apply: agentest.ApplyNever, Times: -1})
		want := []string{root}
		for i := range 3 {
			want = append(want, w.reply(w.bob, root, fmt.Sprint("thing ", i)))
		}
		for _, ts := range want[1:] {
			w.shows(ts, "electric_plug")
		}
		note := w.note(root, "3 messages in this thread are waiting")
		w.restart()
		w.connected()
		time.Sleep(3 * time.Hour)
		if !w.log.Has("Agen can't be reached: messages wait") {
			t.Error("no line in the log says so")
		}
		want = append(want, w.reply(w.ann, root, "thing 4"))
		w.note(root, "4 messages in this thread are waiting")
		down.Remove()
		for _, ts := range want {
			w.shows(ts, "white_check_mark")
		}
		w.wantReceived(want...)
		over := w.note(root, "All 4 waiting messages have been sent, in order.")
		if over.TS != note.TS || w.notes(root) != 1 {
			t.Errorf("an outage has more than one note:\n%s", w.picture())
		}
		if n := strings.Count(w.log.Tail(1<<30), `"msg":"Agen answers again"`); n != 1 {
			t.Errorf("the log says %d times that it is over", n)
		}
	})
}

func TestWaitingMessagesAreDroppedByAClick(t *testing.T) {
	inBubble(t, plan{}, func(_ *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		down := w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Status: 425, Apply: agentest.ApplyNever, Times: -1})
		dropped := w.reply(w.bob, root, "never mind")
		w.shows(dropped, "electric_plug")
		note := w.note(root, "1 message in this thread is waiting")
		w.slack.Click(w.ann.ID, w.dev.ID, note.TS, "drop")
		w.shows(dropped, "")
		w.note(root, "dropped the waiting message")
		down.Remove()
		after := w.reply(w.bob, root, "go on")
		w.shows(after, "white_check_mark")
		w.wantReceived(root, after)
	})
}

func TestRetryAfterOfAgenIsHonored(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		limit := w.agen.AddFault(agentest.RateLimit(agentest.CallCreate, 7*time.Minute))
		begun := time.Now()
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		if took := time.Since(begun); took < 7*time.Minute || limit.Hits() != 1 {
			t.Errorf("it was done after %s and %d refusals", took, limit.Hits())
		}
	})
}

func TestRetryAfterOfSlackIsHonored(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		limit := w.slack.Inject(slacktest.Fault{Kind: slacktest.RateLimited, Method: "reactions.add", RetryAfter: 90 * time.Second})
		begun := time.Now()
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		if took := time.Since(begun); took < 90*time.Second || limit.Hits() != 1 {
			t.Errorf("it was shown after %s and %d refusals", took, limit.Hits())
		}
	})
}

func TestASessionThatIsGone(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		old := w.onlySession()
		if err := w.agen.DeleteSession(old); err != nil {
			t.Fatal(err)
		}
		one, two := w.reply(w.ann, root, "one"), w.reply(w.bob, root, "two")
		note := w.note(root, "his session is closed")
		w.shows(one, "")
		w.shows(two, "")
		if n := w.notes(root); n > 2 {
			t.Errorf("the bot says %d things:\n%s", n, w.picture())
		}
		w.slack.Click(w.bob.ID, w.dev.ID, note.TS, "restart")
		w.shows(one, "white_check_mark")
		w.shows(two, "white_check_mark")
		sessions := w.agen.Sessions()
		fresh := sessions[len(sessions)-1].ID
		if diff := cmp.Diff([]string{one, two}, w.received(fresh)); diff != "" {
			t.Error(diff)
		}
		if text := w.message(fresh, one); !strings.Contains(text, "start") {
			t.Errorf("the new session lacks the background: %q", text)
		}
	})
}

func TestAGatewayInMidDeployIsNotTheEndOfASession(t *testing.T) {
	inBubble(t, plan{}, func(_ *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		send := w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Status: 404, Apply: agentest.ApplyNever, Times: -1})
		read := w.agen.AddFault(agentest.Fault{Call: agentest.CallEvents, Status: 404, Times: -1})
		second := w.reply(w.bob, root, "go on")
		w.until("both were asked", func() bool { return send.Hits() > 0 && read.Hits() > 0 })
		time.Sleep(30 * time.Second)
		send.Remove()
		read.Remove()
		w.shows(second, "white_check_mark")
		w.wantReceived(root, second)
	})
}

func TestAWrongAgenKeyPausesEverythingUntilItIsRight(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		wrong := w.agen.AddFault(agentest.Fault{Status: 401, Apply: agentest.ApplyNever, Times: -1})
		root := w.mention("start")
		w.shows(root, "electric_plug")
		other := w.slack.Say(w.bob.ID, w.dev.ID, "<@U0AGEN> help")
		w.slack.WaitFor("help, all the same", func() bool { return len(w.slack.Ephemerals(w.bob.ID)) == 1 })
		w.shows(other, "")
		time.Sleep(time.Hour)
		if hits := wrong.Hits(); hits < 50 || hits > 130 {
			t.Errorf("in an hour it asked %d times, want once a minute for the key and for the message", hits)
		}
		if !w.log.Has("Agen refuses the key") {
			t.Error("no line in the log says so")
		}
		wrong.Remove()
		w.shows(root, "white_check_mark")
		w.wantReceived(root)
	})
}

func TestAgenForbidsOneSession(t *testing.T) {
	inBubble(t, plan{}, func(_ *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Status: 403, Apply: agentest.ApplyNever})
		bad := w.reply(w.bob, root, "secret things")
		w.shows(bad, "warning") // Agen answers the request for the sessions, so the key is good
		after := w.reply(w.ann, root, "go on")
		w.shows(after, "white_check_mark")
	})
}

func TestARequestThatIsAppliedLateIsNotRepeated(t *testing.T) {
	inBubble(t, plan{}, func(_ *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		w.agen.AddFault(agentest.Late(agentest.CallSend, 50*time.Second))
		late := w.reply(w.bob, root, "slowly")
		next := w.reply(w.bob, root, "and then")
		w.shows(late, "white_check_mark")
		w.shows(next, "white_check_mark")
		w.wantReceived(root, late, next)
	})
}

func TestASendThatNeverArrivedIsRepeated(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		w.agen.AddFault(agentest.BreakBefore(agentest.CallSend))
		begun := time.Now()
		lost := w.reply(w.bob, root, "hello?")
		w.shows(lost, "white_check_mark")
		w.wantReceived(root, lost)
		if took := time.Since(begun); took < 70*time.Second {
			t.Errorf("it was repeated after %s: an abandoned request may still be applied then", took)
		}
	})
}

func TestAnUnsureSendWithoutClientIDIsLeftToAPerson(t *testing.T) {
	inBubble(t, plan{}, func(_ *testing.T, w *town) {
		w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, DropClientID: true, Answer: agentest.AnswerNone})
		root := w.mention("start")
		w.shows(root, "warning")
		w.note(root, "I can't tell whether your message from")
	})
}

func TestMaxAgeEndsVisibly(t *testing.T) {
	inBubble(t, plan{env: map[string]string{"MAX_AGE": "2h"}}, func(_ *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		down := w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Status: 425, Apply: agentest.ApplyNever, Times: -1})
		old := w.reply(w.bob, root, "hello?")
		w.shows(old, "warning")
		w.note(root, "Agen couldn't be reached for ")
		down.Remove()
		after := w.reply(w.bob, root, "hello again")
		w.shows(after, "white_check_mark")
		w.wantReceived(root, after)
	})
}

func TestReconnects(t *testing.T) {
	for name, end := range map[string]func(*town){
		"refresh":       func(w *town) { w.slack.Disconnect(slacktest.Every, slacktest.RefreshRequested) },
		"too many":      func(w *town) { w.slack.Disconnect(slacktest.Every, slacktest.TooManyWebSockets) },
		"hangup":        func(w *town) { w.slack.Hangup(slacktest.Every) },
		"cut":           func(w *town) { w.slack.Cut(slacktest.Every) },
		"half open":     func(w *town) { w.slack.HalfOpen(slacktest.Every) },
		"open hangs":    func(w *town) { w.hangOpen(); w.slack.Cut(slacktest.Every) },
		"open fails":    func(w *town) { w.failOpen(); w.slack.Cut(slacktest.Every) },
		"link disabled": func(w *town) { w.slack.Disconnect(slacktest.Every, slacktest.LinkDisabled); w.slack.EnableLink() },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, plan{}, func(_ *testing.T, w *town) {
				root := w.mention("start")
				w.shows(root, "white_check_mark")
				want := []string{root}
				for i := range 3 {
					end(w)
					want = append(want, w.reply(w.bob, root, fmt.Sprint("thing ", i)))
				}
				for _, ts := range want {
					w.shows(ts, "white_check_mark")
				}
				session := w.onlySession()
				w.until("all are there", func() bool { return len(w.agen.Messages(session)) == len(want) })
			})
		})
	}
}

func (w *town) hangOpen() {
	w.slack.Inject(slacktest.Fault{Kind: slacktest.Hang, Method: "apps.connections.open", Count: 2})
}

func (w *town) failOpen() {
	w.slack.Inject(slacktest.Fault{Kind: slacktest.ServerError, Method: "apps.connections.open", Count: 3})
}

func TestAStatusThatWasReadIsNotUndone(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(_ *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "eyes")
		w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Answer: agentest.AnswerNone})
		second := w.reply(w.bob, root, "more")
		session := w.onlySession()
		w.until("it is there", func() bool { return len(w.agen.Messages(session)) == 2 })
		w.status(second, agen.StatusCompleted)
		w.shows(second, "white_check_mark")
		time.Sleep(time.Hour)
		w.shows(second, "white_check_mark")
	})
}

func TestATimelineThatIsTheSameIsNotReadAgain(t *testing.T) {
	inBubble(t, plan{agen: agentest.Config{ETags: true, Gzip: true}}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		time.Sleep(time.Hour)
		same := 0
		for _, r := range w.agen.Requests() {
			if r.Call == agentest.CallEvents && r.Status == 304 {
				same++
			}
		}
		if same == 0 {
			t.Error("no read was spared")
		}
		next := w.reply(w.bob, root, "go on")
		w.shows(next, "white_check_mark")
		w.note(root, "Done: Bob")
	})
}

func TestAnOldCopyOfTheStoreThatIsPutBackDoublesNothing(t *testing.T) {
	inBubble(t, plan{agen: terse()}, func(t *testing.T, w *town) {
		path := strings.TrimPrefix(w.env["STORE_URL"], "bolt:")
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		down := w.agen.AddFault(agentest.Fault{Status: 503, Apply: agentest.ApplyNever, Times: -1})
		one, two := w.reply(w.bob, root, "one"), w.reply(w.ann, root, "two")
		w.note(root, "2 messages in this thread are waiting")
		w.stop()
		old, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		down.Remove()
		w.start()
		w.shows(one, "white_check_mark")
		w.shows(two, "white_check_mark")
		w.wantDoneOnce(root, "start", "one", "two")
		w.stop()
		time.Sleep(2 * time.Hour)
		if err := os.WriteFile(path, old, 0o600); err != nil {
			t.Fatal(err)
		}
		w.start()
		w.connected()
		next := w.reply(w.bob, root, "three")
		w.shows(next, "white_check_mark")
		w.wantReceived(root, one, two, next)
		w.shows(one, "white_check_mark")
		w.note(root, "Both waiting messages have been sent")
		time.Sleep(time.Hour)
		w.wantDoneOnce(root, "start", "one", "two", "three")
	})
}
