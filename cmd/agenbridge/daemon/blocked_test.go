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

// answering starts a thread whose message is completed, with a card, and whose
// agent can still say something.
func answering(w *town) (root, session string) {
	root, session = working(w)
	w.slack.WaitFor("the card", func() bool { return len(w.slack.Thread(w.dev.ID, root)) == 2 })
	w.status(root, agen.StatusCompleted)
	w.shows(root, "white_check_mark")
	return root, session
}

// refusing makes Slack reject new posts with the code until the rule is removed.
func (w *town) refusing(code string) slacktest.Injected {
	return w.slack.Inject(slacktest.Fault{Kind: slacktest.ErrorAnswer, Method: "chat.postMessage", Error: code, Count: -1})
}

// agenWords returns the agent's messages that the thread shows.
func (w *town) agenWords(root string) []string {
	var words []string
	for _, m := range w.said(root) {
		if strings.Contains(string(m.Metadata), "say:") && !m.Deleted {
			words = append(words, m.Text)
		}
	}
	return words
}

func TestAnAnswerThatIsRefusedForNowIsShownWhenSomethingHappens(t *testing.T) {
	for _, code := range []string{"thread_locked", "is_archived", "restricted_action", "restricted_action_thread_locked", "cannot_reply_to_message"} {
		for what, happens := range map[string]func(w *town, root, session string){
			"a message": func(w *town, root, _ string) { w.reply(w.bob, root, "and now?") },
			"an event":  func(w *town, _, session string) { w.tell(session, agentest.AgentMessage("third")) },
			"a click": func(w *town, root, _ string) {
				w.slack.Click(w.bob.ID, w.dev.ID, w.slack.Thread(w.dev.ID, root)[1].TS, "quiet")
			},
		} {
			t.Run(code+", "+what, func(t *testing.T) {
				inBubble(t, plan{agen: manual(), env: map[string]string{"AGEN_SESSION_URL": "https://agen.test/{id}"}}, func(t *testing.T, w *town) {
					root, session := answering(w)
					rule := w.refusing(code)
					w.tell(session, agentest.AgentMessage("first"))
					w.shows(root, "warning")
					w.tell(session, agentest.AgentMessage("second"))
					w.slack.WaitFor("a private note", func() bool { return len(w.slack.Ephemerals(w.ann.ID)) == 1 })
					if got, want := w.slack.Ephemerals(w.ann.ID)[0].Text, "⚠️ The agent answered, but Slack won't let me post here. <https://agen.test/"+session+"|Read it in Agen>"; got != want {
						t.Errorf("the note says %q, want %q", got, want)
					}
					time.Sleep(time.Hour)
					if n := rule.Hits(); n > 3 {
						t.Errorf("it tried to post %d times though nothing happened", n)
					}
					w.restart()
					w.connected()
					time.Sleep(time.Minute) // a click that comes while the sockets open may time out, and people click again
					w.shows(root, "warning")
					rule.Remove()
					happens(w, root, session)
					w.slack.WaitFor("the answers", func() bool { return len(w.agenWords(root)) >= 2 })
					w.shows(root, "white_check_mark")
					if got := w.agenWords(root); got[0] != "first" || got[1] != "second" {
						t.Errorf("they are shown as %q", got)
					}
				})
			})
		}
	}
}

func TestAChangedAnswerThatIsRefusedForNowIsShownLater(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := answering(w)
		e := w.tell(session, agentest.AgentMessage("I think it is the cache"))
		w.words(root, 1)
		rule := w.slack.Inject(slacktest.Fault{Kind: slacktest.ErrorAnswer, Method: "chat.update", Error: "is_archived", Count: -1})
		if err := w.agen.UpdateEvent(session, e.ID, func(e *agen.Event) { e.Payload = []byte(`{"message":"It is the clock"}`) }); err != nil {
			t.Fatal(err)
		}
		w.shows(root, "warning")
		rule.Remove()
		w.reply(w.bob, root, "really?")
		w.slack.WaitFor("the change", func() bool { return slices.Equal(w.agenWords(root), []string{"It is the clock"}) })
		w.shows(root, "white_check_mark")
	})
}

func TestAnAnswerThatIsRefusedForGoodIsReported(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := answering(w)
		w.slack.Inject(slacktest.Fault{Kind: slacktest.ErrorAnswer, Method: "chat.postMessage", Error: "as_user_not_supported"})
		w.tell(session, agentest.AgentMessage("nobody will read this"))
		w.note(root, "The agent answered, but Slack won't let me post here.")
		w.shows(root, "warning")
		w.tell(session, agentest.AgentMessage("but this"))
		w.note(root, "but this")
		w.shows(root, "warning")
	})
}

// Slack accepts no blocks at all, so the answer is posted as plain text, in posts
// that can be updated.
func TestAnAnswerWhoseBlocksAreRefusedIsPlainText(t *testing.T) {
	for _, code := range []string{"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"} {
		t.Run(code, func(t *testing.T) {
			inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
				root, session := answering(w)
				for _, method := range []string{"chat.postMessage", "chat.update"} {
					w.slack.Inject(slacktest.Fault{Kind: slacktest.ErrorAnswer, Method: method, Error: code, Count: -1, Match: func(r slacktest.Request) bool {
						return r.Args["blocks"] != ""
					}})
				}
				long := strings.Repeat("a line of R&D, <b> and __init__\n", 300)
				e := w.tell(session, agentest.AgentMessage("```\n"+long+"```"))
				w.tell(session, agentest.AgentMessage("That is all."))
				w.slack.WaitFor("all of it", func() bool { return strings.Contains(strings.Join(w.agenWords(root), "\n"), "That is all.") })
				words := w.agenWords(root)
				for _, text := range words {
					if n := len([]rune(text)); n > 4000 {
						t.Errorf("a post has %d characters", n)
					}
				}
				if got := strings.Count(strings.Join(words, "\n"), "a line of R&amp;D, &lt;b&gt; and __init__"); got != 300 || len(words) < 4 {
					t.Errorf("%d posts have %d of 300 lines", len(words), got)
				}
				w.shows(root, "white_check_mark")
				time.Sleep(time.Hour) // until posting has stopped retrying
				if err := w.agen.UpdateEvent(session, e.ID, func(e *agen.Event) { e.Payload = []byte(`{"message":"Only **this**."}`) }); err != nil {
					t.Fatal(err)
				}
				w.slack.WaitFor("the change", func() bool { return strings.HasPrefix(w.agenWords(root)[0], "Only this.") })
				w.slack.WaitFor("the others are taken back", func() bool { return !strings.Contains(strings.Join(w.agenWords(root), "\n"), "a line of") })
			})
		})
	}
}
