package daemon_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

func TestOneMentionIsOneSessionAndOnePrompt(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	root := w.mention("the login test is flaky, please fix it")
	w.shows(root, "white_check_mark")
	session := w.onlySession()
	if diff := cmp.Diff([]string{root}, w.received(session)); diff != "" {
		t.Error(diff)
	}
	events := w.slack.Deliveries("app_mention", "message")
	if len(events) < 2 {
		t.Errorf("Slack delivered %d events, want both for the one mention", len(events))
	}
	if text := w.message(session, root); !strings.Contains(text, "the login test is flaky, please fix it") ||
		!strings.Contains(text, "Ann") || strings.Contains(text, "<@") {
		t.Errorf("the agent read %q", text)
	}
}

func TestRepliesReachABusyAgentInOrder(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{agen: manual()})
	root := w.mention("start")
	w.shows(root, "eyes")
	session := w.onlySession()
	if err := w.agen.SetBusy(session, true); err != nil {
		t.Fatal(err)
	}
	want := []string{root}
	for i := range 6 {
		by := []slacktest.User{w.ann, w.bob}[i%2]
		want = append(want, w.reply(by, root, "and one thing more"))
	}
	for _, ts := range want[1:] {
		w.shows(ts, "hourglass_flowing_sand")
	}
	if diff := cmp.Diff(want, w.received(session)); diff != "" {
		t.Error(diff)
	}
	if text := w.message(session, want[2]); !strings.Contains(text, "Bob") {
		t.Errorf("bob's message does not name him: %q", text)
	}
}

func TestAReactionFollowsTheStatus(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{agen: manual()})
	root := w.mention("start")
	w.shows(root, "eyes")
	for _, c := range []struct {
		status agen.Status
		emoji  string
	}{
		{agen.StatusQueued, "hourglass_flowing_sand"},
		{"pondering", "eyes"},
		{agen.StatusCanceled, "black_square_for_stop"},
	} {
		w.status(root, c.status)
		w.shows(root, c.emoji)
	}
	second := w.reply(w.bob, root, "go on")
	w.shows(second, "eyes")
	w.status(second, agen.StatusCompleted)
	w.shows(second, "white_check_mark")
	w.shows(root, "black_square_for_stop")
}

func TestTwoThreadsAreTwoSessions(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	one, two := w.mention("one"), w.slack.Say(w.bob.ID, w.dev.ID, "<@U0AGEN> two")
	w.shows(one, "white_check_mark")
	w.shows(two, "white_check_mark")
	sessions := w.agen.Sessions()
	if len(sessions) != 2 {
		t.Fatalf("got %d sessions", len(sessions))
	}
	for _, s := range sessions {
		if n := len(w.received(s.ID)); n != 1 {
			t.Errorf("session %s has %d messages", s.ID, n)
		}
	}
}

func TestOnlyThreadsWithTheBotAreRelayed(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	other := w.slack.Say(w.ann.ID, w.dev.ID, "lunch?")
	w.reply(w.bob, other, "yes")
	root := w.mention("start") // by now the bridge has decided about everything before it
	w.shows(root, "white_check_mark")
	w.shows(other, "")
	if n := len(w.received(w.onlySession())); n != 1 {
		t.Errorf("the agent got %d messages", n)
	}
}

func TestWhatWasSaidBeforeGoesAlongAsContext(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	root := w.slack.Say(w.bob.ID, w.dev.ID, "build 812 failed")
	w.reply(w.ann, root, "again?")
	ask := w.reply(w.ann, root, "<@U0AGEN> please look into it")
	w.shows(ask, "white_check_mark")
	text := w.message(w.onlySession(), ask)
	for _, part := range []string{"build 812 failed", "again?", "please look into it"} {
		if !strings.Contains(text, part) {
			t.Errorf("the agent does not know %q:\n%s", part, text)
		}
	}
	w.shows(root, "")
}

func TestAnEditThatFiresTheMentionAgainIsACorrection(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{env: map[string]string{"LOG_FORMAT": "text"}})
	root := w.mention("fix the login tset")
	w.shows(root, "white_check_mark")
	if err := w.slack.Unfurl(w.dev.ID, root, "https://example.com/login"); err != nil {
		t.Fatal(err)
	}
	w.slack.Edit(w.ann.ID, w.dev.ID, root, "<@U0AGEN> fix the login test")
	session := w.onlySession()
	w.until("the correction is there", func() bool { return len(w.agen.Messages(session)) == 2 })
	ids := w.received(session)
	if !strings.HasPrefix(ids[1], root+":") {
		t.Errorf("the correction came as %s", ids[1])
	}
	if text := w.message(session, ids[1]); !strings.Contains(text, "fix the login test") {
		t.Errorf("it says %q", text)
	}
	w.shows(root, "white_check_mark")
}

func TestLostAnswersLeadToExactlyOneMessage(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	w.agen.AddFault(agentest.LoseAnswer(agentest.CallSend))
	root := w.mention("start")
	w.shows(root, "white_check_mark")
	w.agen.AddFault(agentest.LoseAnswer(agentest.CallSend))
	w.agen.AddFault(agentest.Fail(agentest.CallEvents, 503))
	second := w.reply(w.bob, root, "more")
	w.shows(second, "white_check_mark")
	if diff := cmp.Diff([]string{root, second}, w.received(w.onlySession())); diff != "" {
		t.Error(diff)
	}
}

func TestALostPostIsNotSaidTwice(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	w.agen.AddFault(agentest.Fail(agentest.CallCreate, 422))
	w.slack.Inject(slacktest.Fault{Kind: slacktest.LoseAnswer, Method: "chat.postMessage"})
	root := w.mention("start")
	note := w.note(root, "wasn't delivered")
	w.shows(root, "warning")
	w.slack.WaitFor("the button works", func() bool {
		return w.slack.Server.Click(w.bob.ID, w.dev.ID, note.TS, "retry") == nil
	})
	w.shows(root, "white_check_mark")
	if n := w.notes(root); n != 1 {
		t.Errorf("the bot said %d things\n%s", n, w.picture())
	}
	w.note(root, "Bob retried this message. Its reaction shows the status.")
}

func TestAMessageThatIsRefusedForGoodHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	root := w.mention("start")
	w.shows(root, "white_check_mark")
	w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Status: 422, Apply: agentest.ApplyNever, Body: `{"message":"too rude"}`})
	bad, good := w.reply(w.ann, root, "do it!"), w.reply(w.bob, root, "please")
	w.shows(good, "white_check_mark")
	w.shows(bad, "warning")
	note := w.note(root, "too rude")
	if !strings.Contains(note.Text, "<@"+w.ann.ID+">") {
		t.Errorf("the note does not name its author: %s", note.Text)
	}
	w.slack.Click(w.ann.ID, w.dev.ID, note.TS, "retry")
	w.shows(bad, "white_check_mark")
	session := w.onlySession()
	if diff := cmp.Diff([]string{root, good, bad}, w.received(session)); diff != "" {
		t.Error(diff)
	}
	if text := w.message(session, bad); !strings.Contains(strings.ToLower(text), "utc") {
		t.Errorf("a message that comes late does not say when it was written: %q", text)
	}
}

func TestAMessageOfFortyThousandCharactersGoesWhole(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	long := strings.Repeat("0123456789", 3999)
	root := w.mention(long)
	w.shows(root, "white_check_mark")
	if text := w.message(w.onlySession(), root); !strings.Contains(text, long) {
		t.Errorf("of %d characters the agent got %d", len(long), len(text))
	}
}

func TestAnEmptyMentionGetsHelpInPrivate(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	root := w.slack.Say(w.ann.ID, w.dev.ID, "<@U0AGEN>")
	w.slack.WaitFor("help", func() bool { return len(w.slack.Ephemerals(w.ann.ID)) == 1 })
	if len(w.agen.Sessions()) != 0 || w.notes(root) != 0 {
		t.Errorf("more happened:\n%s", w.picture())
	}
	w.slack.Edit(w.ann.ID, w.dev.ID, root, "<@U0AGEN> fix it")
	w.shows(root, "white_check_mark")
}

func TestWhoMayNotUseItIsToldInPrivateOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	guest := w.slack.AddUser(slacktest.User{Name: "gil", IsRestricted: true})
	for range 2 {
		w.slack.Say(guest.ID, w.dev.ID, "<@U0AGEN> mine bitcoin")
	}
	root := w.mention("start")
	w.shows(root, "white_check_mark")
	in := w.reply(guest, root, "me too")
	after := w.reply(w.bob, root, "go on")
	w.shows(after, "white_check_mark")
	w.shows(in, "")
	if diff := cmp.Diff([]string{root, after}, w.received(w.onlySession())); diff != "" {
		t.Error(diff)
	}
	notes := w.slack.Ephemerals(guest.ID)
	w.slack.WaitFor("a private note for each thread", func() bool { notes = w.slack.Ephemerals(guest.ID); return len(notes) >= 3 })
	for _, n := range notes {
		if !strings.Contains(n.Text, "guests can't use Agen") {
			t.Errorf("the note says %q", n.Text)
		}
	}
}

func TestADirectMessageNeedsNoMention(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	dm, err := w.slack.DM(w.ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	ts := w.slack.Say(w.ann.ID, dm, "what changed yesterday?")
	w.slack.WaitFor("an answer", func() bool {
		return slices.Equal(w.slack.Reactions(dm, ts), []string{"white_check_mark"})
	})
	if diff := cmp.Diff([]string{ts}, w.received(w.onlySession())); diff != "" {
		t.Error(diff)
	}
}

func TestNothingABotSaysTriggersIt(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	root := w.mention("start")
	w.shows(root, "white_check_mark")
	bot := w.slack.AddUser(slacktest.User{Name: "ci", IsBot: true})
	said := w.reply(bot, root, "<@U0AGEN> build 813 failed")
	after := w.reply(w.bob, root, "go on")
	w.shows(after, "white_check_mark")
	w.shows(said, "")
	if diff := cmp.Diff([]string{root, after}, w.received(w.onlySession())); diff != "" {
		t.Error(diff)
	}
}

func TestADeletedMessageThatWaitsIsWithdrawn(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	root := w.mention("start")
	w.shows(root, "white_check_mark")
	down := w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Status: 425, Apply: agentest.ApplyNever, Times: -1})
	first := w.reply(w.ann, root, "one")
	w.until("it was tried", func() bool { return down.Hits() > 0 })
	second := w.reply(w.bob, root, "two")
	w.slack.Delete(w.ann.ID, w.dev.ID, first)
	w.slack.WaitFor("the deletion is acknowledged", func() bool { return len(w.slack.Deliveries("message")) > 0 && w.slack.Acked(w.dev.ID, second) })
	down.Remove()
	w.shows(second, "white_check_mark")
	if diff := cmp.Diff([]string{root, second}, w.received(w.onlySession())); diff != "" {
		t.Error(diff)
	}
}
