package daemon_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// asks sends a command as Bob in a thread of #dev and wants the answer, which only
// Bob sees, to contain want.
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

// button waits until a post has the button, and clicks it.
func (w *town) button(by slacktest.User, root, words, label, action string) {
	w.t.Helper()
	var post slacktest.Message
	w.slack.WaitFor("the button "+label, func() bool {
		post = w.note(root, words)
		return strings.Contains(string(post.Blocks), label)
	})
	w.slack.Click(by.ID, w.dev.ID, post.TS, action)
}

// stuck makes Agen accept no message until the returned function is called.
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
		note := w.note(root, "I can't stop a running agent from Slack.")
		for _, want := range []string{"https://agen.test/s/", "I passed on your “stop”", "On hold, not sent: ", " Ann, ", " Bob."} {
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
		w.button(w.ann, root, "On hold", "Send them", "send")
		w.shows(one, "white_check_mark")
		w.shows(two, "white_check_mark")
		w.wantReceived(root, stop, after, one, two)
		w.note(root, "Sent by Ann")
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
		w.button(w.bob, root, "On hold, not sent: ", "Drop it", "skip")
		w.note(root, "Dropped by Bob")
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
		w.note(root, "The agent isn't working on anything in this thread.")
		w.shows(root, "")
		w.agen.ClearFaults()
		time.Sleep(time.Hour)
		if n := len(w.agen.Sessions()); n != 0 {
			t.Fatalf("%d sessions were opened", n)
		}
		w.button(w.ann, root, "On hold, not sent: ", "Send it", "send")
		w.shows(root, "white_check_mark")
		if got := w.received(w.onlySession()); !slices.Equal(got, []string{root}) {
			t.Errorf("got %v", got)
		}
		w.asks(w.slack.Say(w.ann.ID, w.dev.ID, "lunch?"), "stop", "no session here yet")
	})
}

func TestListShowsOnesOpenThreads(t *testing.T) {
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

// sessionOf returns the session that has the message.
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
		w.asks(to, "link "+session, "Linked. Earlier messages aren't repeated here.")
		w.note(from, "Continued in another thread")
		w.tell(session, agentest.AgentMessage("Fixed."))
		w.note(to, "Fixed.")
		next := w.reply(w.ann, to, "thanks, and the tests?")
		w.shows(next, "eyes")
		w.wantReceived(from, next)
		if text := w.message(session, next); !strings.Contains(text, "the login is slow") {
			t.Errorf("the background from its new thread is missing: %q", text)
		}
		late := w.reply(w.ann, from, "still there?")
		w.note(from, "this session continues in another thread, so your message")
		w.restart()
		time.Sleep(time.Hour)
		w.shows(late, "")
		if old, fresh := w.said(from), w.said(to); len(old) != 2 || len(fresh) != 1 {
			t.Errorf("something was said twice or in the wrong place:\n%s", w.picture())
		}
		w.asks(to, "link "+session, "already linked to it")
	})
}

func TestOnlyOnesOwnSessionsCanBeLinked(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		theirs := w.mention("fix it")
		w.shows(theirs, "eyes")
		lunch := w.slack.Say(w.ann.ID, w.dev.ID, "lunch?")
		w.asks(lunch, "link "+w.onlySession(), "You can only link your own.")
		w.asks(lunch, "link nothing", "You can only link your own.")
	})
}

func TestWhereItIsAllowedAnySessionCanBeLinked(t *testing.T) {
	inBubble(t, plan{agen: manual(), env: map[string]string{"ALLOW_LINK": "any"}}, func(t *testing.T, w *town) {
		s := w.agen.AddSession("", agen.Session{})
		w.tell(s.ID, agentest.AgentMessage("said before"))
		lunch := w.slack.Say(w.ann.ID, w.dev.ID, "lunch?")
		w.asks(lunch, "link nothing", "I can't find a session with that ID. Copy")
		w.agen.AddFault(agentest.Fault{Call: agentest.CallEvents, Status: 503})
		w.asks(lunch, "link `"+s.ID+"`", "Linked. Earlier messages aren't repeated here.")
		w.tell(s.ID, agentest.AgentMessage("said after"))
		w.note(lunch, "said after")
		w.tell(s.ID, agentest.Event(agen.EventSessionClosed, nil))
		w.note(lunch, "*Closed*")
		if len(w.said(lunch)) != 1 {
			t.Errorf("the background was repeated:\n%s", w.picture())
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
		time.Sleep(time.Minute) // the two events may arrive over different sockets, in either order
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

// private returns the private notes that the person still sees.
func (w *town) private(of slacktest.User) []slacktest.Ephemeral {
	return slices.DeleteFunc(w.slack.Ephemerals(of.ID), func(e slacktest.Ephemeral) bool { return e.Deleted })
}

// clickPrivate waits until the newest private note to the person contains the
// words, and clicks a button of it.
func (w *town) clickPrivate(by slacktest.User, words, action string) {
	w.t.Helper()
	w.slack.WaitFor("the private note "+words, func() bool {
		notes := w.private(by)
		return len(notes) > 0 && strings.Contains(notes[len(notes)-1].Text, words)
	})
	notes := w.private(by)
	w.slack.Click(by.ID, w.dev.ID, notes[len(notes)-1].TS, action)
}

func TestAStopInOtherWordsAndWithoutAMention(t *testing.T) {
	for word, text := range map[string]string{"stop": "Stop, please!", "cancel": "cancel", "halt": "<@U0AGEN> Halt now."} {
		inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
			root, session := working(w)
			stop := w.reply(w.bob, root, text)
			w.note(root, "I passed on your “"+word+"”, but the agent may not read it until its current run ends.")
			w.shows(stop, "eyes")
			if got := w.message(session, stop); !strings.Contains(strings.ToLower(got), word) {
				t.Errorf("the agent reads %q", got)
			}
		})
	}
}

func TestABareStopIsAReplyWhereThereIsNothingToStop(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		w.tell(session, agentest.Ask("Go on?", "go", "stop"))
		w.note(root, "Go on?")
		answer := w.reply(w.bob, root, "stop")
		w.note(root, "Bob answered in the thread")
		w.status(root, agen.StatusCompleted)
		w.status(answer, agen.StatusCompleted)
		w.shows(answer, "white_check_mark")
		w.shows(root, "white_check_mark")
		late := w.reply(w.bob, root, "cancel")
		w.shows(late, "eyes")
		w.wantReceived(root, answer, late)
		for _, m := range w.said(root) {
			if strings.Contains(m.Text, "I passed on") {
				t.Errorf("the thread says %q", m.Text)
			}
		}
	})
}

func TestAMisspelledCommandIsAskedAbout(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		yes := w.reply(w.bob, root, "<@U0AGEN> stpo")
		w.clickPrivate(w.bob, "Did you mean `stop`?", "confirm")
		w.note(root, "I passed on your “stop”")
		w.slack.WaitFor("the question is gone", func() bool { return len(w.private(w.bob)) == 0 })
		w.until("the agent has the word", func() bool { return slices.Contains(w.received(session), yes) })
		if got := w.message(session, yes); !strings.HasSuffix(got, "stpo") {
			t.Errorf("the agent reads %q", got)
		}
		no := w.reply(w.bob, root, "<@U0AGEN> listne")
		w.clickPrivate(w.bob, "Did you mean `listen`?", "as_is")
		w.shows(no, "eyes")
		began := time.Now()
		nothing := w.reply(w.ann, root, "<@U0AGEN> statsu")
		others := w.reply(w.bob, root, "meanwhile")
		w.shows(others, "eyes")
		w.shows(nothing, "eyes")
		if took := time.Since(began); took < time.Minute || took > 80*time.Second {
			t.Errorf("it was held for %s", took)
		}
		w.clickPrivate(w.ann, "Did you mean `status`?", "confirm") // too late
		w.slack.WaitFor("the question is gone", func() bool { return len(w.private(w.ann)) == 0 })
		again := w.reply(w.ann, root, "<@U0AGEN> retyr")
		w.slack.WaitFor("the question", func() bool { return len(w.private(w.ann)) == 1 })
		next := w.reply(w.ann, root, "never mind")
		w.shows(next, "eyes")
		ordinary := w.reply(w.ann, root, "<@U0AGEN> lint")
		w.shows(ordinary, "eyes")
		w.wantReceived(root, yes, no, others, nothing, again, next, ordinary)
	})
}

func TestEmojiAloneGoToTheAgent(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		emoji := func(text, element string) string {
			return w.slack.Say(w.bob.ID, w.dev.ID, text, slacktest.InThread(root),
				slacktest.WithBlocks(json.RawMessage(`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[`+element+`]}]}]`)))
		}
		thumb := emoji(":+1:", `{"type":"emoji","name":"+1","unicode":"1f44d"}`)
		w.shows(thumb, "eyes")
		custom := emoji(":shipit:", `{"type":"emoji","name":"shipit"}`)
		w.shows(custom, "eyes")
		if got := w.message(session, thumb); !strings.HasSuffix(got, "👍") {
			t.Errorf("the agent reads %q", got)
		}
		if got := w.message(session, custom); !strings.HasSuffix(got, ":shipit:") {
			t.Errorf("the agent reads %q", got)
		}
	})
}

func TestDeletingADeliveredMessageGetsANoteAndCanBePassedOn(t *testing.T) {
	inBubble(t, plan{agen: manual(), env: map[string]string{"AGEN_SESSION_URL": "https://agen.test/s/{id}"}}, func(t *testing.T, w *town) {
		root, session := working(w)
		wrong := w.reply(w.bob, root, "delete the database")
		w.shows(wrong, "eyes")
		w.status(wrong, agen.StatusQueued)
		w.shows(wrong, "hourglass_flowing_sand")
		w.slack.Delete(w.bob.ID, w.dev.ID, wrong)
		w.clickPrivate(w.bob, "The agent already has this message, so deleting it here doesn't remove it from Agen.", "ignore")
		w.until("the agent is told", func() bool { return len(w.agen.Messages(session)) == 3 })
		told := w.agen.Messages(session)[2]
		if m, _ := told.UserMessage(); !strings.HasPrefix(m.Message, "Bob deleted their message from ") || !strings.HasSuffix(m.Message, ". Please ignore it.") {
			t.Errorf("the agent reads %q", m.Message)
		}
		w.slack.WaitFor("the outcome", func() bool {
			notes := w.private(w.bob)
			return len(notes) == 1 && notes[0].Text == "I told the agent to ignore it."
		})
	})
}

func TestAnEditOfADeliveredMessageIsAnnouncedAsACorrection(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		typo := w.reply(w.bob, root, "use the old keys")
		w.shows(typo, "eyes")
		w.slack.Edit(w.bob.ID, w.dev.ID, typo, "use the new keys")
		w.slack.WaitFor("the private note", func() bool { return len(w.private(w.bob)) == 1 })
		if got := w.private(w.bob)[0].Text; got != "The agent already has this message. I'll send your new wording as a correction." {
			t.Errorf("bob reads %q", got)
		}
		w.until("the correction", func() bool { return len(w.agen.Messages(session)) == 3 })
	})
}

func TestAfterNewAMessageInFlightKeepsItsReactionAndNothingElseIsShown(t *testing.T) {
	inBubble(t, plan{agen: manual(), env: map[string]string{"AGEN_SESSION_URL": "https://agen.test/s/{id}"}}, func(t *testing.T, w *town) {
		root, old := working(w)
		w.note(root, "*Working*")
		more := w.reply(w.bob, root, "and the docs")
		w.shows(more, "eyes")
		w.tell(old, agentest.Ask("Keep it?", "yes", "no"))
		w.note(root, "Keep it?")
		w.asks(root, "new", "The previous session keeps running in Agen: <https://agen.test/s/"+old+"|View session>.")
		w.note(root, "*Keep it?* Not answered here: this thread moved to a new session. <https://agen.test/s/"+old+"|Answer it in Agen>")
		w.note(root, "*Disconnected*")
		said := len(w.said(root))
		w.restart()
		w.tell(old, agentest.AgentMessage("not to be shown"))
		for ts, status := range map[string]agen.Status{root: agen.StatusCompleted, more: agen.StatusCanceled} {
			w.status(ts, status)
		}
		w.shows(root, "white_check_mark")
		w.shows(more, "black_square_for_stop")
		if n := len(w.said(root)); n != said {
			t.Errorf("the bot said %d things more\n%s", n-said, w.picture())
		}
		next := w.reply(w.bob, root, "something else")
		w.shows(next, "eyes")
		w.note(root, "*Continued in a new session*")
		if w.sessionOf(next) == old {
			t.Error("it went to the old session")
		}
		before := len(w.agen.Timeline(old))
		time.Sleep(time.Hour)
		if n := len(w.agen.Timeline(old)); n != before {
			t.Errorf("the old session got %d events more", n-before)
		}
	})
}
