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

// asks has Bob give a command in a thread of #dev, and wants the answer, which
// only Bob sees, to say something.
func (w *town) asks(root, command, want string) {
	w.t.Helper()
	before := len(w.slack.Ephemerals(w.bob.ID))
	w.slack.Say(w.bob.ID, w.dev.ID, "<@U0AGEN> "+command, slacktest.InThread(root))
	w.slack.WaitFor("the answer to "+command, func() bool { return len(w.slack.Ephemerals(w.bob.ID)) > before })
	notes := w.slack.Ephemerals(w.bob.ID)
	if got := notes[len(notes)-1].Text; !strings.Contains(got, want) {
		w.t.Errorf("%s: got %q, want %q", command, got, want)
	}
}

// button waits until a post has the button and presses it.
func (w *town) button(by slacktest.User, root, words, label, action string) {
	w.t.Helper()
	var post slacktest.Message
	w.slack.WaitFor("the button "+label, func() bool {
		post = w.note(root, words)
		return strings.Contains(string(post.Blocks), label)
	})
	w.slack.Click(by.ID, w.dev.ID, post.TS, action)
}

// stuck has Agen take no message until the returned function is called.
func (w *town) stuck() (over func()) {
	w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Status: 425, Apply: agentest.ApplyNever, Times: 1 << 20})
	return w.agen.ClearFaults
}

func TestStopHoldsWhatWasNotSentAndIsPassedOn(t *testing.T) {
	inBubble(t, plan{env: map[string]string{"AGEN_SESSION_URL": "https://agen.test/s/{id}"}}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		over := w.stuck()
		one, two := w.reply(w.ann, root, "one"), w.reply(w.bob, root, "two")
		w.shows(two, "electric_plug")
		stop := w.slack.Say(w.bob.ID, w.dev.ID, "<@U0AGEN> stop", slacktest.InThread(root))
		note := w.note(root, "I can't stop a running agent from Slack; Agen has no call for that.")
		for _, want := range []string{"https://agen.test/s/", "I passed your “stop” on", "I'm holding 2 messages that were not sent yet"} {
			if !strings.Contains(note.Text, want) {
				t.Errorf("the note does not say %q: %q", want, note.Text)
			}
		}
		w.shows(one, "")
		w.restart()
		over()
		w.shows(stop, "white_check_mark")
		after := w.reply(w.ann, root, "something else")
		w.shows(after, "white_check_mark")
		w.wantReceived(root, stop, after)
		if text := w.message(w.onlySession(), stop); !strings.HasSuffix(text, "stop") {
			t.Errorf("the agent reads %q", text)
		}
		w.button(w.ann, root, "I'm holding", "Send them", "send")
		w.shows(one, "white_check_mark")
		w.shows(two, "white_check_mark")
		w.wantReceived(root, stop, after, one, two)
		w.note(root, "The 2 messages were sent late by <@"+w.ann.ID+">")
	})
}

func TestWhatAStopHoldsCanBeDropped(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		over := w.stuck()
		one := w.reply(w.ann, root, "one")
		w.shows(one, "electric_plug")
		stop := w.slack.Say(w.bob.ID, w.dev.ID, "<@U0AGEN> Stop", slacktest.InThread(root))
		w.button(w.bob, root, "I'm holding 1 message that was not sent yet", "Drop it", "skip")
		w.note(root, "Skipped by <@"+w.bob.ID+">")
		over()
		w.shows(stop, "white_check_mark")
		time.Sleep(time.Hour)
		w.wantReceived(root, stop)
		w.shows(one, "")
	})
}

func TestStopBeforeAnythingWasSent(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		w.agen.AddFault(agentest.Fault{Call: agentest.CallCreate, Status: 503, Apply: agentest.ApplyNever, Times: 1 << 20})
		root := w.mention("start")
		w.shows(root, "electric_plug")
		w.slack.Say(w.bob.ID, w.dev.ID, "<@U0AGEN> stop", slacktest.InThread(root))
		w.note(root, "No agent is at work for this thread.")
		w.shows(root, "")
		w.agen.ClearFaults()
		time.Sleep(time.Hour)
		if n := len(w.agen.Sessions()); n != 0 {
			t.Fatalf("%d sessions were opened", n)
		}
		w.button(w.ann, root, "I'm holding 1 message", "Send it", "send")
		w.shows(root, "white_check_mark")
		if got := w.received(w.onlySession()); !slices.Equal(got, []string{root}) {
			t.Errorf("got %v", got)
		}
		w.asks(w.slack.Say(w.ann.ID, w.dev.ID, "lunch?"), "stop", "no session in this thread")
	})
}

func TestListTellsOnesOpenThreads(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		lunch := w.slack.Say(w.ann.ID, w.dev.ID, "lunch?")
		w.asks(lunch, "list", "You have no open threads")
		mine := w.slack.Say(w.bob.ID, w.dev.ID, "<@U0AGEN> fix it")
		w.shows(mine, "eyes")
		w.tell(w.onlySession(), agentest.Event(agen.EventAgentBranchDiff, map[string]any{"branch": "fix/login"}))
		closed := w.slack.Say(w.bob.ID, w.dev.ID, "<@U0AGEN> and this")
		w.shows(closed, "eyes")
		w.tell(w.sessionOf(closed), agentest.Event(agen.EventSessionClosed, nil))
		w.note(closed, "*Closed*")
		theirs := w.mention("mine")
		w.shows(theirs, "eyes")
		w.asks(lunch, "list", "Your open thread:")
		notes := w.slack.Ephemerals(w.bob.ID)
		text := notes[len(notes)-1].Text
		link := "/archives/" + w.dev.ID + "/p" + strings.ReplaceAll(mine, ".", "")
		if !strings.Contains(text, link) || !strings.Contains(text, "branch `fix/login`") || strings.Count(text, "•") != 1 {
			t.Errorf("got %q, want one thread, at %s", text, link)
		}
	})
}

// sessionOf is the session that has the message.
func (w *town) sessionOf(clientID string) string {
	w.t.Helper()
	for _, s := range w.agen.Sessions() {
		if slices.Contains(w.received(s.ID), clientID) {
			return s.ID
		}
	}
	w.t.Fatalf("no session has %s\n%s", clientID, w.picture())
	return ""
}

func TestLinkMovesASession(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		from := w.slack.Say(w.bob.ID, w.dev.ID, "<@U0AGEN> fix it")
		w.shows(from, "eyes")
		session := w.onlySession()
		w.tell(session, agentest.AgentMessage("It is the cache."))
		w.note(from, "It is the cache.")
		to := w.slack.Say(w.ann.ID, w.dev.ID, "the login is slow")
		w.asks(to, "link "+session, "goes on with that session")
		w.note(from, "This session went on in another thread")
		w.tell(session, agentest.AgentMessage("Fixed."))
		w.note(to, "Fixed.")
		next := w.reply(w.ann, to, "thanks, and the tests?")
		w.shows(next, "eyes")
		w.wantReceived(from, next)
		if text := w.message(session, next); !strings.Contains(text, "the login is slow") {
			t.Errorf("what was said before in its new thread does not go along: %q", text)
		}
		late := w.reply(w.ann, from, "still there?")
		w.note(from, "This session went on in another thread, so your message")
		w.restart()
		time.Sleep(time.Hour)
		w.shows(late, "")
		if old, fresh := w.said(from), w.said(to); len(old) != 2 || len(fresh) != 1 {
			t.Errorf("something was said twice or in the wrong place:\n%s", w.picture())
		}
		w.asks(to, "link "+session, "has that session already")
	})
}

func TestOnlyOnesOwnSessionsCanBeLinked(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		theirs := w.mention("fix it")
		w.shows(theirs, "eyes")
		lunch := w.slack.Say(w.ann.ID, w.dev.ID, "lunch?")
		w.asks(lunch, "link "+w.onlySession(), "Only your own can be linked here")
		w.asks(lunch, "link nothing", "Only your own can be linked here")
	})
}

func TestWhereItIsAllowedAnySessionCanBeLinked(t *testing.T) {
	inBubble(t, plan{agen: manual(), env: map[string]string{"ALLOW_LINK": "any"}}, func(t *testing.T, w *town) {
		s := w.agen.AddSession("", agen.Session{})
		w.tell(s.ID, agentest.AgentMessage("said before"))
		lunch := w.slack.Say(w.ann.ID, w.dev.ID, "lunch?")
		w.asks(lunch, "link nothing", "Agen has no session with this id")
		w.agen.AddFault(agentest.Fault{Call: agentest.CallEvents, Status: 503})
		w.asks(lunch, "link `"+s.ID+"`", "goes on with that session")
		w.tell(s.ID, agentest.AgentMessage("said after"))
		w.note(lunch, "said after")
		w.tell(s.ID, agentest.Event(agen.EventSessionClosed, nil))
		w.note(lunch, "*Closed*")
		if len(w.said(lunch)) != 1 {
			t.Errorf("what was said before was repeated:\n%s", w.picture())
		}
		w.asks(w.mention("other"), "link "+s.ID, "That session is closed")
	})
}

func TestAnInvitationIsGreetedOnce(t *testing.T) {
	inBubble(t, plan{slack: slacktest.Config{RetryDelays: []time.Duration{time.Minute}}}, func(t *testing.T, w *town) {
		ops := w.slack.AddChannel(slacktest.Channel{Name: "ops", WithoutBot: true})
		w.slack.InjectEvent(slacktest.EventFault{Kind: slacktest.DropAcks, Count: 1})
		w.slack.Inject(slacktest.Fault{Kind: slacktest.LoseAnswer, Method: "chat.postMessage"})
		invite := func(channel string) {
			t.Helper()
			if err := w.slack.InviteBot(w.ann.ID, channel); err != nil {
				t.Fatal(err)
			}
		}
		greetings := func() (texts []string) {
			for _, m := range w.slack.Messages(ops.ID) {
				if m.User == "U0AGEN" {
					texts = append(texts, m.Text)
				}
			}
			return texts
		}
		invite(ops.ID)
		w.slack.WaitFor("the greeting", func() bool { return len(greetings()) == 1 })
		if got := greetings()[0]; !strings.Contains(got, "Hi, I'm Agen") || !strings.Contains(got, "up to 50 earlier messages") {
			t.Errorf("got %q", got)
		}
		if err := w.slack.Join(w.bob.ID, ops.ID); err != nil {
			t.Fatal(err)
		}
		w.restart()
		w.connected()
		time.Sleep(time.Hour)
		if n := len(greetings()); n != 1 {
			t.Errorf("greeted %d times", n)
		}
		if err := w.slack.KickBot(w.ann.ID, ops.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute) // two sockets may bring the two events in either order
		invite(ops.ID)
		w.slack.WaitFor("another greeting", func() bool { return len(greetings()) == 2 })
	})
}

func TestNobodyIsGreetedWhereAgenIsSwitchedOff(t *testing.T) {
	inBubble(t, plan{env: map[string]string{"ALLOW_CHANNELS": "C0OTHER"}}, func(t *testing.T, w *town) {
		ops := w.slack.AddChannel(slacktest.Channel{Name: "ops", WithoutBot: true})
		if err := w.slack.InviteBot(w.ann.ID, ops.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if n := len(w.slack.Requests("chat.postMessage")); n != 0 {
			t.Errorf("the bot posted %d times", n)
		}
	})
}

func TestWhoMayNotPressAButtonIsToldInPrivateOnce(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		gus := w.slack.AddUser(slacktest.User{Name: "gus", IsRestricted: true})
		if err := w.slack.Join(gus.ID, w.dev.ID); err != nil {
			t.Fatal(err)
		}
		root, session := working(w)
		w.tell(session, agentest.Ask("Which one?", "a", "b"))
		question := w.note(root, "Which one?")
		for range 2 {
			w.slack.Click(gus.ID, w.dev.ID, question.TS, "a")
			time.Sleep(time.Minute)
		}
		notes := w.slack.Ephemerals(gus.ID)
		if len(notes) != 1 || !strings.Contains(notes[0].Text, "Your click did nothing: guests can't use Agen") {
			t.Errorf("gus reads %+v", notes)
		}
		if n := len(w.agen.Messages(session)); n != 1 {
			t.Errorf("the agent got %d messages", n)
		}
		w.slack.Click(w.bob.ID, w.dev.ID, question.TS, "b")
		w.note(root, "*b*")
	})
}
