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

// inChannel returns the bot's posts in #dev that are outside of threads and not
// deleted.
func (w *town) inChannel() []string {
	var said []string
	for _, m := range w.slack.Messages(w.dev.ID) {
		if m.User == "U0AGEN" && !m.Deleted && (m.ThreadTS == "" || m.ThreadTS == m.TS) {
			said = append(said, m.Text)
		}
	}
	return said
}

// The thread is deleted before the bot has posted in it, so Slack puts the post
// into the channel.
func TestAThreadThatIsDeletedWhileTheAgentWorksEnds(t *testing.T) {
	for name, lost := range map[string]bool{"with an answer from Slack": false, "without one": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, plan{agen: manual(), env: map[string]string{"AGEN_SESSION_URL": "https://agen.test/{id}"}}, func(t *testing.T, w *town) {
				rule := w.slack.Inject(slacktest.Fault{Kind: slacktest.RateLimited, Method: "chat.postMessage", RetryAfter: time.Minute})
				root, session := working(w)
				if w.slack.Delete(w.ann.ID, w.dev.ID, root); rule.Hits() != 1 {
					t.Fatal("the card was posted before")
				}
				if lost {
					w.slack.Inject(slacktest.Fault{Kind: slacktest.LoseAnswer, Method: "chat.postMessage"})
				}
				w.tell(session, agentest.AgentMessage("said to nobody"))
				w.slack.WaitFor("a private note", func() bool { return len(w.slack.Ephemerals(w.ann.ID)) == 2 }) // the other one is about her message
				want := "This thread was deleted, so I stopped posting here. The session keeps running in Agen. <https://agen.test/" + session + "|View session>"
				if got := w.slack.Ephemerals(w.ann.ID)[1].Text; got != want {
					t.Errorf("the note says %q, want %q", got, want)
				}
				w.slack.WaitFor("the stray post is deleted", func() bool { return len(w.inChannel()) == 0 })
				posts, reads := len(w.slack.Requests("chat.postMessage")), w.agen.Count(agentest.CallEvents)
				w.tell(session, agentest.AgentMessage("and nothing more"))
				w.restart()
				w.connected()
				time.Sleep(24 * time.Hour)
				if n := len(w.slack.Requests("chat.postMessage")); n != posts {
					t.Errorf("%d more posts were tried", n-posts)
				}
				if n := w.agen.Count(agentest.CallEvents); n != reads {
					t.Errorf("the timeline was read %d times more", n-reads)
				}
				if !strings.Contains(w.log.String(), `"thread_deleted"`) {
					t.Error("the audit log doesn't say that the thread ended")
				}
			})
		})
	}
}

// Slack puts a post into the channel although its thread exists. The bridge deletes
// the post and makes it again.
func TestAPostThatGoesAstrayIsDeletedAndMadeAgain(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := answering(w)
		w.slack.Inject(slacktest.Fault{Kind: slacktest.Unthreaded, Method: "chat.postMessage"})
		w.tell(session, agentest.AgentMessage("here I am"))
		w.note(root, "here I am")
		w.slack.WaitFor("the stray post is deleted", func() bool { return len(w.inChannel()) == 0 })
		time.Sleep(time.Hour)
		if got := w.agenWords(root); len(got) != 1 {
			t.Errorf("the thread says %q", got)
		}
	})
}

// A deleted root with replies stays as a tombstone, and its thread remains usable.
func TestADeletedRootWithRepliesKeepsItsThread(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		w.slack.WaitFor("the card", func() bool { return len(w.slack.Thread(w.dev.ID, root)) == 2 })
		reply := w.reply(w.bob, root, "me too")
		w.shows(reply, "eyes")
		w.slack.Delete(w.ann.ID, w.dev.ID, root)
		w.status(root, agen.StatusCompleted)
		w.tell(session, agentest.AgentMessage("the answer"))
		w.note(root, "the answer")
		w.status(reply, agen.StatusCompleted)
		w.shows(reply, "white_check_mark")
		time.Sleep(time.Hour)
		if n := len(w.inChannel()); n != 0 {
			t.Errorf("%d posts are in the channel", n)
		}
	})
}

// Slack hides old messages of a workspace without a paid plan. The thread can't be
// read, but posts in it become visible once the workspace has a paid plan.
func TestAThreadWhoseRootIsHiddenGoesOn(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := answering(w)
		hidden := w.slack.Inject(slacktest.Fault{Kind: slacktest.ErrorAnswer, Method: "conversations.replies", Error: "thread_not_found", Count: -1})
		w.tell(session, agentest.AgentMessage("the answer"))
		w.note(root, "the answer")
		w.slack.Inject(slacktest.Fault{Kind: slacktest.LoseAnswer, Method: "chat.postMessage"})
		w.tell(session, agentest.AgentMessage("more of it"))
		w.note(root, "more of it")
		reply := w.reply(w.bob, root, "go on")
		w.shows(reply, "eyes")
		hidden.Remove()
		time.Sleep(time.Hour)
		w.wantReceived(root, reply)
		if got := w.agenWords(root); !slices.Equal(got, []string{"the answer", "more of it"}) || len(w.inChannel()) != 0 {
			t.Errorf("the thread says %q, and the channel %q", got, w.inChannel())
		}
	})
}

func TestAnArchivedChannelGoesOnWhenItIsUnarchived(t *testing.T) {
	withheld := slacktest.Config{Events: slices.DeleteFunc(slacktest.DefaultEvents(), func(e string) bool { return strings.HasSuffix(e, "_archive") })}
	for name, cfg := range map[string]slacktest.Config{"with both events": {}, "without that of archiving": withheld} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, plan{agen: manual(), slack: cfg}, func(t *testing.T, w *town) {
				root, session := working(w)
				w.slack.WaitFor("the card", func() bool { return len(w.slack.Thread(w.dev.ID, root)) == 2 })
				if err := w.slack.Archive(w.ann.ID, w.dev.ID, true); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				w.status(root, agen.StatusCompleted)
				w.tell(session, agentest.AgentMessage("nobody reads this yet"))
				calls := len(w.slack.Requests("chat.postMessage", "reactions.add", "reactions.remove"))
				time.Sleep(10 * time.Hour)
				w.restart()
				w.connected()
				time.Sleep(time.Hour)
				if n := len(w.slack.Requests("chat.postMessage", "reactions.add", "reactions.remove")) - calls; n > 20 {
					t.Errorf("%d calls for an archived channel", n)
				}
				if err := w.slack.Archive(w.ann.ID, w.dev.ID, false); err != nil {
					t.Fatal(err)
				}
				w.note(root, "nobody reads this yet")
				w.shows(root, "white_check_mark")
				reply := w.reply(w.bob, root, "welcome back")
				w.shows(reply, "eyes")
				w.wantReceived(root, reply)
			})
		})
	}
}

func TestABotThatIsRemovedGoesOnWhenItIsBack(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		w.kick()
		w.status(root, agen.StatusCompleted)
		w.tell(session, agentest.AgentMessage("for later"))
		time.Sleep(time.Hour)
		w.shows(root, "eyes")
		if err := w.slack.InviteBot(w.ann.ID, w.dev.ID); err != nil {
			t.Fatal(err)
		}
		w.note(root, "for later")
		w.shows(root, "white_check_mark")
	})
}

// The account of a person whose message waits is deactivated. A note in the thread
// says that the message won't be sent.
func TestAWaitingMessageOfADeactivatedPersonEndsVisibly(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := answering(w)
		down := w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Status: 425, Apply: agentest.ApplyNever, Times: -1})
		waiting := w.reply(w.bob, root, "this waits")
		w.shows(waiting, "electric_plug")
		gone := w.bob
		gone.Deleted = true
		w.slack.AddUser(gone)
		w.restart() // clears what the bridge has cached about people
		w.connected()
		down.Remove()
		next := w.reply(w.ann, root, "and this")
		w.shows(next, "eyes")
		w.tell(session, agentest.AgentMessage("the answer"))
		w.note(root, "the answer")
		time.Sleep(time.Hour)
		w.wantReceived(root, waiting, next)
		if got := w.slack.Reactions(w.dev.ID, waiting); len(got) != 1 {
			t.Errorf("it shows %q\n%s", got, w.picture())
		}
	})
}
