package daemon_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// working starts a thread whose agent does only what the test makes it do.
func working(w *town) (root, session string) {
	root = w.mention("start")
	w.shows(root, "eyes")
	return root, w.onlySession()
}

// tell adds an event to the session's timeline.
func (w *town) tell(session string, e agen.Event) agen.Event {
	w.t.Helper()
	added, err := w.agen.AddEvent(session, e)
	if err != nil {
		w.t.Fatal(err)
	}
	return added
}

// words waits until the bot has made n posts besides the card, and returns the
// Markdown of each.
func (w *town) words(root string, n int) []string {
	w.t.Helper()
	w.slack.WaitFor(fmt.Sprint(n, " posts"), func() bool { return len(w.said(root)) >= n })
	var words []string
	for _, m := range w.said(root) {
		words = append(words, string(m.Sent))
	}
	if len(words) != n {
		w.t.Fatalf("the bot said %d things, want %d\n%s", len(words), n, w.picture())
	}
	return words
}

func TestWhatTheAgentSaysComesBackOnceAndInOrder(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		w.slack.Inject(slacktest.Fault{Kind: slacktest.LoseAnswer, Method: "chat.postMessage", Skip: 1})
		w.slack.Inject(slacktest.Fault{Kind: slacktest.RateLimited, Method: "chat.postMessage", RetryAfter: 30 * time.Second})
		w.agen.AddFault(agentest.Fault{Call: agentest.CallEvents, Reorder: true, Times: 3})
		for i := range 4 {
			w.tell(session, agentest.AgentMessage(fmt.Sprint("finding ", i)))
			time.Sleep(3 * time.Second)
		}
		words := w.words(root, 4)
		w.restart()
		w.connected()
		time.Sleep(time.Hour)
		if diff := cmp.Diff(words, w.words(root, 4)); diff != "" {
			t.Error("after a restart: ", diff)
		}
		for i, text := range words {
			if !strings.Contains(text, fmt.Sprint("finding ", i)) {
				t.Errorf("post %d says %s", i, text)
			}
		}
	})
}

func TestAnAnswerThatChangesIsChangedInPlace(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		e := w.tell(session, agentest.AgentMessage("I think it is the cache"))
		first := w.words(root, 1)
		err := w.agen.UpdateEvent(session, e.ID, func(e *agen.Event) {
			e.Payload = []byte(`{"message":"It is not the cache"}`)
		})
		if err != nil {
			t.Fatal(err)
		}
		w.slack.WaitFor("the change", func() bool { return strings.Contains(string(w.said(root)[0].Sent), "It is not the cache") })
		if len(w.said(root)) != 1 || len(first) != 1 {
			t.Errorf("it was said again:\n%s", w.picture())
		}
	})
}

func TestALongAnswerIsSplitAndNothingIsLost(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		var long strings.Builder
		long.WriteString("# Log\n\n```text\n")
		for i := range 3000 {
			fmt.Fprintf(&long, "line %06d of the log that the agent quotes\n", i)
		}
		long.WriteString("```\n\nThat is all.")
		w.tell(session, agentest.AgentMessage(long.String()))
		w.slack.WaitFor("the end of it", func() bool {
			said := w.said(root)
			return len(said) > 0 && strings.Contains(string(said[len(said)-1].Sent), "That is all.")
		})
		all := strings.Join(w.words(root, len(w.said(root))), "")
		for i := range 3000 {
			if n := strings.Count(all, fmt.Sprintf("line %06d of", i)); n != 1 {
				t.Fatalf("line %d is shown %d times", i, n)
			}
		}
	})
}

func TestNothingTheAgentSaysNotifiesAnybody(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		w.tell(session, agentest.AgentMessage("<!channel> <@U0ANN> <!subteam^S1|@all> `<!here>` look"))
		w.tell(session, agentest.Event(agen.EventSystemMessage, map[string]any{"message": "<!everyone> maintenance"}))
		for _, text := range w.words(root, 2) {
			for _, bad := range []string{"<!channel", "<@U0ANN", "<!subteam", "<!here", "<!everyone", `\u003c!channel`, `\u003c@U0ANN`, `\u003c!everyone`} {
				if strings.Contains(text, bad) {
					t.Errorf("%s is still in %s", bad, text)
				}
			}
		}
	})
}

func TestAnAnswerWhoseMarkdownBlockIsRefusedIsPlainText(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		w.slack.Inject(slacktest.Fault{Kind: slacktest.ErrorAnswer, Method: "chat.postMessage", Error: "invalid_blocks"})
		w.tell(session, agentest.AgentMessage("It is **the cache**."))
		if words := w.words(root, 1); !strings.Contains(words[0], "It is the cache.") || !strings.Contains(words[0], "plain_text") {
			t.Errorf("got %s", words[0])
		}
	})
}

func TestAPostThatSlackRefusesHoldsNothingUp(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(_ *testing.T, w *town) {
		root, session := working(w)
		w.slack.Inject(slacktest.Fault{Kind: slacktest.ErrorAnswer, Method: "chat.postMessage", Error: "restricted_action"})
		w.tell(session, agentest.AgentMessage("one"))
		time.Sleep(5 * time.Second) // events found by one read become one post
		w.tell(session, agentest.AgentMessage("two"))
		w.note(root, "two")
	})
}

func TestSeveralMessagesThatOneReadFoundAreOnePost(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		time.Sleep(time.Minute)
		w.slack.Inject(slacktest.Fault{Kind: slacktest.LoseAnswer, Method: "chat.postMessage"})
		w.tell(session, agentest.AgentMessage("one"))
		two := w.tell(session, agentest.AgentMessage("two"))
		w.tell(session, agentest.Ask("three?", "yes"))
		w.tell(session, agentest.AgentMessage("four"))
		words := w.words(root, 3)
		if !strings.Contains(words[0], "one\\n\\ntwo") || !strings.Contains(words[1], "three?") || !strings.Contains(words[2], "four") {
			t.Errorf("got %q", words)
		}
		if err := w.agen.UpdateEvent(session, two.ID, func(e *agen.Event) { e.Payload = []byte(`{"message":"TWO"}`) }); err != nil {
			t.Fatal(err)
		}
		w.restart()
		w.slack.WaitFor("the change", func() bool { return strings.Contains(string(w.said(root)[0].Sent), "one\\n\\nTWO") })
		if n := len(w.said(root)); n != 3 {
			t.Errorf("%d posts\n%s", n, w.picture())
		}
	})
}

func TestOtherEventsOfASession(t *testing.T) {
	for name, c := range map[string]struct {
		event agen.Event
		want  string
	}{
		"a message typed in the Agen app": {agentest.UserMessage("also check the logs"), "Written in the Agen app"},
		"merged": {
			agentest.Event(agen.EventMergeRequestMerged, map[string]any{"title": "Fix <login>", "url": "https://git.test/1", "target_branch": "main"}),
			"🔀 Merged: <https://git.test/1|Fix &lt;login&gt;> into `main`.",
		},
		"closed without merging": {agentest.Event(agen.EventMergeRequestClosed, map[string]any{"title": "Fix"}), "Merge request closed without merging: Fix."},
		"an alert":               {agentest.Event(agen.EventAgentAlertCreated, map[string]any{"message": "no credits left"}), "no credits left"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, plan{agen: manual()}, func(_ *testing.T, w *town) {
				root, session := working(w)
				w.tell(session, c.event)
				w.note(root, c.want)
			})
		})
	}
}

func TestUnknownAndEmptyEventsAreSkipped(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		w.tell(session, agentest.Event("agent_dreams", map[string]any{"message": "sheep"}))
		w.tell(session, agentest.Event(agen.EventAgentMessage, map[string]any{"message": ""}))
		w.tell(session, agentest.FileEdit("store/bolt.go"))
		w.tell(session, agentest.AgentMessage("done"))
		w.words(root, 1)
		if !strings.Contains(w.words(root, 1)[0], "done") {
			t.Error(w.picture())
		}
	})
}

func TestASessionThatWasClosed(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		w.tell(session, agentest.Event(agen.EventSessionClosed, nil))
		w.shows(root, "")
		late := w.reply(w.bob, root, "one more thing")
		note := w.note(root, "this session is closed")
		w.shows(late, "")
		w.slack.Click(w.bob.ID, w.dev.ID, note.TS, "restart")
		w.shows(late, "eyes")
		if n := len(w.agen.Sessions()); n != 2 {
			t.Errorf("got %d sessions", n)
		}
	})
}

func TestAnAnswerQueuedBehindItsQuestionGetsANote(t *testing.T) {
	inBubble(t, plan{agen: manual(), env: map[string]string{"AGEN_SESSION_URL": "https://agen.test/s/{id}"}}, func(t *testing.T, w *town) {
		root, session := working(w)
		w.tell(session, agentest.Ask("Which one?", "a", "b"))
		w.note(root, "Which one?")
		time.Sleep(time.Second) // until the bridge knows that the post exists
		if err := w.agen.SetBusy(session, true); err != nil {
			t.Fatal(err)
		}
		answer := w.reply(w.bob, root, "the second")
		w.shows(answer, "hourglass_flowing_sand")
		time.Sleep(time.Minute)
		if n := len(w.said(root)); n != 1 {
			t.Errorf("the note came within a minute:\n%s", w.picture())
		}
		note := w.note(root, "Bob's answer is queued behind the current run")
		if !strings.Contains(note.Text, "https://agen.test/s/"+session) {
			t.Errorf("no link: %q", note.Text)
		}
		w.restart()
		w.connected()
		w.status(answer, agen.StatusProcessing)
		w.note(root, "The agent has the answer now.")
		time.Sleep(time.Hour)
		if n := len(w.said(root)); n != 2 {
			t.Errorf("got %d posts:\n%s", n, w.picture())
		}
	})
}

func TestAQuestionIsAnsweredByAClick(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		w.tell(session, agentest.Ask("Should the old endpoint stay?", "Keep it", "Remove it", "Keep it, mark it deprecated"))
		note := w.note(root, "Should the old endpoint stay?")
		if !strings.Contains(note.Text, "<@"+w.ann.ID+">, the agent asks:") {
			t.Errorf("it does not ask the one who asked: %s", note.Text)
		}
		w.restart()
		w.connected()
		w.slack.Click(w.bob.ID, w.dev.ID, note.TS, "Remove it")
		w.until("the answer is there", func() bool { return len(w.agen.Messages(session)) == 2 })
		id := w.received(session)[1]
		if text := w.message(session, id); !strings.Contains(text, "Remove it") || !strings.Contains(text, "Bob") {
			t.Errorf("the agent read %q", text)
		}
		done := w.note(root, "Bob: *Remove it*")
		if done.TS != note.TS || strings.Contains(string(done.Blocks), `"button"`) {
			t.Errorf("the question is still open:\n%s", w.picture())
		}
		time.Sleep(time.Minute)
		if n := len(w.agen.Messages(session)); n != 2 {
			t.Errorf("the agent got %d messages", n)
		}
		for _, r := range w.slack.Requests("reactions.add", "reactions.remove") {
			if r.Error == "message_not_found" {
				t.Errorf("%s on %s: %s", r.Method, r.Args["timestamp"], r.Error)
			}
		}
	})
}

func TestTheFirstAnswerCounts(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		w.tell(session, agentest.Ask("Which one?", "1st", "2nd", "3rd", "4th", "5th", "6th"))
		note := w.note(root, "Which one?")
		w.slack.Inject(slacktest.Fault{Kind: slacktest.Hang, Method: "chat.update"}) // so that the list stays
		w.slack.Click(w.ann.ID, w.dev.ID, note.TS, "6th")
		w.slack.Click(w.bob.ID, w.dev.ID, note.TS, "1st")
		w.slack.WaitFor("a private note", func() bool { return len(w.slack.Ephemerals(w.bob.ID)) == 1 })
		if text := w.slack.Ephemerals(w.bob.ID)[0].Text; !strings.Contains(text, "already answered: 6th") {
			t.Errorf("bob reads %q", text)
		}
		w.until("the answer is there", func() bool { return len(w.agen.Messages(session)) == 2 })
		w.note(root, "Ann: *6th*")
		if n := len(w.agen.Messages(session)); n != 2 {
			t.Errorf("the agent got %d messages", n)
		}
	})
}

func TestAQuestionIsAnsweredByAReply(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(_ *testing.T, w *town) {
		root, session := working(w)
		w.tell(session, agentest.Ask("What is the flag called, and please say it in a way that even the longest option fits?", strings.Repeat("a very long option ", 5), "b"))
		w.note(root, "1. a very long option")
		answer := w.reply(w.bob, root, "--verbose")
		w.shows(answer, "eyes")
		w.note(root, "Bob answered in the thread")
	})
}

func TestAQuestionIsAnsweredInTheAgenApp(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(_ *testing.T, w *town) {
		root, session := working(w)
		w.tell(session, agentest.Ask("Go on?", "Yes", "No"))
		w.note(root, "Go on?")
		w.tell(session, agentest.AskResponse("Yes"))
		w.note(root, "Answered in the Agen app: *Yes*")
	})
}

func TestTheCardShowsTheStateOfTheWork(t *testing.T) {
	inBubble(t, plan{agen: manual(), env: map[string]string{"AGEN_SESSION_URL": "https://app.agen.test/s/{id}"}}, func(t *testing.T, w *town) {
		first := w.slack.Say(w.bob.ID, w.dev.ID, "build 812 failed")
		root := first
		ask := w.reply(w.ann, root, "<@U0AGEN> please look")
		w.shows(ask, "eyes")
		session := w.onlySession()
		card := func(words string) {
			t.Helper()
			w.slack.WaitFor("the card says "+words, func() bool {
				for _, m := range w.slack.Thread(w.dev.ID, root) {
					if strings.Contains(string(m.Metadata), "card:") && strings.Contains(m.Text, words) {
						return true
					}
				}
				return false
			})
		}
		card("*Working* · asked by <@" + w.ann.ID + "> · <https://app.agen.test/s/" + session + "|View session>")
		card("I sent along 1 earlier message of this thread.")
		w.tell(session, agentest.FileEdit("store/bolt.go"))
		card("Editing `store/bolt.go`")
		signs := func(want ...string) {
			t.Helper()
			w.slack.WaitFor(fmt.Sprint("the signs ", want), func() bool { return slices.Equal(w.slack.Reactions(w.dev.ID, root), want) })
		}
		w.tell(session, agentest.Ask("Go on?", "Yes"))
		card("*Waiting for an answer*")
		signs("raising_hand")
		w.tell(session, agentest.AskResponse("Yes"))
		signs()
		w.tell(session, agentest.Event(agen.EventAgentPushToRemote, map[string]any{"branch": "fix/login"}))
		card("branch `fix/login`")
		w.tell(session, agentest.Finished("done"))
		card("*Finished*")
		w.tell(session, agentest.Event(agen.EventMergeRequestMerged, map[string]any{"title": "Fix", "url": "https://git.test/1"}))
		card("*Merged*")
		signs("twisted_rightwards_arrows")
		cards := 0
		for _, m := range w.slack.Thread(w.dev.ID, root) {
			if strings.Contains(string(m.Metadata), "card:") {
				cards++
			}
		}
		if cards != 1 {
			t.Errorf("there are %d cards:\n%s", cards, w.picture())
		}
	})
}

func TestARunThatGoesWellMakesThreePosts(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root, session := working(w)
		w.tell(session, agentest.FileEdit("login_test.go"))
		w.tell(session, agentest.AgentMessage("Fixed."))
		w.status(root, agen.StatusCompleted)
		w.tell(session, agentest.Finished("fixed"))
		w.tell(session, agentest.Event(agen.EventMergeRequestMerged, map[string]any{"title": "Fix"}))
		w.shows(root, "white_check_mark")
		w.note(root, "Merged: Fix")
		time.Sleep(time.Hour)
		if n := len(w.slack.Requests("chat.postMessage")); n != 3 {
			t.Errorf("the bot posted %d times:\n%s", n, w.picture())
		}
	})
}

func TestAQuietThread(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		w.slack.Say(w.bob.ID, w.dev.ID, "<@U0AGEN> quiet", slacktest.InThread(root))
		w.slack.WaitFor("the answer", func() bool { return len(w.slack.Ephemerals(w.bob.ID)) == 1 })
		aside := w.reply(w.ann, root, "what do you think, Bob?")
		w.slack.WaitFor("it is acknowledged", func() bool { return w.slack.Acked(w.dev.ID, aside) })
		ask := w.reply(w.bob, root, "<@U0AGEN> go on")
		w.shows(ask, "white_check_mark")
		w.shows(aside, "")
		w.wantReceived(root, ask)
		if text := w.message(w.onlySession(), ask); !strings.Contains(text, "what do you think, Bob?") {
			t.Errorf("the messages sent meanwhile are missing: %q", text)
		}
		var card slacktest.Message
		w.slack.WaitFor("the card's button", func() bool {
			card = w.slack.Thread(w.dev.ID, root)[1]
			return strings.Contains(string(card.Blocks), `"action_id":"listen"`)
		})
		w.slack.Click(w.ann.ID, w.dev.ID, card.TS, "listen")
		w.slack.WaitFor("the card", func() bool {
			return strings.Contains(w.slack.Thread(w.dev.ID, root)[1].Text, "Every reply in this thread goes to the agent")
		})
		heard := w.reply(w.ann, root, "and now?")
		w.shows(heard, "white_check_mark")
	})
}

func TestCommands(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		tell := func(root, command, want string) {
			t.Helper()
			before := len(w.slack.Ephemerals(w.bob.ID))
			w.slack.Say(w.bob.ID, w.dev.ID, "<@U0AGEN> "+command, slacktest.InThread(root))
			w.slack.WaitFor("the answer to "+command, func() bool { return len(w.slack.Ephemerals(w.bob.ID)) > before })
			notes := w.slack.Ephemerals(w.bob.ID)
			if got := notes[len(notes)-1].Text; !strings.Contains(got, want) {
				t.Errorf("%s: got %q, want %q", command, got, want)
			}
		}
		other := w.slack.Say(w.ann.ID, w.dev.ID, "lunch?")
		tell(other, "status", "There's no session here yet")
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		tell(root, "Status", "*Working*")
		tell(root, "retry", "There's nothing to resend.")
		w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Status: 422, Apply: agentest.ApplyNever})
		bad := w.reply(w.ann, root, "do it")
		w.shows(bad, "warning")
		tell(root, "retry", "Sending 1 message again.")
		w.shows(bad, "white_check_mark")
		tell(root, "new", "starts a new session")
		next := w.reply(w.ann, root, "something else")
		w.shows(next, "white_check_mark")
		if n := len(w.agen.Sessions()); n != 2 {
			t.Errorf("got %d sessions", n)
		}
	})
}

func TestWhatPeopleSayToEachOtherStaysBetweenThem(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		w.reply(w.ann, root, "!aside lunch?")
		first := w.reply(w.ann, root, "<@"+w.bob.ID+"> what do you think?")
		w.slack.WaitFor("the note", func() bool { return len(w.slack.Ephemerals(w.ann.ID)) == 1 })
		want := "Your message starts with <@" + w.bob.ID + ">, so I kept it between you."
		if got := w.slack.Ephemerals(w.ann.ID)[0].Text; !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		again := w.reply(w.ann, root, "<@"+w.bob.ID+"> and this?")
		w.slack.WaitFor("it is acknowledged", func() bool { return w.slack.Acked(w.dev.ID, again) })
		w.slack.Edit(w.ann.ID, w.dev.ID, first, "<@"+w.bob.ID+"> what do you and <@U0AGEN> think?")
		w.shows(first, "white_check_mark")
		time.Sleep(time.Hour)
		if n := len(w.slack.Ephemerals(w.ann.ID)); n != 1 {
			t.Errorf("Ann was told %d times, want once", n)
		}
		w.wantReceived(root, first)
	})
}

func TestAMessageThatBecomesAnAsideIsNotSent(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Status: 425, Apply: agentest.ApplyNever, Times: 100})
		was := w.reply(w.ann, root, "is he always so slow?")
		w.shows(was, "electric_plug")
		w.slack.Edit(w.ann.ID, w.dev.ID, was, "!aside is he always so slow?")
		w.shows(was, "")
		w.agen.ClearFaults()
		next := w.reply(w.ann, root, "go on")
		w.shows(next, "white_check_mark")
		w.wantReceived(root, next)
		w.slack.Edit(w.ann.ID, w.dev.ID, was, "be quick")
		w.shows(was, "white_check_mark")
		w.wantReceived(root, next, was)
	})
}

func TestOptionsOpenTheSession(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		root := w.mention("[branch=release/2 model=fast] fix the login")
		w.shows(root, "white_check_mark")
		s := w.agen.Sessions()[0]
		if s.BranchName != "release/2" || s.Model != "fast" {
			t.Errorf("the session was opened with %+v", s)
		}
		if text := w.message(s.ID, root); strings.Contains(text, "branch=") || !strings.HasSuffix(text, "fix the login") {
			t.Errorf("the agent reads %q", text)
		}
		later := w.reply(w.ann, root, "<@U0AGEN> [branch=main] too")
		w.shows(later, "white_check_mark")
		if text := w.message(s.ID, later); !strings.Contains(text, "[branch=main] too") {
			t.Errorf("of a later message the agent reads %q", text)
		}
	})
}

func TestAWrongOptionStartsNothingUntilItIsCorrected(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		root := w.mention("[brnach=main] fix it")
		w.note(root, "I haven't started yet: there's no option `brnach`. Did you mean `branch`?")
		meanwhile := w.reply(w.bob, root, "it is the login")
		w.slack.Edit(w.ann.ID, w.dev.ID, root, "<@U0AGEN> [branch=] fix it")
		w.note(root, "I haven't started yet: `branch` has no value")
		if n := len(w.agen.Sessions()); n != 0 {
			t.Fatalf("%d sessions were opened", n)
		}
		w.restart()
		time.Sleep(2 * time.Second) // Slack stamps edits with whole seconds
		w.slack.Edit(w.ann.ID, w.dev.ID, root, "<@U0AGEN> [branch=main] fix it")
		w.shows(root, "white_check_mark")
		w.shows(meanwhile, "white_check_mark")
		w.wantReceived(root, meanwhile)
		w.slack.WaitFor("the note is gone", func() bool {
			return !slices.ContainsFunc(w.said(root), func(m slacktest.Message) bool { return !m.Deleted && strings.Contains(m.Text, "I haven't started yet") })
		})
	})
}

func TestWhatAppsSayInAThreadGoesAlong(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		ci := w.slack.AddUser(slacktest.User{Name: "ci", IsBot: true, BotID: "B0CI", AppID: "A0CI"})
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		red := w.reply(ci, root, "build 7 is red")
		w.slack.WaitFor("it is acknowledged", func() bool { return w.slack.Acked(w.dev.ID, red) })
		w.reply(w.ann, root, "<@"+w.bob.ID+"> lunch?")
		next := w.reply(w.bob, root, "fix that")
		w.shows(next, "white_check_mark")
		text := w.message(w.onlySession(), next)
		if !strings.Contains(text, "build 7 is red") || strings.Contains(text, "lunch") {
			t.Errorf("the agent reads %q", text)
		}
		last := w.reply(w.bob, root, "and the docs")
		w.shows(last, "white_check_mark")
		if text := w.message(w.onlySession(), last); strings.Contains(text, "build 7") {
			t.Errorf("it goes along twice: %q", text)
		}
		w.wantReceived(root, next, last)
		w.shows(red, "")
	})
}

func TestWhatAppsSayWhileAMessageIsOnItsWayGoesAlongWithTheNext(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		ci := w.slack.AddUser(slacktest.User{Name: "ci", IsBot: true, BotID: "B0CI", AppID: "A0CI"})
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Delay: 5 * time.Second})
		slow := w.reply(w.ann, root, "look at the build")
		w.until("it is on its way", func() bool { return w.agen.Count(agentest.CallSend) == 2 })
		w.reply(ci, root, "build 8 is red")
		w.shows(slow, "white_check_mark")
		next := w.reply(w.bob, root, "fix that")
		w.shows(next, "white_check_mark")
		if text := w.message(w.onlySession(), next); !strings.Contains(text, "build 8 is red") {
			t.Errorf("the agent reads %q", text)
		}
	})
}
