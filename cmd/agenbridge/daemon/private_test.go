package daemon_test

import (
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// Slack shows a private note in a thread only if the thread has a reply already.
func TestPrivateNotesAreSeen(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	guest := w.slack.AddUser(slacktest.User{Name: "gil", IsRestricted: true})
	first := w.slack.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> help")
	w.slack.Say(guest.ID, w.dev.ID, "<@U0AGEN> mine bitcoin")
	w.slack.WaitFor("help", func() bool { return len(w.slack.Ephemerals(w.ann.ID)) == 1 })
	w.slack.WaitFor("the refusal", func() bool { return len(w.slack.Ephemerals(guest.ID)) == 1 })
	w.reply(w.bob, first, "<@U0AGEN> help")
	w.slack.WaitFor("help in the thread", func() bool { return len(w.slack.Ephemerals(w.bob.ID)) == 1 })
	if at := w.slack.Ephemerals(w.ann.ID)[0].ThreadTS + w.slack.Ephemerals(guest.ID)[0].ThreadTS; at != "" {
		t.Errorf("notes below messages without replies stand in the thread %s", at)
	}
	if at := w.slack.Ephemerals(w.bob.ID)[0].ThreadTS; at != first {
		t.Errorf("the note in an active thread stands in %q", at)
	}
}

func TestAPrivateNoteInADirectMessageIsAnOrdinaryPost(t *testing.T) {
	t.Parallel()
	w := newTown(t, plan{})
	dm, err := w.slack.DM(w.ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	ts := w.slack.Say(w.ann.ID, dm, "help")
	w.slack.WaitFor("help", func() bool {
		thread := w.slack.Thread(dm, ts)
		return len(thread) == 2 && strings.Contains(thread[1].Text, "Mention me with a task")
	})
	if n := len(w.slack.Requests("chat.postEphemeral")); n != 0 {
		t.Errorf("%d private messages in a direct message", n)
	}
}
