package daemon_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// direct opens Ann's direct message with the bot.
func (w *town) direct() (line func(text string) string, shows func(ts, emoji string)) {
	w.t.Helper()
	dm, err := w.slack.DM(w.ann.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	line = func(text string) string { return w.slack.Say(w.ann.ID, dm, text) }
	shows = func(ts, emoji string) {
		w.t.Helper()
		w.slack.WaitFor(emoji+" on "+ts, func() bool { return slices.Equal(w.slack.Reactions(dm, ts), []string{emoji}) })
	}
	return line, shows
}

func TestLinesOfADirectMessageThatFollowEachOtherAreOneThread(t *testing.T) {
	inBubble(t, plan{slack: slacktest.Config{RetryDelays: []time.Duration{time.Minute, time.Hour}}}, func(t *testing.T, w *town) {
		line, shows := w.direct()
		one := line("the login test is flaky")
		time.Sleep(time.Minute)
		w.slack.InjectEvent(slacktest.EventFault{Kind: slacktest.DropAcks, Count: 2})
		two := line("please fix it")
		time.Sleep(119 * time.Second)
		three := line("on a branch")
		for _, ts := range []string{one, two, three} {
			shows(ts, "white_check_mark")
		}
		session := w.onlySession()
		w.restart()
		time.Sleep(2 * time.Hour)
		w.wantReceived(one, two, three)
		later := line("something else")
		shows(later, "white_check_mark")
		if n := len(w.agen.Sessions()); n != 2 || slices.Contains(w.received(session), later) {
			t.Errorf("%d sessions, want two\n%s", n, w.picture())
		}
		if diff := cmp.Diff([]string{one, two, three}, w.received(session)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAFollowingDirectMessageCanBeEditedRetriedAndDeleted(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		line, shows := w.direct()
		dm, err := w.slack.DM(w.ann.ID)
		if err != nil {
			t.Fatal(err)
		}
		one := line("start")
		shows(one, "white_check_mark")
		w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Status: 422, Apply: agentest.ApplyNever})
		two := line("do it")
		shows(two, "warning")
		var note slacktest.Message
		w.slack.WaitFor("the note", func() bool {
			for _, m := range w.slack.Thread(dm, one) {
				if strings.Contains(m.Text, "wasn't delivered") {
					note = m
				}
			}
			return note.TS != ""
		})
		w.slack.Click(w.ann.ID, dm, note.TS, "retry")
		shows(two, "white_check_mark")
		w.slack.Edit(w.ann.ID, dm, two, "do it now")
		w.until("the correction", func() bool { return len(w.received(w.onlySession())) == 3 })
		over := w.stuck()
		three := line("and this")
		shows(three, "electric_plug")
		w.slack.Delete(w.ann.ID, dm, three)
		time.Sleep(time.Minute)
		over()
		four := line("last")
		shows(four, "white_check_mark")
		got := w.received(w.onlySession())
		if slices.Contains(got, three) || !slices.Contains(got, two) || !slices.Contains(got, four) || len(got) != 4 {
			t.Errorf("got %v\n%s", got, w.picture())
		}
		reply := w.slack.Say(w.ann.ID, dm, "under the second line", slacktest.InThread(two))
		shows(reply, "white_check_mark")
		if n := len(w.agen.Sessions()); n != 1 {
			t.Errorf("%d sessions", n)
		}
	})
}
