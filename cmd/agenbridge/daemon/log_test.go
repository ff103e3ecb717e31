package daemon

import (
	"encoding/json"
	"testing"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// audited returns the fields of the audit lines about an event.
func (w *world) audited(event string) []map[string]any {
	w.t.Helper()
	var all []map[string]any
	for _, line := range w.log.Lines(`"event":"` + event + `"`) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			w.t.Fatalf("a line of the log is no JSON: %v\n%s", err, line)
		}
		all = append(all, fields)
	}
	return all
}

func TestAuditLinesHaveFields(t *testing.T) {
	w := newWorld(t)
	ann := w.slack.AddUser(slacktest.User{Name: "ann", RealName: "Ann Lee"})
	dev := w.slack.AddChannel(slacktest.Channel{Name: "dev"})
	w.start()
	w.eventually("ready", func() bool { return w.readiness().Ready })
	ts := w.slack.Say(ann.ID, dev.ID, "<@U0AGEN> fix the login test")
	w.eventually("the end of the run", func() bool { return len(w.audited("status_changed")) > 0 && len(w.audited("post_updated")) > 0 })
	session := w.agen.Sessions()[0].ID
	sent := w.agen.Messages(session)[0]
	for event, want := range map[string]map[string]any{
		"message_accepted": {"delivery": ts, "user": ann.ID, "channel": dev.ID, "level": "INFO"},
		"session_opened":   {"delivery": ts, "session": session, "channel": dev.ID},
		"message_sent":     {"delivery": ts, "session": session, "agen_event": sent.ID},
		"post_updated":     {"channel": dev.ID, "level": "DEBUG"}, // the card
	} {
		lines := w.audited(event)
		if len(lines) == 0 {
			t.Errorf("no audit line about %s", event)
			continue
		}
		for field, value := range want {
			if lines[0][field] != value {
				t.Errorf("%s: %s is %v, want %v", event, field, lines[0][field], value)
			}
		}
	}
	if status := w.audited("status_changed")[0]["status"]; status == nil {
		t.Error("status_changed does not say to what")
	}
	if delay, ok := w.audited("message_sent")[0]["delay_seconds"].(float64); !ok || delay <= 0 || delay > 20 {
		t.Errorf("message_sent has the delay %v, want a few seconds at most", delay)
	}
	if got := w.log.Lines(`"detail":`); len(got) != 0 {
		t.Errorf("a line has a detail instead of a field: %s", got[0])
	}
}
