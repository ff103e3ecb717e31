package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// toldInPrivate waits until ann has exactly these private notes.
func (w *town) toldInPrivate(want ...string) {
	w.t.Helper()
	w.slack.WaitFor("a private note", func() bool { return len(w.slack.Ephemerals(w.ann.ID)) >= len(want) })
	notes := w.slack.Ephemerals(w.ann.ID)
	for i, note := range notes {
		if i >= len(want) || note.Text != want[i] {
			w.t.Errorf("ann was told %q, want %q", note.Text, want)
		}
	}
}

// accusesNobody fails if a post in the thread says that a remote can't be reached.
func (w *town) accusesNobody(root string) {
	w.t.Helper()
	for _, m := range w.said(root) {
		if strings.Contains(m.Text, "🔌") {
			w.t.Errorf("the thread says %q", m.Text)
		}
	}
}

func TestAFileThatCantBeReadDoesNotStopItsThread(t *testing.T) {
	for name, c := range map[string]struct {
		file   slacktest.File
		faults []slacktest.Fault
	}{
		"403":                {slacktest.File{Status: 403}, nil},
		"502":                {slacktest.File{Status: 502}, nil},
		"no access":          {slacktest.File{Unreadable: true}, nil},
		"hangs":              {slacktest.File{}, []slacktest.Fault{{Kind: slacktest.Hang, Method: "file", Count: -1}}},
		"HTML":               {slacktest.File{}, []slacktest.Fault{{Kind: slacktest.GarbageAnswer, Method: "file", Count: -1}}},
		"is never processed": {slacktest.File{Unprocessed: 1000}, nil},
		"hangs, and so does the history": {slacktest.File{}, []slacktest.Fault{
			{Kind: slacktest.Hang, Method: "file", Count: -1}, {Kind: slacktest.Hang, Method: "conversations.replies", Count: -1},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, plan{}, func(t *testing.T, w *town) {
				for _, f := range c.faults {
					defer w.slack.Inject(f).Release()
				}
				c.file.Name, c.file.Content = "trace.txt", []byte("panic")
				began := time.Now()
				root := w.slack.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> why?", slacktest.WithFiles(c.file))
				next := w.reply(w.bob, root, "it's urgent")
				w.shows(root, "white_check_mark")
				w.shows(next, "white_check_mark")
				if took := time.Since(began); took > 90*time.Second {
					t.Errorf("the message took %s", took)
				}
				if text := w.message(w.onlySession(), root); !strings.Contains(text, "trace.txt") || !strings.Contains(text, "couldn't be read") {
					t.Errorf("the agent read %q", text)
				}
				w.wantReceived(root, next)
				w.toldInPrivate("The agent got your message without “trace.txt”: Slack wouldn't let me read it.")
				w.accusesNobody(root)
			})
		})
	}
}

func TestAHistoryThatCantBeReadDoesNotStopAThread(t *testing.T) {
	for _, fault := range []slacktest.Fault{
		{Kind: slacktest.ErrorAnswer, Error: "internal_error"},
		{Kind: slacktest.ServerError},
		{Kind: slacktest.Hang},
		{Kind: slacktest.GarbageAnswer},
	} {
		t.Run(string(fault.Kind), func(t *testing.T) {
			inBubble(t, plan{}, func(t *testing.T, w *town) {
				root := w.slack.Say(w.bob.ID, w.dev.ID, "build 812 failed")
				fault.Method, fault.Count = "conversations.replies", -1
				defer w.slack.Inject(fault).Release()
				began := time.Now()
				ask := w.reply(w.ann, root, "<@U0AGEN> please look into it")
				w.shows(ask, "white_check_mark")
				if took := time.Since(began); took > 90*time.Second {
					t.Errorf("the message took %s", took)
				}
				if text := w.message(w.onlySession(), ask); !strings.Contains(text, "could not be read") || strings.Contains(text, "build 812") {
					t.Errorf("the agent read %q", text)
				}
				w.toldInPrivate("I couldn't read the earlier messages, so the agent got yours without them.")
				w.accusesNobody(root)
			})
		})
	}
}

// The text of a message can't be read from Slack, so the message can't be sent. It
// waits, and the note names Slack and not Agen.
func TestADelayCausedBySlackIsNotAttributedToAgen(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		root := w.slack.Say(w.bob.ID, w.dev.ID, "build 812 failed")
		limit := w.slack.Inject(slacktest.Fault{Kind: slacktest.RateLimited, Method: "conversations.replies", RetryAfter: 10 * time.Minute})
		ask := w.reply(w.ann, root, "<@U0AGEN> please look into it")
		w.shows(ask, "electric_plug")
		note := w.note(root, "🔌 Slack isn't letting me read this thread right now. 1 message in this thread is waiting.")
		w.shows(ask, "white_check_mark")
		over := w.note(root, "Slack didn't let me read this thread from")
		if over.TS != note.TS || limit.Hits() != 1 {
			t.Errorf("%d refusals led to\n%s", limit.Hits(), w.picture())
		}
		if text := w.message(w.onlySession(), ask); !strings.Contains(text, "build 812") {
			t.Errorf("the agent read %q", text)
		}
	})
}

func TestAnOutageOfAgenAfterOneOfSlackIsAttributedToAgen(t *testing.T) {
	inBubble(t, plan{}, func(_ *testing.T, w *town) {
		root := w.slack.Say(w.bob.ID, w.dev.ID, "build 812 failed")
		w.slack.Inject(slacktest.Fault{Kind: slacktest.RateLimited, Method: "conversations.replies", RetryAfter: 10 * time.Minute})
		down := w.agen.AddFault(agentest.Fault{Status: 503, Apply: agentest.ApplyNever, Times: -1})
		ask := w.reply(w.ann, root, "<@U0AGEN> please look into it")
		w.note(root, "Slack isn't letting me read this thread")
		w.note(root, "Agen can't be reached right now")
		time.Sleep(10 * time.Minute)
		down.Remove()
		w.shows(ask, "white_check_mark")
		w.note(root, "Agen was unreachable")
	})
}

func TestFilesReachTheAgentAlsoThoseOfTheRoot(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	root := w.slack.Say(w.bob.ID, w.dev.ID, "it crashed", slacktest.WithFiles(
		slacktest.File{Name: "trace.txt", Content: []byte("panic: nil map")},
		slacktest.File{Name: "Outage", Mode: "email", Filetype: "email", Mimetype: "text/html", Extra: map[string]any{"plain_text": "Checkout is down."}},
	))
	ask := w.slack.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> please look", slacktest.InThread(root), slacktest.WithFiles(
		slacktest.File{Name: "other.log", Content: []byte("exit 2"), CheckInfo: true},
		slacktest.File{Name: "new.log", Content: []byte("exit 3"), Unprocessed: 1},
	))
	w.shows(ask, "white_check_mark")
	text := w.message(w.onlySession(), ask)
	for _, part := range []string{"> panic: nil map", "> Checkout is down.", "other.log:\n```\nexit 2\n```", "new.log:\n```\nexit 3\n```"} {
		if !strings.Contains(text, part) {
			t.Errorf("the agent does not know %q:\n%s", part, text)
		}
	}
	w.toldInPrivate()
}

func TestWhoSendsImagesIsToldOncePerThread(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	image := func(name string) slacktest.SayOption {
		return slacktest.WithFiles(slacktest.File{Name: name, Mimetype: "image/png", Content: []byte{1}, Size: 300 << 10})
	}
	root := w.slack.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> see", image("a.png"))
	w.shows(root, "white_check_mark")
	again := w.slack.Say(w.ann.ID, w.dev.ID, "and this", slacktest.InThread(root), image("b.png"))
	w.shows(again, "white_check_mark")
	for ts, name := range map[string]string{root: "a.png", again: "b.png"} {
		text := w.message(w.onlySession(), ts)
		if !strings.Contains(text, "["+name+"](https://") || !strings.Contains(text, "(image/png, 300 KB): you can't open this link") {
			t.Errorf("the agent read %q", text)
		}
	}
	elsewhere := w.slack.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> see", image("c.png"))
	w.shows(elsewhere, "white_check_mark")
	w.toldInPrivate("The agent got your message but can't open this file: “a.png”. Paste what matters as text.",
		"The agent got your message but can't open this file: “c.png”. Paste what matters as text.")
}

// The author is told which parts were not sent, also if the answer to the send was
// lost.
func TestPartsThatWereNotSentAreReportedAlsoAfterALostAnswer(t *testing.T) {
	inBubble(t, plan{}, func(_ *testing.T, w *town) {
		w.agen.AddFault(agentest.LoseAnswer(agentest.CallSend))
		root := w.slack.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> see", slacktest.WithFiles(
			slacktest.File{Name: "a.png", Mimetype: "image/png", Content: []byte{1}},
			slacktest.File{Name: "trace.txt", Content: []byte("x"), Status: 502}))
		w.shows(root, "white_check_mark")
		w.toldInPrivate("The agent got your message but can't open this file: “a.png”. Paste what matters as text.",
			"The agent got your message without “trace.txt”: Slack wouldn't let me read it.")
		w.wantReceived(root)
	})
}

func TestATimelineThatIsGoneIsNotReadForEver(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "eyes")
		w.status(root, agen.StatusCompleted)
		w.shows(root, "white_check_mark")
		if err := w.agen.DeleteSession(w.onlySession()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Hour)
		reads := w.agen.AddFault(agentest.Fault{Call: agentest.CallEvents, Status: 404, Times: -1})
		time.Sleep(24 * time.Hour)
		if n := reads.Hits(); n != 0 {
			t.Errorf("in a day it was read %d times", n)
		}
		reads.Remove()
		w.accusesNobody(root)
		next := w.reply(w.bob, root, "go on")
		note := w.note(root, "this session is closed")
		w.shows(next, "")
		w.slack.Click(w.bob.ID, w.dev.ID, note.TS, "restart")
		w.shows(next, "eyes")
	})
}

// People who wait for a status are told that none will come.
func TestATimelineThatDisappearsDuringARunIsReported(t *testing.T) {
	inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "eyes")
		if err := w.agen.DeleteSession(w.onlySession()); err != nil {
			t.Fatal(err)
		}
		w.note(root, "Agen doesn't show this session anymore, so I stopped watching.")
		w.shows(root, "")
	})
}

// If a gateway answers 404 for half a day, sessions don't end.
func TestATimelineThatComesBackIsReadAgain(t *testing.T) {
	inBubble(t, plan{}, func(_ *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		gone := w.agen.AddFault(agentest.Fault{Status: 404, Apply: agentest.ApplyNever, Times: -1})
		time.Sleep(12 * time.Hour)
		gone.Remove()
		next := w.reply(w.bob, root, "go on")
		w.shows(next, "white_check_mark")
		w.wantReceived(root, next)
	})
}

// TestReactionsConvergeThoughPagesLackThem: a message that the backfill finds
// may already have a reaction that an earlier process added.
func TestReactionsConvergeThoughPagesLackThem(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		w.connected()
		w.stop()
		ts := w.slack.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> why?")
		if err := w.slack.React("U0AGEN", w.dev.ID, ts, "eyes"); err != nil {
			t.Fatal(err)
		}
		defer w.slack.Inject(slacktest.Fault{Kind: slacktest.Hang, Method: "conversations.replies", Count: -1}).Release()
		w.start()
		w.shows(ts, "white_check_mark")
	})
}
