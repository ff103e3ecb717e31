package slacktest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// heard is a summary of an event.
type heard struct {
	Type, Subtype, TS, Text, Edited, Previous string
}

// listen receives the next n events of an app and acknowledges them.
func listen(t *testing.T, c *client, n int) []heard {
	t.Helper()
	var out []heard
	for range n {
		f := c.next()
		c.ack(f)
		type msg struct {
			TS, Text, Subtype string
			Edited            struct{ TS string }
		}
		var p struct {
			Event struct {
				msg
				Type      string
				Message   *msg
				Previous  *msg   `json:"previous_message"`
				DeletedTS string `json:"deleted_ts"`
			}
		}
		if err := json.Unmarshal(f.Payload, &p); err != nil {
			t.Fatal(err)
		}
		h := heard{Type: p.Event.Type, Subtype: p.Event.Subtype, TS: p.Event.TS, Text: p.Event.Text, Edited: p.Event.Edited.TS}
		if m := p.Event.Message; m != nil {
			h.TS, h.Text, h.Edited = m.TS, m.Text, m.Edited.TS
			if m.Subtype != "" {
				h.Subtype += " to " + m.Subtype
			}
		}
		if p.Event.Previous != nil {
			h.Previous = p.Event.Previous.Text
		}
		if p.Event.DeletedTS != "" {
			h.TS = p.Event.DeletedTS
		}
		out = append(out, h)
	}
	synctest.Wait()
	if len(c.frames) > 0 {
		t.Errorf("got %d more events than %+v", len(c.frames), out)
	}
	return out
}

func expect(t *testing.T, what string, got []heard, want ...heard) {
	t.Helper()
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("%s: got %+v, want among it %+v", what, got, w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: got %d events %+v, want %d", what, len(got), got, len(want))
	}
}

func TestEventsOfUserActions(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		c := dial(t, st)
		ts := st.Say(ann, dev, "plain")
		expect(t, "plain", listen(t, c, 1), heard{Type: "message", TS: ts, Text: "plain"})

		const mention = "<@U0AGEN> now"
		st.Edit(ann, dev, ts, mention)
		m, _ := st.Message(dev, ts)
		expect(t, "edit that adds a mention", listen(t, c, 2),
			heard{Type: "app_mention", TS: ts, Text: mention, Edited: m.EditedTS},
			heard{Type: "message", Subtype: "message_changed", TS: ts, Text: mention, Edited: m.EditedTS, Previous: "plain"})

		if err := st.Unfurl(dev, ts, "https://example.org"); err != nil {
			t.Fatal(err)
		}
		expect(t, "preview", listen(t, c, 1), heard{
			Type: "message", Subtype: "message_changed", TS: ts, Text: mention, Edited: m.EditedTS, Previous: mention,
		})

		reply := st.Say(ann, dev, "reply", slacktest.InThread(ts), slacktest.Broadcast())
		expect(t, "broadcast", listen(t, c, 1), heard{Type: "message", Subtype: "thread_broadcast", TS: reply, Text: "reply"})

		st.Delete(ann, dev, ts)
		expect(t, "deletion of a root with replies", listen(t, c, 1), heard{
			Type: "message", Subtype: "message_changed to tombstone", TS: ts, Text: "This message was deleted.", Previous: mention,
		})
		st.Delete(ann, dev, reply)
		expect(t, "deletion of a reply", listen(t, c, 1), heard{
			Type: "message", Subtype: "message_deleted", TS: reply, Previous: "reply",
		})
	})
}

func TestMentionBeforeTheInvitation(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, _ string) {
		c := dial(t, st)
		ops := st.AddChannel(slacktest.Channel{Name: "ops", WithoutBot: true})
		ts := st.Say(ann, ops.ID, "<@U0AGEN> help")
		if got := refused(t, st, "chat.postMessage", "channel", ops.ID, "text", "hi"); got != "not_in_channel" {
			t.Errorf("got %s, want not_in_channel", got)
		}
		if err := st.InviteBot(ann, ops.ID); err != nil {
			t.Fatal(err)
		}
		got := listen(t, c, 2)
		expect(t, "invitation", got, heard{Type: "member_joined_channel"}, heard{Type: "app_mention", TS: ts, Text: "<@U0AGEN> help"})
		if err := st.KickBot(ann, ops.ID); err != nil {
			t.Fatal(err)
		}
		expect(t, "removal", listen(t, c, 1), heard{Type: "channel_left"})
		st.Say(ann, ops.ID, "quiet now")
		listen(t, c, 0)
	})
}

func TestBotsAndDirectMessages(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		c := dial(t, st)
		alerts := st.AddUser(slacktest.User{Name: "alerts", IsBot: true, BotID: "B0ALERTS", AppID: "A0ALERTS"})
		st.Say(alerts.ID, dev, "<@U0AGEN> disk full")
		if got := len(listen(t, c, 2)); got != 2 {
			t.Errorf("got %d events of another bot's mention, want 2", got)
		}
		body := call(t, st, "chat.postMessage", "channel", dev, "text", "<@U0AGEN> me")
		ts, _ := body["ts"].(string)
		expect(t, "our own post", listen(t, c, 1), heard{Type: "message", TS: ts, Text: "<@U0AGEN> me"})
		im, err := st.DM(ann)
		if err != nil {
			t.Fatal(err)
		}
		ts = st.Say(ann, im, "<@U0AGEN> in private")
		expect(t, "direct message", listen(t, c, 1), heard{Type: "message", TS: ts, Text: "<@U0AGEN> in private"})
	})
}

const twoButtons = `[{"type":"actions","elements":[
	{"type":"button","action_id":"yes","text":{"type":"plain_text","text":"Keep it"},"value":"v1"},
	{"type":"button","action_id":"no","text":{"type":"plain_text","text":"Remove it"},"value":"v2"}]}]`

func TestClicks(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		c := dial(t, st)
		body := call(t, st, "chat.postMessage", "channel", dev, "text", "Keep it?", "blocks", twoButtons)
		ts, _ := body["ts"].(string)
		listen(t, c, 1)
		for _, action := range []string{"no", "v2", "Remove it"} {
			st.Click(ann, dev, ts, action)
			f := c.next()
			var p struct {
				Type      string
				User      struct{ ID string }
				Container map[string]any
				Actions   []struct {
					ActionID string `json:"action_id"`
					BlockID  string `json:"block_id"`
					Value    string
				}
			}
			if err := json.Unmarshal(f.Payload, &p); err != nil {
				t.Fatal(err)
			}
			if f.Type != "interactive" || p.Type != "block_actions" || p.User.ID != ann || len(p.Actions) != 1 ||
				p.Actions[0].ActionID != "no" || p.Actions[0].BlockID == "" || p.Container["message_ts"] != ts {
				t.Errorf("click %q: got %s %s", action, f.Type, f.Payload)
			}
			c.ack(f)
		}
		if err := st.Server.Click(ann, dev, ts, "maybe"); err == nil {
			t.Error("got no error for a button that is not there")
		}
		if st.Server.Click("U0BOB", dev, "1.000001", "yes") == nil {
			t.Error("got no error for a message that is not there")
		}
	})
}

func TestEphemeralsAndResponses(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		c := dial(t, st)
		call(t, st, "chat.postEphemeral", "channel", dev, "user", ann, "text", "psst", "blocks", twoButtons)
		psst := st.Ephemerals(ann)[0]
		if err := st.Server.Click("U0BOB", dev, psst.TS, "yes"); err == nil {
			t.Error("got no error for a click on somebody else's message")
		}
		st.Click(ann, dev, psst.TS, "yes")
		var p struct {
			ResponseURL string `json:"response_url"`
		}
		if err := json.Unmarshal(c.next().Payload, &p); err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.ResponseURL,
			jsonBody(t, map[string]any{"text": "done", "replace_original": true}))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := st.Client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := st.Ephemerals(ann)[0].Text; got != "done" {
			t.Errorf("got %q in the private note, want done", got)
		}
	})
}

// TestEnvelopeOfASharedChannel checks the fields by which an app tells where an event comes from.
func TestEnvelopeOfASharedChannel(t *testing.T) {
	bubble(t, slacktest.Config{EnterpriseID: "E0ORG"}, func(t *testing.T, st *slacktest.Started, _, _ string) {
		c := dial(t, st)
		eve := st.AddUser(slacktest.User{Name: "eve", TeamID: "T0OTHER", IsStranger: true})
		shared := st.AddChannel(slacktest.Channel{Name: "shared", IsExtShared: true, HostTeamID: "T0OTHER"})
		st.Say(eve.ID, shared.ID, "hello")
		var p struct {
			TeamID      string `json:"team_id"`
			ContextTeam string `json:"context_team_id"`
			Enterprise  string `json:"enterprise_id"`
			App         string `json:"api_app_id"`
			Shared      bool   `json:"is_ext_shared_channel"`
			Event       struct {
				UserTeam string `json:"user_team"`
			}
			Authorizations []struct {
				TeamID string `json:"team_id"`
				UserID string `json:"user_id"`
			}
		}
		f := c.next()
		if err := json.Unmarshal(f.Payload, &p); err != nil {
			t.Fatal(err)
		}
		if p.TeamID != "T0OTHER" || p.ContextTeam != "T0ACME" || p.Enterprise != "E0ORG" || p.App != "A0AGEN" || !p.Shared ||
			p.Event.UserTeam != "T0OTHER" || len(p.Authorizations) != 1 || p.Authorizations[0].TeamID != "T0ACME" {
			t.Errorf("got %s", f.Payload)
		}
		c.ack(f)
		info, _ := call(t, st, "users.info", "user", eve.ID)["user"].(map[string]any)
		channel, _ := call(t, st, "conversations.info", "channel", shared.ID)["channel"].(map[string]any)
		if info["is_stranger"] != true || channel["is_ext_shared"] != true {
			t.Errorf("got user %v, channel %v; want a stranger in a shared channel", info, channel)
		}
		if err := st.ChangeChannelID(shared.ID, "C0NEW"); err != nil {
			t.Fatal(err)
		}
		if got := string(c.next().Payload); !strings.Contains(got, `"new_channel_id":"C0NEW"`) {
			t.Errorf("got %s, want the new id", got)
		}
	})
}
