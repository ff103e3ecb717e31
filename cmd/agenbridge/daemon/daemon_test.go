package daemon

import (
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

func TestMentionReachesTheAgentAndStopsInOrder(t *testing.T) {
	w := newWorld(t)
	ann := w.slack.AddUser(slacktest.User{Name: "ann", RealName: "Ann Lee"})
	dev := w.slack.AddChannel(slacktest.Channel{Name: "dev"})
	w.start()
	w.eventually("ready", func() bool { return w.readiness().Ready })
	ts := w.slack.Say(ann.ID, dev.ID, "<@U0AGEN> fix the login test")
	w.eventually("a reaction", func() bool {
		m, ok := w.slack.Message(dev.ID, ts)
		return ok && len(m.Reactions) > 0
	})
	sessions := w.agen.Sessions()
	if len(sessions) != 1 {
		t.Fatalf("got %d sessions, want 1", len(sessions))
	}
	if got := w.agen.Messages(sessions[0].ID); len(got) != 1 || got[0].ClientID != ts {
		t.Errorf("got %v, want one message with client_id %s", got, ts)
	}
	if err := w.stop(); err != nil {
		t.Errorf("Run returned %v", err)
	}
	if got := w.log.Lines(`"msg":"audit"`); len(got) == 0 {
		t.Error("no audit lines")
	}
	if strings.Contains(w.log.String(), "login test") {
		t.Error("message text is in the log")
	}
}
