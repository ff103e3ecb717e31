package daemon_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// deafSlack is a Slack that drops events that it can't deliver, so that only a
// backfill finds the messages.
func deafSlack() slacktest.Config {
	return slacktest.Config{Offline: slacktest.OfflineDrop, RetryDelays: []time.Duration{}, Limits: slacktest.SlackLimits()}
}

func TestWhatWasSaidWhileItWasDownArrivesOnceAndInOrder(t *testing.T) {
	inBubble(t, plan{slack: deafSlack()}, func(t *testing.T, w *town) {
		w.slack.AddUser(slacktest.User{Name: "guest", IsRestricted: true})
		side := w.slack.Say(w.bob.ID, w.dev.ID, "look at this")
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		w.stop()
		want := []string{root}
		for i := range 3 {
			time.Sleep(3 * time.Minute)
			want = append(want, w.reply(w.bob, root, fmt.Sprint("thing ", i)))
		}
		w.slack.Inject(slacktest.Fault{Kind: slacktest.MalformedBlock, Method: "conversations.replies", Skip: 1})
		w.slack.Inject(slacktest.Fault{Kind: slacktest.RateLimited, Method: "conversations.replies", RetryAfter: 5 * time.Second})
		w.slack.Inject(slacktest.Fault{Kind: slacktest.RateLimited, Method: "conversations.history"})
		aside := w.reply(w.ann, root, "<@U0BOB> lunch?")
		outsider := w.slack.Say("U0GUEST", w.dev.ID, "do as I say", slacktest.InThread(root))
		top := w.mention("another task")
		below := w.slack.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> and this", slacktest.InThread(side))
		w.slack.Say(w.bob.ID, w.dev.ID, "chatter")
		time.Sleep(5 * time.Second)
		w.start()
		w.connected()
		live := w.reply(w.ann, root, "live again")
		want = append(want, live)
		for _, ts := range append([]string{top, below}, want...) {
			w.shows(ts, "white_check_mark")
		}
		time.Sleep(20 * time.Minute)
		sessions := w.agen.Sessions()
		if got := len(sessions); got != 3 {
			t.Fatalf("sessions: got %d, want 3\n%s", got, w.picture())
		}
		for _, s := range sessions {
			if got := w.received(s.ID); got[0] == root && strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("the session has %v, want %v", got, want)
			}
		}
		for _, ts := range []string{aside, outsider} {
			w.shows(ts, "")
		}
		if n := w.notes(root) + w.notes(top) + w.notes(side); n != 0 {
			t.Errorf("%d notes\n%s", n, w.picture())
		}
	})
}

// missedFor makes the bridge miss two replies and a mention in another thread for
// so long that it asks whether to send them.
func missedFor(w *town, d time.Duration) (root string, replies []string, other string) {
	root = w.mention("start")
	w.shows(root, "white_check_mark")
	w.stop()
	replies = []string{w.reply(w.bob, root, "one"), w.reply(w.ann, root, "two")}
	other = w.mention("something else")
	time.Sleep(d)
	w.start()
	w.connected()
	return root, replies, other
}

func TestWhatIsTooOldIsAskedForBeforeItIsSent(t *testing.T) {
	inBubble(t, plan{slack: deafSlack()}, func(t *testing.T, w *town) {
		root, replies, other := missedFor(w, 3*time.Hour)
		note := w.note(root, "<@U0ANN>, I missed 2 messages")
		question := w.note(other, "I missed 1 message")
		time.Sleep(time.Hour)
		w.wantReceived(root)
		w.slack.Click(w.bob.ID, w.dev.ID, note.TS, "send")
		for _, ts := range replies {
			w.shows(ts, "white_check_mark")
		}
		w.wantReceived(append([]string{root}, replies...)...)
		if got := w.note(root, "Sent late by Bob"); got.TS != note.TS {
			t.Error("the answer is another post")
		}
		w.slack.Click(w.bob.ID, w.dev.ID, question.TS, "send")
		w.shows(other, "white_check_mark")
		if len(w.agen.Sessions()) != 2 {
			t.Errorf("the mention began no session\n%s", w.picture())
		}
	})
}

func TestWhatIsTooOldIsSkippedByAClickOrAfterADay(t *testing.T) {
	inBubble(t, plan{slack: deafSlack()}, func(t *testing.T, w *town) {
		root, replies, other := missedFor(w, 3*time.Hour)
		note := w.note(root, "I missed 2 messages")
		w.note(other, "I missed 1 message")
		w.slack.Click(w.bob.ID, w.dev.ID, note.TS, "skip")
		w.note(root, "Skipped by Bob")
		time.Sleep(25 * time.Hour)
		w.note(other, "Nobody decided within 24 hours, so the message was not sent.")
		w.restart()
		w.connected()
		time.Sleep(time.Hour)
		w.wantReceived(root)
		for _, ts := range append(replies, other) {
			w.shows(ts, "")
		}
		if w.notes(root) != 1 || w.notes(other) != 1 {
			t.Errorf("asked again\n%s", w.picture())
		}
	})
}

func TestAMessageThatNoSocketBringsIsFoundWithinMinutes(t *testing.T) {
	inBubble(t, plan{slack: deafSlack()}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		time.Sleep(time.Hour)
		w.slack.StopEvents(slacktest.Every)
		lost := w.reply(w.bob, root, "does anybody hear me?")
		time.Sleep(7 * time.Minute)
		w.shows(lost, "white_check_mark")
		w.wantReceived(root, lost)
		if !w.log.Has("a message was found that no socket brought") {
			t.Error("the log doesn't say that the sockets deliver no events")
		}
		before := len(w.slack.Sockets())
		next := w.reply(w.bob, root, "and now?")
		w.slack.WaitFor("a socket brings it", func() bool { return w.slack.Acked(w.dev.ID, next) })
		w.shows(next, "white_check_mark")
		if before != 2 || len(w.slack.AllSockets()) != 4 {
			t.Errorf("%d sockets are open and %d were, want 2 and 4", before, len(w.slack.AllSockets()))
		}
	})
}

func TestATimeWithoutASocketIsBackfilled(t *testing.T) {
	inBubble(t, plan{slack: deafSlack()}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		time.Sleep(time.Hour)
		w.slack.Disconnect(slacktest.Every, slacktest.LinkDisabled)
		time.Sleep(5 * time.Minute)
		top := w.mention("while it was off")
		time.Sleep(5 * time.Minute)
		w.slack.EnableLink()
		w.shows(top, "white_check_mark")
		if w.log.Has("a message was found that no socket brought") {
			t.Error("sockets that were down count as delivering no events")
		}
	})
}

func TestAnEmptyStoreIsNotBackfilled(t *testing.T) {
	inBubble(t, plan{slack: deafSlack(), idle: true}, func(t *testing.T, w *town) {
		old := w.mention("from before")
		time.Sleep(time.Minute)
		w.start()
		w.connected()
		time.Sleep(30 * time.Minute)
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		time.Sleep(30 * time.Minute)
		w.restart()
		w.connected()
		time.Sleep(30 * time.Minute)
		w.wantReceived(root)
		w.shows(old, "")
	})
}

func TestBackfillLimitsHowOldMissedMessagesMayBe(t *testing.T) {
	for backfill, asked := range map[string]int{"2h": 0, "24h": 1, "0s": 0} {
		inBubble(t, plan{slack: deafSlack(), env: map[string]string{"BACKFILL": backfill}}, func(t *testing.T, w *town) {
			root, _, _ := missedFor(w, 3*time.Hour)
			time.Sleep(time.Hour)
			if got := w.notes(root); got != asked {
				t.Errorf("BACKFILL=%s: %d questions, want %d\n%s", backfill, got, asked, w.picture())
			}
			if n := len(w.slack.Requests("conversations.history")); backfill == "0s" && n > 0 {
				t.Errorf("BACKFILL=0s: %d channels are read", n)
			}
		})
	}
}

func TestRestartsWithManyChannelsMakeFewRequests(t *testing.T) {
	inBubble(t, plan{slack: deafSlack()}, func(t *testing.T, w *town) {
		for i := range 150 {
			w.slack.AddChannel(slacktest.Channel{Name: fmt.Sprint("c", i)})
		}
		began := time.Now()
		for range 10 {
			time.Sleep(6 * time.Second)
			w.restart()
			w.connected()
		}
		reads := len(w.slack.Requests("conversations.history"))
		if most := 10*5 + 45; reads > most || time.Since(began) > 2*time.Minute {
			t.Errorf("%d reads in ten restarts, want %d at most", reads, most)
		}
		time.Sleep(10 * time.Minute)
		whole := len(w.slack.Requests("conversations.history"))
		time.Sleep(time.Hour)
		if whole-reads < 100 || len(w.slack.Requests("conversations.history")) != whole {
			t.Errorf("%d reads, then %d, then %d: it never comes to an end", reads, whole, len(w.slack.Requests("conversations.history")))
		}
	})
}

func TestWhatAnOlderCopyOfTheStoreDoesNotKnowIsNotSentAgain(t *testing.T) {
	inBubble(t, plan{slack: deafSlack(), agen: terse()}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		w.stop()
		path := strings.TrimPrefix(w.env["STORE_URL"], "bolt:")
		copied := readFile(t, path)
		w.start()
		w.connected()
		known := w.reply(w.bob, root, "known to the agent")
		w.shows(known, "white_check_mark")
		w.stop()
		if err := os.WriteFile(path, copied, 0o600); err != nil {
			t.Fatal(err)
		}
		w.start()
		w.connected()
		next := w.reply(w.bob, root, "what next?")
		w.shows(next, "white_check_mark")
		time.Sleep(10 * time.Minute)
		w.wantReceived(root, known, next)
		w.wantDoneOnce(root, "start", "known to the agent", "what next?")
	})
}

func TestWhatTheAgentSaidIsNotSaidAgainByAnOldCopyOfTheStore(t *testing.T) {
	inBubble(t, plan{slack: deafSlack(), agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		w.tell(session, agentest.AgentMessage("before the copy"))
		w.note(root, "before the copy")
		w.stop()
		path := strings.TrimPrefix(w.env["STORE_URL"], "bolt:")
		copied := readFile(t, path)
		w.start()
		w.connected()
		w.tell(session, agentest.AgentMessage("one of two"))
		w.tell(session, agentest.AgentMessage("two of two"))
		w.tell(session, agentest.Ask("Which one?", "a", "b"))
		question := w.note(root, "Which one?")
		w.connected()
		w.slack.Click(w.bob.ID, w.dev.ID, question.TS, "b")
		w.until("the answer is there", func() bool { return len(w.agen.Messages(session)) == 2 })
		w.note(root, "*b*")
		w.stop()
		time.Sleep(2 * time.Hour)
		if err := os.WriteFile(path, copied, 0o600); err != nil {
			t.Fatal(err)
		}
		w.start()
		w.connected()
		w.tell(session, agentest.AgentMessage("after the copy"))
		w.note(root, "after the copy")
		time.Sleep(time.Hour)
		w.wantOnce(root, "before the copy", "one of two", "two of two", "Which one?", "after the copy")
		if n := len(w.agen.Messages(session)); n != 2 {
			t.Errorf("the agent got %d messages", n)
		}
	})
}

func TestAnOldCopyOfTheStoreLeavesNoReactionBehind(t *testing.T) {
	inBubble(t, plan{slack: deafSlack(), agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		if err := w.agen.SetBusy(session, true); err != nil {
			t.Fatal(err)
		}
		next := w.reply(w.bob, root, "and the docs")
		w.shows(next, "hourglass_flowing_sand")
		w.tell(session, agentest.Ask("Which one?", "a", "b"))
		w.note(root, "Which one?")
		w.stop()
		path := strings.TrimPrefix(w.env["STORE_URL"], "bolt:")
		copied := readFile(t, path)
		w.start()
		w.status(next, agen.StatusProcessing)
		w.shows(next, "eyes")
		w.stop()
		time.Sleep(2 * time.Hour)
		if err := os.WriteFile(path, copied, 0o600); err != nil {
			t.Fatal(err)
		}
		w.status(next, agen.StatusCompleted)
		w.start()
		w.shows(next, "white_check_mark")
		time.Sleep(time.Hour)
		w.shows(next, "white_check_mark")
	})
}

func TestAThreadIsBoundAgainByItsCard(t *testing.T) {
	inBubble(t, plan{slack: deafSlack(), agen: terse()}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		w.wantDoneOnce(root, "start")
		w.stop()
		if err := os.Remove(strings.TrimPrefix(w.env["STORE_URL"], "bolt:")); err != nil {
			t.Fatal(err)
		}
		w.start()
		w.connected()
		lost := w.reply(w.ann, root, "in between")
		w.slack.WaitFor("it is acknowledged", func() bool { return w.slack.Acked(w.dev.ID, lost) })
		again := w.reply(w.bob, root, "<@U0AGEN> go on")
		w.shows(again, "white_check_mark")
		next := w.reply(w.ann, root, "and the docs")
		w.shows(next, "white_check_mark")
		time.Sleep(time.Hour)
		// A backfill finds the older message of the thread before or after the
		// mention.
		if got := w.received(w.onlySession()); !slices.Equal(slices.Sorted(slices.Values(got)), []string{root, lost, again, next}) {
			t.Errorf("got %q, want each of %q once", got, []string{root, lost, again, next})
		}
		w.wantDoneOnce(root, "start", "go on", "and the docs", "in between")
	})
}

// terse is an agent that names the message that it is done with by its last line.
func terse() agentest.Config {
	return agentest.Config{Agent: agentest.Agent{Reply: func(message string) []agen.Event {
		return []agen.Event{agentest.AgentMessage("Did “" + message[strings.LastIndex(message, "\n")+1:] + "”.")}
	}}}
}

// wantDoneOnce waits until the agent has reported the last of these tasks as done,
// and wants exactly one report for each of them.
func (w *town) wantDoneOnce(root string, tasks ...string) {
	w.t.Helper()
	for i, task := range tasks {
		tasks[i] = "Did “" + task + "”."
	}
	w.slack.WaitFor("the agent's last word", func() bool { return w.countOf(root, tasks[len(tasks)-1]) > 0 })
	w.wantOnce(root, tasks...)
}

// wantOnce wants each text exactly once in the bot's posts, and exactly one card.
func (w *town) wantOnce(root string, texts ...string) {
	w.t.Helper()
	for _, text := range texts {
		if n := w.countOf(root, text); n != 1 {
			w.t.Errorf("%q stands there %d times\n%s", text, n, w.picture())
		}
	}
	cards := 0
	for _, m := range w.slack.Thread(w.dev.ID, root) {
		if m.User == "U0AGEN" && strings.Contains(string(m.Metadata), "card:") {
			cards++
		}
	}
	if cards != 1 {
		w.t.Errorf("%d cards\n%s", cards, w.picture())
	}
}

// countOf counts the bot's posts whose blocks contain the text.
func (w *town) countOf(root, text string) int {
	n := 0
	for _, m := range w.said(root) {
		n += strings.Count(string(m.Sent), text)
	}
	return n
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return data
}
