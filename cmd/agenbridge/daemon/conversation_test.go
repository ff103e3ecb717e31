package daemon_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// asking configures an agent that reports that it is done with a message, or asks a
// question if the message tells it to.
func asking() agentest.Config {
	reply := terse().Agent.Reply
	return agentest.Config{Agent: agentest.Agent{Reply: func(message string) []agen.Event {
		if strings.HasSuffix(message, "ask me") {
			return []agen.Event{agentest.Ask("Should the old endpoint stay?", "Keep it", "Remove it")}
		}
		return reply(message)
	}}}
}

// TestAConversationOfTwoPeople plays a typical thread from start to end, with
// remotes that lose an answer now and then.
func TestAConversationOfTwoPeople(t *testing.T) {
	inBubble(t, plan{agen: asking()}, func(t *testing.T, w *town) {
		root := w.mention("fix the login")
		w.shows(root, "white_check_mark")
		session := w.onlySession()
		busy := func(is bool) {
			t.Helper()
			if err := w.agen.SetBusy(session, is); err != nil {
				t.Fatal(err)
			}
		}

		busy(true)
		queued, regretted := w.reply(w.ann, root, "on brnach main"), w.reply(w.bob, root, "never mind the docs")
		w.shows(queued, "hourglass_flowing_sand")
		w.shows(regretted, "hourglass_flowing_sand")
		time.Sleep(2 * time.Second) // Slack stamps edits with whole seconds
		w.slack.Edit(w.ann.ID, w.dev.ID, queued, "on branch main")
		w.slack.Delete(w.bob.ID, w.dev.ID, regretted)
		w.agen.AddFault(agentest.LoseAnswer(agentest.CallSend))
		time.Sleep(2 * time.Minute)
		busy(false)
		w.shows(queued, "white_check_mark")

		over := w.stuck()
		withdrawn := w.reply(w.bob, root, "and rename everything")
		w.shows(withdrawn, "electric_plug")
		w.slack.Delete(w.bob.ID, w.dev.ID, withdrawn)
		time.Sleep(time.Minute)
		over()

		w.slack.Inject(slacktest.Fault{Kind: slacktest.LoseAnswer, Method: "chat.postMessage"})
		asked := w.reply(w.bob, root, "ask me")
		w.shows(asked, "white_check_mark")
		question := w.note(root, "Should the old endpoint stay?")
		w.slack.Click(w.ann.ID, w.dev.ID, question.TS, "Remove it")
		w.note(root, "Ann: *Remove it*")

		edited := w.reply(w.ann, root, "add a tset")
		w.shows(edited, "white_check_mark")
		time.Sleep(2 * time.Second)
		w.slack.Edit(w.ann.ID, w.dev.ID, edited, "add a test")
		w.until("the correction", func() bool { return strings.Contains(lastOf(w, session), "add a test") })

		aside := w.reply(w.ann, root, "<@"+w.bob.ID+"> lunch?")
		w.asks(root, "quiet", "only messages that mention me")
		meanwhile := w.reply(w.ann, root, "the tests take long")
		w.slack.WaitFor("it is acknowledged", func() bool { return w.slack.Acked(w.dev.ID, meanwhile) })
		called := w.slack.Say(w.bob.ID, w.dev.ID, "<@U0AGEN> make them fast", slacktest.InThread(root))
		w.shows(called, "white_check_mark")
		if text := w.message(session, called); !strings.Contains(text, "the tests take long") || strings.Contains(text, "lunch") {
			t.Errorf("the agent reads %q", text)
		}
		w.asks(root, "listen", "Every reply goes to the agent again.")
		heard := w.reply(w.ann, root, "thank you")
		w.shows(heard, "white_check_mark")
		time.Sleep(time.Hour)

		got := w.received(session)
		for _, ts := range []string{aside, meanwhile, withdrawn} {
			if slices.Contains(got, ts) {
				t.Errorf("the agent got %s\n%s", ts, w.picture())
			}
		}
		w.shows(aside, "")
		w.shows(meanwhile, "")
		inOrder := slices.DeleteFunc(slices.Clone(got), func(id string) bool {
			return !slices.Contains([]string{root, queued, regretted, asked, edited, called, heard}, id)
		})
		if !slices.Equal(inOrder, []string{root, queued, regretted, asked, edited, called, heard}) || len(got) != 7+1+2 {
			t.Errorf("the session has %v\n%s", got, w.picture())
		}
		w.wantDoneOnce(root, "fix the login", "on branch main", "add a tset", "add a test", "make them fast", "thank you")
	})
}

// lastOf returns the text of the last message in the session.
func lastOf(w *town, session string) string {
	all := w.agen.Messages(session)
	return all[len(all)-1].Text()
}
