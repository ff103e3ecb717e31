package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// link returns the permalink of a message.
func (w *town) link(channel, ts string) string {
	w.t.Helper()
	link, err := w.slack.Permalink(channel, ts)
	if err != nil {
		w.t.Fatal(err)
	}
	return link
}

func (w *town) unfurl(ts, link string) {
	w.t.Helper()
	if err := w.slack.Unfurl(w.dev.ID, ts, link); err != nil {
		w.t.Fatal(err)
	}
}

func trace() slacktest.SayOption {
	return slacktest.WithFiles(slacktest.File{Name: "trace.txt", Content: []byte("panic: nil map")})
}

// TestAFileThatOnlyTheSecondEventHasGoesAlong: Slack sends two events for a mention, and the first one lacks the file.
func TestAFileThatOnlyTheSecondEventHasGoesAlong(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	down := w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Status: 425, Apply: agentest.ApplyNever, Times: -1})
	ts := w.slack.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> look", trace(), slacktest.SparseMention())
	w.slack.WaitFor("both events are acknowledged", func() bool { return w.slack.Acked(w.dev.ID, ts) })
	down.Remove()
	w.shows(ts, "white_check_mark")
	session := w.onlySession()
	if diff := cmp.Diff([]string{ts}, w.received(session)); diff != "" {
		t.Error(diff)
	}
	if text := w.message(session, ts); !strings.Contains(text, "panic: nil map") {
		t.Errorf("the agent read %q", text)
	}
}

func TestAFileThatComesAfterTheMessageWasSentFollowsAsACorrection(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	root := w.mention("hello")
	w.shows(root, "white_check_mark") // the backfill at startup, which would find the file, is over
	w.slack.InjectEvent(slacktest.EventFault{Kind: slacktest.Reordered, Type: "message", Delay: time.Minute})
	ts := w.slack.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> look", trace(), slacktest.SparseMention(), slacktest.InThread(root))
	w.shows(ts, "white_check_mark")
	w.slack.Say(w.bob.ID, w.dev.ID, "lunch?") // the event that was held back is delivered after this one
	session := w.onlySession()
	w.until("the file has come", func() bool { return len(w.agen.Messages(session)) == 3 })
	ids := w.received(session)[1:]
	if ids[0] != ts || !strings.HasPrefix(ids[1], ts+":") {
		t.Fatalf("the agent got %q", ids)
	}
	if text := w.message(session, ts); strings.Contains(text, "panic") {
		t.Errorf("the first had the file already: %q", text)
	}
	if text := w.message(session, ids[1]); !strings.Contains(text, "look") || !strings.Contains(text, "panic: nil map") {
		t.Errorf("the correction says %q", text)
	}
	w.shows(ts, "white_check_mark")
}

// TestAMentionWithOnlyAFileIsNotAnsweredWithHelp: an event that lacks the file looks like an empty mention, which asks
// for help.
func TestAMentionWithOnlyAFileIsNotAnsweredWithHelp(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	root := w.mention("hello")
	w.shows(root, "white_check_mark") // the backfill at startup, which would find the file, is over
	w.slack.InjectEvent(slacktest.EventFault{Kind: slacktest.Reordered, Type: "message", Delay: time.Minute})
	ts := w.slack.Say(w.ann.ID, w.dev.ID, "<@U0AGEN>", trace(), slacktest.SparseMention(), slacktest.InThread(root))
	w.slack.WaitFor("help", func() bool { return len(w.slack.Ephemerals(w.ann.ID)) == 1 })
	w.slack.Say(w.bob.ID, w.dev.ID, "lunch?") // the event that was held back is delivered after this one
	w.shows(ts, "white_check_mark")
	if text := w.message(w.onlySession(), ts); !strings.Contains(text, "panic: nil map") {
		t.Errorf("the agent read %q", text)
	}
}

func TestAForwardedMessageGoesAlongWithItsFile(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	ops := w.slack.AddChannel(slacktest.Channel{Name: "ops", WithoutBot: true})
	old := w.slack.Say(w.bob.ID, ops.ID, "Deploy *failed*", trace())
	ts, err := w.slack.Forward(w.ann.ID, ops.ID, old, w.dev.ID, "<@U0AGEN>")
	if err != nil {
		t.Fatal(err)
	}
	w.shows(ts, "white_check_mark")
	text := w.message(w.onlySession(), ts)
	for _, part := range []string{"> **Bob** in #ops", "> Deploy **failed**", "panic: nil map"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in\n%s", part, text)
		}
	}
}

func TestAMessageWaitsForThePreviewOfItsLink(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	old := w.slack.Say(w.bob.ID, w.dev.ID, "the build is red")
	link := w.link(w.dev.ID, old)
	ts := w.slack.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> see <"+link+">") // Slack adds the preview at once
	w.shows(ts, "white_check_mark")
	root := w.slack.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> and here <"+link+">", slacktest.WithoutPreview())
	w.shows(root, "white_check_mark") // sent without the preview, after three seconds
	sessions := w.agen.Sessions()
	if len(sessions) != 2 {
		t.Fatalf("got %d sessions", len(sessions))
	}
	if diff := cmp.Diff([]string{ts}, w.received(sessions[0].ID)); diff != "" {
		t.Error(diff)
	}
	if text := w.message(sessions[0].ID, ts); !strings.Contains(text, "> the build is red") || !strings.Contains(text, link) {
		t.Errorf("the agent read %q", text)
	}
	session := sessions[1].ID
	if text := w.message(session, root); strings.Contains(text, "red") || !strings.Contains(text, link) {
		t.Errorf("the agent read %q", text)
	}
	w.unfurl(root, link)
	next := w.reply(w.bob, root, "any news?")
	w.shows(next, "white_check_mark")
	if diff := cmp.Diff([]string{root, next}, w.received(session)); diff != "" { // the preview did not become a message of its own
		t.Error(diff)
	}
	if text := w.message(session, next); !strings.Contains(text, "> the build is red") || !strings.Contains(text, "any news?") {
		t.Errorf("the next message says %q", text)
	}
	last := w.reply(w.bob, root, "thanks")
	w.shows(last, "white_check_mark")
	if text := w.message(session, last); strings.Contains(text, "red") {
		t.Errorf("the preview comes again: %q", text)
	}
}

func TestThePreviewOfAPrivateMessageStaysPrivate(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	secret := w.slack.AddChannel(slacktest.Channel{Name: "secret", Kind: slacktest.Private})
	old := w.slack.Say(w.bob.ID, secret.ID, "we are buying Acme")
	link := w.link(secret.ID, old)
	ts := w.slack.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> see <"+link+">", slacktest.PreviewAtOnce())
	w.shows(ts, "white_check_mark")
	if text := w.message(w.onlySession(), ts); strings.Contains(text, "buying") || !strings.Contains(text, link) {
		t.Errorf("the agent read %q", text)
	}
	told := func(n int) {
		t.Helper()
		w.slack.WaitFor("its author is told", func() bool {
			return len(w.slack.Ephemerals(w.ann.ID)) == n && strings.Contains(w.slack.Ephemerals(w.ann.ID)[n-1].Text, "private conversation")
		})
	}
	told(1)
	late := w.slack.Say(w.ann.ID, w.dev.ID, "or <"+link+">", slacktest.InThread(ts), slacktest.WithoutPreview())
	w.shows(late, "white_check_mark")
	w.unfurl(late, link)
	next := w.reply(w.bob, ts, "any news?")
	w.shows(next, "white_check_mark")
	told(2) // nobody else was told
	if text := w.message(w.onlySession(), next); strings.Contains(text, "buying") || len(w.slack.Ephemerals(w.bob.ID)) > 0 {
		t.Errorf("the next message says %q", text)
	}
}

// longThread makes a thread of five long messages with a mention at its end.
func longThread(w *town) (root, mention string) {
	long := strings.Repeat("0123456789 ", 300)
	root = w.slack.Say(w.bob.ID, w.dev.ID, "first "+long)
	for _, text := range []string{"second ", "third ", "fourth ", "fifth "} {
		w.reply(w.ann, root, text+long)
	}
	return root, w.reply(w.ann, root, "<@U0AGEN> please look into it")
}

func TestTheBackgroundIsTheRootAndTheNewestThatFit(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{env: map[string]string{"CONTEXT_CHARS": "11000"}})
	root, mention := longThread(w)
	w.shows(mention, "white_check_mark")
	text := w.message(w.onlySession(), mention)
	for part, want := range map[string]bool{"first ": true, "second 0": false, "third ": false, "fourth ": true, "fifth ": true, "2 messages after the first one left out": true} {
		if strings.Contains(text, part) != want {
			t.Errorf("the agent knows %q: %t, want %t", part, !want, want)
		}
	}
	w.note(root, "I sent along 3 earlier messages of this thread. I left out 2")
}

func TestAThreadThatIsTooLongForAgenGoesWithItsRootOnly(t *testing.T) {
	for name, status := range map[string]int{"413": 413, "422": 422} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t, plan{})
			refuse := w.agen.AddFault(agentest.Fail(agentest.CallSend, status))
			root, mention := longThread(w)
			w.shows(mention, "white_check_mark")
			session := w.onlySession()
			if diff := cmp.Diff([]string{mention}, w.received(session)); diff != "" || refuse.Hits() != 1 {
				t.Errorf("%d refusals: %s", refuse.Hits(), diff)
			}
			text := w.message(session, mention)
			if !strings.Contains(text, "first ") || strings.Contains(text, "fifth ") || !strings.Contains(text, "please look into it") || !strings.Contains(text, "4 messages after the first one left out") {
				t.Errorf("the agent read %.300q", text)
			}
			w.note(root, "I sent along 1 earlier message of this thread. I left out 4, because Agen refused them as too long.")
		})
	}
}
