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

func TestAThreadGoesOnWhenItsChannelIsRenamed(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		old := w.dev.ID
		down := w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Status: 425, Apply: agentest.ApplyNever, Times: -1})
		waiting := w.reply(w.bob, root, "this waits")
		w.shows(waiting, "electric_plug")
		if err := w.slack.ChangeChannelID(old, "C0SHARED"); err != nil {
			t.Fatal(err)
		}
		w.dev.ID = "C0SHARED"
		after := w.reply(w.ann, root, "and this comes under the new id")
		down.Remove()
		w.until("all are there", func() bool { return len(w.agen.Messages(session)) == 3 })
		w.tell(session, agentest.AgentMessage("all done"))
		w.note(root, "all done")
		w.wantReceived(root, waiting, after)

		// An event that Slack delivers late still has the old id.
		err := w.slack.SendEvent("C0SHARED", map[string]any{
			"type": "app_mention", "channel": old, "user": w.ann.ID, "ts": root, "event_ts": root, "text": "<@U0AGEN> fix the login test",
		})
		if err != nil {
			t.Fatal(err)
		}
		w.restart()
		w.connected()
		time.Sleep(time.Hour)
		w.wantReceived(root, waiting, after)
		if n := w.notes(root); n > 2 { // the agent's message, and perhaps the note about the outage
			t.Errorf("%d notes\n%s", n, w.picture())
		}
		for _, m := range w.slack.Thread("C0SHARED", root) {
			if strings.Contains(m.Text, "wasn't delivered") {
				t.Errorf("something was lost: %s", m.Text)
			}
		}
	})
}

// The event with the new channel id arrives half an hour late. Until then Slack
// refuses calls with the old id, and messages under the new id belong to no known
// thread.
func TestARenameThatIsLearnedLate(t *testing.T) {
	inBubble(t, plan{agen: manual(), env: map[string]string{"ASK_AFTER": "48h"}}, func(t *testing.T, w *town) {
		root, session := working(w)
		old := w.dev.ID
		time.Sleep(time.Hour)
		w.slack.InjectEvent(slacktest.EventFault{Kind: slacktest.Lost, Type: "channel_id_changed"})
		if err := w.slack.ChangeChannelID(old, "C0LATE"); err != nil {
			t.Fatal(err)
		}
		w.dev.ID = "C0LATE"
		reply := w.reply(w.ann, root, "said under the new id")
		w.tell(session, agentest.AgentMessage("this can't be posted yet"))
		time.Sleep(30 * time.Minute)
		if n := len(w.agen.Messages(session)); n != 1 {
			t.Fatalf("%d messages went out though nobody could know", n-1)
		}
		last := w.reply(w.ann, root, "and just before it is known")
		err := w.slack.SendEvent("C0LATE", map[string]any{
			"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": "C0LATE", "event_ts": root,
		})
		if err != nil {
			t.Fatal(err)
		}
		w.note(root, "this can't be posted yet")
		w.until("both are there", func() bool { return len(w.agen.Messages(session)) == 3 })
		w.restart()
		w.connected()
		next := w.reply(w.bob, root, "after a restart")
		w.until("all are there", func() bool { return len(w.agen.Messages(session)) == 4 })
		time.Sleep(time.Hour)
		// The backfill finds the reply. If the socket is faster, the reply goes after the last one, labeled.
		if got := w.received(session); len(got) > 1 && got[1] == last {
			w.wantReceived(root, last, reply, next)
		} else {
			w.wantReceived(root, reply, last, next)
		}
	})
}

// kick removes the bot from #dev.
func (w *town) kick() {
	w.t.Helper()
	if err := w.slack.KickBot(w.ann.ID, w.dev.ID); err != nil {
		w.t.Fatal(err)
	}
}

func TestThreadsPauseWhileTheBotIsNotInTheirChannel(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		w.kick()
		time.Sleep(time.Minute)
		w.tell(session, agentest.AgentMessage("nobody reads this yet"))
		reads, calls := w.agen.Count(agentest.CallEvents), len(w.slack.Requests("chat.postMessage"))
		time.Sleep(24 * time.Hour)
		if n := w.agen.Count(agentest.CallEvents); n != reads {
			t.Errorf("it read the timeline %d times", n-reads)
		}
		if n := len(w.slack.Requests("chat.postMessage")); n != calls {
			t.Errorf("it tried to post %d times", n-calls)
		}
		w.restart()
		w.connected()
		time.Sleep(time.Hour)
		if n := w.agen.Count(agentest.CallEvents); n != reads {
			t.Errorf("after a restart it read the timeline %d times", n-reads)
		}
		if err := w.slack.InviteBot(w.ann.ID, w.dev.ID); err != nil {
			t.Fatal(err)
		}
		w.note(root, "nobody reads this yet")
		reply := w.reply(w.bob, root, "welcome back")
		w.until("the reply is there", func() bool { return len(w.agen.Messages(session)) == 2 })
		w.wantReceived(root, reply)
	})
}

func TestWhatWaitsGoesOutWhenTheBotIsBack(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		down := w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Status: 425, Apply: agentest.ApplyNever, Times: -1})
		reply := w.reply(w.bob, root, "this waits")
		w.until("it was tried", func() bool { return down.Hits() > 0 })
		w.kick()
		time.Sleep(5 * time.Second)
		down.Remove()
		time.Sleep(100 * time.Hour) // longer than MAX_AGE
		if n := len(w.agen.Messages(session)); n != 1 {
			t.Fatalf("%d messages went out meanwhile", n-1)
		}
		if err := w.slack.InviteBot(w.ann.ID, w.dev.ID); err != nil {
			t.Fatal(err)
		}
		w.until("it is there", func() bool { return len(w.agen.Messages(session)) == 2 })
		time.Sleep(time.Hour)
		w.wantReceived(root, reply)
		if got, want := w.message(session, reply), "this waits"; !strings.Contains(got, want) {
			t.Errorf("it says %q, want %q", got, want)
		}
		if diff := cmp.Diff(0, w.notes(root)); diff != "" {
			t.Errorf("notes: %s\n%s", diff, w.picture())
		}
	})
}

// If no event reports that the bot was removed, the bridge learns it from its next
// call.
func TestARefusedPostTellsThatTheBotWasRemoved(t *testing.T) {
	withheld := slacktest.Config{Events: slices.DeleteFunc(slacktest.DefaultEvents(), func(e string) bool { return strings.HasSuffix(e, "_left") })}
	inBubble(t, plan{agen: manual(), slack: withheld}, func(t *testing.T, w *town) {
		root, session := working(w)
		w.kick()
		w.tell(session, agentest.AgentMessage("said to nobody"))
		w.slack.WaitFor("it tried to say so", func() bool {
			return slices.ContainsFunc(w.slack.Requests("chat.postMessage"), func(r slacktest.Request) bool { return r.Error != "" })
		})
		time.Sleep(time.Minute)
		reads, calls := w.agen.Count(agentest.CallEvents), len(w.slack.Requests())
		time.Sleep(24 * time.Hour)
		if n := w.agen.Count(agentest.CallEvents); n != reads {
			t.Errorf("it read the timeline %d times", n-reads)
		}
		if n := len(w.slack.Requests()) - calls; n > 10 {
			t.Errorf("it made %d calls to Slack", n)
		}
		if err := w.slack.InviteBot(w.ann.ID, w.dev.ID); err != nil {
			t.Fatal(err)
		}
		w.note(root, "said to nobody")
	})
}

// The invitation arrives while the daemon is down. The backfill at startup finds
// the channel among those that the bot is a member of.
func TestAnInvitationThatWasMissedIsFound(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		w.kick()
		time.Sleep(time.Minute)
		w.tell(session, agentest.AgentMessage("for later"))
		w.stop()
		if err := w.slack.InviteBot(w.ann.ID, w.dev.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(48 * time.Hour) // Slack no longer retries the delivery
		w.start()
		w.connected()
		w.note(root, "for later")
	})
}
