package daemon_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// crowd is how many threads wait during an outage in these tests.
const crowd = 200

// unlimited lifts the limit on how many messages one person may send.
func unlimited() plan {
	return plan{env: map[string]string{"LIMIT_PER_USER": "0", "LIMIT_SESSIONS_PER_USER": "0"}}
}

// threads starts n threads, and waits until their first messages are completed.
func (w *town) threads(n int) []string {
	w.t.Helper()
	var roots []string
	for i := range n {
		roots = append(roots, w.mention(fmt.Sprint("start ", i)))
	}
	for _, root := range roots {
		w.shows(root, "white_check_mark")
	}
	return roots
}

// sends returns the send requests that began after the given time.
func (w *town) sends(after time.Time) []agentest.Request {
	return slices.DeleteFunc(w.agen.Requests(), func(r agentest.Request) bool {
		return r.Call != agentest.CallSend || !r.Began.After(after)
	})
}

func TestAfterAnOutageOfAgenAllThatWaitsIsSentWithinSeconds(t *testing.T) {
	for name, restart := range map[string]bool{"the process goes on": false, "it was restarted meanwhile": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, unlimited(), func(t *testing.T, w *town) {
				roots := w.threads(crowd)
				w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Answer: agentest.AnswerNone, Times: 10})
				w.agen.AddFault(agentest.Fault{Status: 503, Apply: agentest.ApplyNever, Times: -1})
				var first, second []string
				for _, root := range roots {
					first = append(first, w.reply(w.bob, root, "and this"))
				}
				time.Sleep(5 * time.Second) // Slack delivers simultaneous messages in any order
				for _, root := range roots {
					second = append(second, w.reply(w.ann, root, "and that"))
				}
				time.Sleep(time.Minute)
				if restart {
					w.restart()
					w.connected()
					time.Sleep(30 * time.Second)
				}
				before := len(w.agen.Requests())
				time.Sleep(70 * time.Second)
				if n := len(w.agen.Requests()) - before; n < 4 || n > 6 {
					t.Errorf("%d requests in 70 s of an outage, want one every 15 s", n)
				}
				w.agen.ClearFaults()
				back := time.Now()
				for _, ts := range slices.Concat(first, second) {
					w.shows(ts, "white_check_mark")
				}
				sends := w.sends(back)
				for _, r := range sends {
					if late := r.Began.Sub(sends[0].Began); late > 15*time.Second {
						t.Errorf("%s was sent %v after the first", r.ClientID, late)
					}
				}
				if late := sends[0].Began.Sub(back); late > 16*time.Second {
					t.Errorf("the first message was sent %v after Agen was back", late)
				}
				if len(sends) != 2*crowd-10 {
					t.Errorf("%d sends, want one for each message that had not arrived", len(sends))
				}
				for i, root := range roots {
					session := w.sessionWith(root)
					if got := w.received(session); !slices.Equal(got, []string{root, first[i], second[i]}) {
						t.Errorf("the session of %s has %v", root, got)
					}
				}
			})
		})
	}
}

// sessionWith returns the session that has the message.
func (w *town) sessionWith(ts string) string {
	w.t.Helper()
	for _, s := range w.agen.Sessions() {
		if slices.Contains(w.received(s.ID), ts) {
			return s.ID
		}
	}
	w.t.Fatalf("no session has %s", ts)
	return ""
}

func TestAfterAnOutageOfSlackAllReactionsAreRightWithinSeconds(t *testing.T) {
	inBubble(t, unlimited(), func(t *testing.T, w *town) {
		roots := w.threads(10)
		var replies []string
		down := w.slack.Inject(slacktest.Fault{Kind: slacktest.ServerError, Count: -1, Match: func(r slacktest.Request) bool {
			return r.Method != "socket" && r.Method != "apps.connections.open"
		}})
		for _, root := range roots {
			replies = append(replies, w.reply(w.bob, root, "and this"))
		}
		time.Sleep(20 * time.Minute)
		down.Remove()
		back := time.Now()
		for _, ts := range replies {
			w.shows(ts, "white_check_mark")
		}
		if took := time.Since(back); took > 20*time.Second {
			t.Errorf("the reactions were right %v after Slack was back", took)
		}
	})
}

// One route hangs with a hundred threads; the other one shares its sixteen workers.
func TestARouteThatHangsDelaysNoOtherRoute(t *testing.T) {
	for name, fault := range map[string]agentest.Fault{
		"it hangs":         {Hang: true},
		"it is down":       {Status: 503, Apply: agentest.ApplyNever},
		"it wants a pause": {Status: 429, RetryAfter: "3600"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := unlimited()
				p.inBubble = true
				w, web := withRoute(t, p)
				w.start()
				w.connected()
				fault.Times, fault.Match = -1, func(r agentest.Request) bool { return r.Workspace == "ws_web" }
				w.agen.AddFault(fault)
				for i := range 100 {
					w.slack.Say(w.ann.ID, web.ID, fmt.Sprint("<@U0AGEN> start ", i))
				}
				time.Sleep(3 * time.Second)
				for range 5 {
					began := time.Now()
					root := w.mention("start here")
					w.slack.WaitFor("it is with the agent", func() bool { return len(w.slack.Reactions(w.dev.ID, root)) > 0 })
					w.shows(root, "white_check_mark")
					if took := time.Since(began); took > 10*time.Second {
						t.Errorf("done after %v", took)
					}
				}
				w.agen.ClearFaults()
			})
		})
	}
}
