package slackapp

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/bridge"
)

var testSelf = botIdentity{Team: "T1", User: "UBOT", Bot: "BBOT", Name: "agen"}

func testReader(g Gate) eventParser {
	return eventParser{identity: testSelf, gate: newGate(g)}
}

// wrap returns the payload of an events_api envelope of workspace T1 with an event. more replaces or adds fields of the
// payload.
func wrap(inner string, more ...string) []byte {
	outer := `"type":"event_callback","team_id":"T1","api_app_id":"AOURS","event":` + inner
	return []byte("{" + strings.Join(append([]string{outer}, more...), ",") + "}")
}

const (
	said    = `"type":"message","channel":"C1","channel_type":"channel","user":"U1","ts":"100.000001"`
	dm      = `"type":"message","channel":"D1","channel_type":"im","user":"U1","ts":"100.000001"`
	mention = `"type":"app_mention","channel":"C1","user":"U1","ts":"100.000001"`
)

func TestParseEvent(t *testing.T) {
	everybody := Gate{AllowDMs: true}
	tests := []struct {
		name  string
		gate  *Gate
		event string
		more  []string
		// want is what came of it: "<kind> <thread> <ts>" with what is set besides, "forget <thread> <ts>", or
		// "ignored: <reason>".
		want string
	}{
		{name: "mention by app_mention", event: `{` + mention + `,"text":"<@UBOT> fix"}`, want: "mention T1/C1/100.000001 100.000001"},
		{name: "mention in a message event", event: `{` + said + `,"text":"<@UBOT> fix"}`, want: "mention T1/C1/100.000001 100.000001"},
		{name: "mention with a label", event: `{` + said + `,"text":"hey <@UBOT|agen> fix"}`, want: "mention T1/C1/100.000001 100.000001"},
		{name: "mention in blocks only", event: `{` + said + `,"text":"fix","blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"user","user_id":"UBOT"}]}]}]}`, want: "mention T1/C1/100.000001 100.000001"},
		{name: "mention in a list", event: `{` + said + `,"text":"fix","blocks":[{"type":"rich_text","elements":[{"type":"rich_text_list","elements":[{"type":"rich_text_section","elements":[{"type":"user","user_id":"UBOT"}]}]}]}]}`, want: "mention T1/C1/100.000001 100.000001"},
		{name: "our id as plain text is no mention", event: `{` + said + `,"text":"see UBOT","blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"UBOT"}]}]}]}`, want: "ignored: not_our_thread"},
		{name: "another user, whose id begins with ours", event: `{` + said + `,"text":"so <@UBOT2> fix"}`, want: "ignored: not_our_thread"},
		{name: "app_mention with words that hide it", event: `{` + mention + `,"text":"fix it"}`, want: "mention T1/C1/100.000001 100.000001"},
		{name: "mention in a thread", event: `{` + said + `,"thread_ts":"90.000001","text":"<@UBOT> go"}`, want: "mention T1/C1/90.000001 100.000001"},
		{name: "reply", event: `{` + said + `,"thread_ts":"90.000001","text":"and this"}`, want: "reply T1/C1/90.000001 100.000001"},
		{name: "reply sent to the channel too", event: `{` + said + `,"subtype":"thread_broadcast","thread_ts":"90.000001","text":"and"}`, want: "reply T1/C1/90.000001 100.000001"},
		{name: "message to nobody in particular", event: `{` + said + `,"text":"lunch?"}`, want: "ignored: not_our_thread"},
		{name: "with a file", event: `{` + said + `,"subtype":"file_share","text":"<@UBOT>","files":[{"id":"F1"}]}`, want: "mention T1/C1/100.000001 100.000001"},
		{name: "/me", event: `{` + said + `,"thread_ts":"90.000001","subtype":"me_message","text":"waves"}`, want: "reply T1/C1/90.000001 100.000001"},
		{name: "edited", event: `{` + mention + `,"text":"<@UBOT> fix","edited":{"user":"U1","ts":"101.000000"}}`, want: "mention T1/C1/100.000001 100.000001 edited=101.000000"},

		{name: "direct", event: `{` + dm + `,"text":"fix"}`, want: "direct T1/D1/100.000001 100.000001"},
		{name: "direct with a mention", event: `{` + dm + `,"text":"<@UBOT> fix"}`, want: "direct T1/D1/100.000001 100.000001"},
		{name: "direct in a thread", event: `{` + dm + `,"thread_ts":"90.000001","text":"fix"}`, want: "direct T1/D1/90.000001 100.000001"},
		{name: "direct when they are off", gate: &Gate{}, event: `{` + dm + `,"text":"fix"}`, want: "direct T1/D1/100.000001 100.000001 refused=direct"},

		{name: "empty mention", event: `{` + said + `,"text":" <@UBOT>: "}`, want: "mention T1/C1/100.000001 100.000001 command=help"},
		{name: "help", event: `{` + said + `,"text":"<@UBOT> Help"}`, want: "mention T1/C1/100.000001 100.000001 command=help"},
		{name: "help in a direct message", event: `{` + dm + `,"text":"help"}`, want: "direct T1/D1/100.000001 100.000001 command=help"},
		{name: "a task that begins with help", event: `{` + said + `,"text":"<@UBOT> help me"}`, want: "mention T1/C1/100.000001 100.000001"},
		{name: "help in a reply without a mention", event: `{` + said + `,"thread_ts":"90.000001","text":"help"}`, want: "reply T1/C1/90.000001 100.000001"},
		{name: "a forwarded message alone", event: `{` + said + `,"text":"<@UBOT>","attachments":[{"is_share":true,"text":"x"}]}`, want: "mention T1/C1/100.000001 100.000001"},

		{name: "aside", event: `{` + said + `,"thread_ts":"90.000001","text":"!aside lunch?"}`, want: "reply T1/C1/90.000001 100.000001 aside=!aside"},
		{name: "aside that mentions", event: `{` + said + `,"text":"!aside <@UBOT> is slow"}`, want: "ignored: aside"},
		{name: "to another person", event: `{` + said + `,"thread_ts":"90.000001","text":"<@U2|bob> what do you think"}`, want: "reply T1/C1/90.000001 100.000001 aside=<@U2>"},
		{name: "to a group", event: `{` + said + `,"thread_ts":"90.000001","text":"<!subteam^S1|@ops> look"}`, want: "reply T1/C1/90.000001 100.000001 aside=<!subteam^S1>"},
		{name: "to a malformed mention", event: `{` + said + `,"thread_ts":"90.000001","text":"<@ a b c"}`, want: "reply T1/C1/90.000001 100.000001 aside=!aside"},
		{name: "to another person and to the bot", event: `{` + said + `,"text":"<@U2> ask <@UBOT>"}`, want: "mention T1/C1/100.000001 100.000001"},
		{name: "a word that begins with the aside mark", event: `{` + said + `,"thread_ts":"90.000001","text":"!asides"}`, want: "reply T1/C1/90.000001 100.000001"},

		{name: "a command", event: `{"type":"app_mention","channel":"C1","user":"U1","ts":"100.000001","thread_ts":"90.000001","text":"<@UBOT> Quiet"}`, want: "mention T1/C1/90.000001 100.000001 command=quiet"},
		{name: "more than a command", event: `{"type":"app_mention","channel":"C1","user":"U1","ts":"100.000001","thread_ts":"90.000001","text":"<@UBOT> new tests please"}`, want: "mention T1/C1/90.000001 100.000001"},
		{name: "edit with other words", event: `{"type":"message","subtype":"message_changed","channel":"C1","ts":"200.000001","message":{"user":"U1","ts":"100.000001","text":"<@UBOT> newer","edited":{"ts":"150.000000"}},"previous_message":{"user":"U1","ts":"100.000001","text":"<@UBOT> old"}}`, want: "mention T1/C1/100.000001 100.000001 edited=150.000000"},
		{name: "second edit in the same second", event: `{"type":"message","subtype":"message_changed","channel":"C1","message":{"user":"U1","ts":"100.000001","text":"b","edited":{"ts":"150.000000"}},"previous_message":{"user":"U1","ts":"100.000001","text":"a","edited":{"ts":"150.000000"}}}`, want: "reply T1/C1/100.000001 100.000001 edited=150.000000"},
		{name: "link preview", event: `{"type":"message","subtype":"message_changed","channel":"C1","message":{"user":"U1","ts":"100.000001","text":"a"},"previous_message":{"user":"U1","ts":"100.000001","text":"a"}}`, want: "ignored: unchanged"},
		{name: "link preview of an edited one", event: `{"type":"message","subtype":"message_changed","channel":"C1","message":{"user":"U1","ts":"100.000001","text":"a","edited":{"ts":"150.000000"},"attachments":[{}]},"previous_message":{"user":"U1","ts":"100.000001","text":"a","edited":{"ts":"150.000000"}}}`, want: "ignored: unchanged"},
		{name: "edit by a bot", event: `{"type":"message","subtype":"message_changed","channel":"C1","message":{"user":"U1","bot_id":"B2","ts":"100.000001","text":"b","edited":{"ts":"150.000000"}}}`, want: "ignored: bot"},
		{name: "edit of something else", event: `{"type":"message","subtype":"message_changed","channel":"C1","message":{"subtype":"channel_topic","user":"U1","ts":"100.000001","text":"b","edited":{"ts":"150.000000"}}}`, want: "ignored: subtype"},
		{name: "edit by who is not on the list", gate: &Gate{AllowUsers: []string{"U9"}}, event: `{"type":"message","subtype":"message_changed","channel":"C1","message":{"user":"U1","ts":"100.000001","text":"b","edited":{"ts":"150.000000"}}}`, want: "reply T1/C1/100.000001 100.000001 edited=150.000000 refused=person"},

		{name: "deleted reply", event: `{"type":"message","subtype":"message_deleted","channel":"C1","deleted_ts":"100.000001","previous_message":{"user":"U1","ts":"100.000001","thread_ts":"90.000001"}}`, want: "forget T1/C1/90.000001 100.000001"},
		{name: "deleted root", event: `{"type":"message","subtype":"message_deleted","channel":"C1","deleted_ts":"100.000001","previous_message":{"user":"U1","ts":"100.000001"}}`, want: "forget T1/C1/100.000001 100.000001"},
		{name: "deleted root with replies", event: `{"type":"message","subtype":"message_changed","channel":"C1","message":{"subtype":"tombstone","user":"USLACKBOT","ts":"100.000001","thread_ts":"100.000001"},"previous_message":{"user":"U1","ts":"100.000001"}}`, want: "forget T1/C1/100.000001 100.000001"},
		{name: "deleted without a trace", event: `{"type":"message","subtype":"message_deleted","channel":"C1","deleted_ts":"100.000001"}`, want: "forget T1/C1/100.000001 100.000001"},
		{name: "our own post deleted", event: `{"type":"message","subtype":"message_deleted","channel":"C1","deleted_ts":"100.000001","previous_message":{"user":"UBOT","bot_id":"BBOT","ts":"100.000001"}}`, want: "ignored: bot"},

		{name: "a bot", event: `{` + said + `,"bot_id":"B2","text":"<@UBOT> fix"}`, want: "ignored: bot"},
		{name: "a bot's old kind", event: `{"type":"message","subtype":"bot_message","channel":"C1","ts":"100.000001","text":"<@UBOT>"}`, want: "ignored: subtype"},
		{name: "ourselves", event: `{"type":"message","channel":"C1","user":"UBOT","ts":"100.000001","text":"<@UBOT>"}`, want: "ignored: bot"},
		{name: "our app for a person", event: `{` + said + `,"app_id":"AOURS","text":"<@UBOT> fix"}`, want: "ignored: bot"},
		{name: "slackbot", event: `{"type":"message","channel":"C1","user":"USLACKBOT","ts":"100.000001","text":"<@UBOT>"}`, want: "ignored: bot"},
		{name: "join", event: `{` + said + `,"subtype":"channel_join","text":"<@U1> has joined"}`, want: "ignored: subtype"},
		{name: "message_replied without its subtype", event: `{"type":"message","channel":"C1","ts":"100.000001","user":"U1","message":{"ts":"90.000001"}}`, want: "ignored: subtype"},
		{name: "another kind of event", event: `{"type":"reaction_added","user":"U1"}`, want: "ignored: other_event"},

		{name: "a channel that is not allowed", gate: &Gate{AllowChannels: []string{"C2"}}, event: `{` + said + `,"text":"<@UBOT> fix"}`, want: "mention T1/C1/100.000001 100.000001 refused=channel"},
		{name: "direct messages are no channels", gate: &Gate{AllowDMs: true, AllowChannels: []string{"C2"}}, event: `{` + dm + `,"text":"fix"}`, want: "direct T1/D1/100.000001 100.000001"},
		{name: "a person who is not on the list", gate: &Gate{AllowUsers: []string{"U2"}}, event: `{` + said + `,"text":"<@UBOT> fix"}`, want: "mention T1/C1/100.000001 100.000001 refused=person"},
		{name: "a person who is on the list", gate: &Gate{AllowUsers: []string{"U1"}}, event: `{` + said + `,"text":"<@UBOT> fix"}`, want: "mention T1/C1/100.000001 100.000001"},
		{name: "a list with groups decides later", gate: &Gate{AllowUsers: []string{"U2", "S1"}}, event: `{` + said + `,"text":"<@UBOT> fix"}`, want: "mention T1/C1/100.000001 100.000001"},
		{name: "a shared channel", event: `{` + said + `,"text":"<@UBOT> fix"}`, more: []string{`"is_ext_shared_channel":true`}, want: "mention T1/C1/100.000001 100.000001 refused=shared_channel"},
		{name: "a shared channel that is allowed", gate: &Gate{AllowSharedChannels: []string{"C1"}}, event: `{` + said + `,"text":"<@UBOT> fix"}`, more: []string{`"is_ext_shared_channel":true`}, want: "mention T1/C1/100.000001 100.000001"},

		{name: "without text", event: `{` + said + `,"thread_ts":"90.000001","text":7}`, want: "reply T1/C1/90.000001 100.000001"},
		{name: "blocks of no shape", event: `{` + said + `,"text":"<@UBOT> x","blocks":{"a":[1]}}`, want: "mention T1/C1/100.000001 100.000001"},
		{name: "files of no shape", event: `{` + said + `,"text":"<@UBOT> x","files":[7,{"id":"F1","size":"big"}]}`, want: "mention T1/C1/100.000001 100.000001"},
		{name: "no ts", event: `{"type":"message","channel":"C1","user":"U1","text":"x"}`, want: "ignored: malformed"},
		{name: "a ts with a slash", event: `{"type":"message","channel":"C1","user":"U1","ts":"1/0.000001"}`, want: "ignored: malformed"},
		{name: "a channel with a slash", event: `{"type":"message","channel":"C1/2","user":"U1","ts":"100.000001"}`, want: "ignored: malformed"},
		{name: "no user", event: `{"type":"message","channel":"C1","ts":"100.000001","text":"x"}`, want: "ignored: malformed"},
		{name: "not an event", event: `[]`, want: "ignored: malformed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := everybody
			if tt.gate != nil {
				g = *tt.gate
			}
			if got := describe(testReader(g).parseEvent(wrap(tt.event, tt.more...))); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func describe(h parsedEvent) string {
	switch {
	case h.ignored != "":
		return "ignored: " + h.ignored
	case h.deletion != nil:
		return fmt.Sprintf("forget %s %s", h.deletion.Thread, h.deletion.TS)
	}
	m := h.message
	out := fmt.Sprintf("%s %s %s", m.Kind, m.Thread, m.TS)
	for _, part := range []struct{ name, value string }{
		{"edited", m.Edited}, {"aside", m.Aside}, {"command", m.Command}, {"refused", string(m.Refused)},
	} {
		if part.value != "" {
			out += " " + part.name + "=" + part.value
		}
	}
	return out
}

func TestEventsForOtherAppsAreIgnored(t *testing.T) {
	known := botIdentity{Team: "T1", User: "UBOT", Bot: "BBOT", App: "AOURS"}
	unknown := botIdentity{Team: "T1", User: "UBOT", Bot: "BBOT"}
	for _, tt := range []struct {
		name, app string
		self      botIdentity
		want      bool
	}{
		{"ours", "AOURS", known, true},
		{"another", "AOTHER", known, false},
		{"not named", "", known, true},
		{"ours not known", "AOTHER", unknown, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := eventParser{identity: tt.self, gate: newGate(Gate{})}
			e := p.parseEvent([]byte(`{"team_id":"T1","api_app_id":"` + tt.app + `","event":{` + said + `,"text":"<@UBOT> x"}}`))
			if got := e.ignored != IgnoredOtherApp; got != tt.want {
				t.Errorf("event taken = %v (%s), want %v", got, describe(e), tt.want)
			}
			click := `{"type":"block_actions","api_app_id":"` + tt.app + `","team":{"id":"T1"},"user":{"id":"U1"},"channel":{"id":"C1"},` +
				`"message":{"ts":"100.000001","bot_id":"BBOT"},"actions":[{"action_id":"retry","value":"note","action_ts":"200.000001"}]}`
			if _, reason := p.parseClick([]byte(click)); (reason != IgnoredOtherApp) != tt.want {
				t.Errorf("click: %q, want taken = %v", reason, tt.want)
			}
		})
	}
}

func TestEventsForOtherWorkspacesAreIgnored(t *testing.T) {
	inner := `{` + said + `,"text":"<@UBOT> x"}`
	ours := botIdentity{Team: "T1", User: "UBOT", Bot: "BBOT"}
	org := botIdentity{Team: "T1", Enterprise: "E1", User: "UBOT", Bot: "BBOT"}
	tests := []struct {
		name, payload string
		self          botIdentity
		want          bool
	}{
		{"ours", `{"team_id":"T1","event":` + inner + `}`, ours, true},
		{"another", `{"team_id":"T2","event":` + inner + `}`, ours, false},
		{"none", `{"event":` + inner + `}`, ours, false},
		{"hosted by another organization", `{"team_id":"T2","context_team_id":"T1","event":` + inner + `}`, ours, true},
		{"meant for our installation", `{"team_id":"T2","authorizations":[{"team_id":"T1"}],"event":` + inner + `}`, ours, true},
		{"another's Enterprise", `{"team_id":"T2","enterprise_id":"E1","event":` + inner + `}`, ours, false},
		{"sister workspace", `{"team_id":"T2","enterprise_id":"E1","event":` + inner + `}`, org, true},
		{"sister by context", `{"team_id":"T3","context_enterprise_id":"E1","event":` + inner + `}`, org, true},
		{"other Enterprise", `{"team_id":"T2","enterprise_id":"E2","event":` + inner + `}`, org, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := eventParser{identity: tt.self, gate: newGate(Gate{})}.parseEvent([]byte(tt.payload))
			if got := h.ignored != IgnoredWorkspace; got != tt.want {
				t.Errorf("taken = %v (%s), want %v", got, describe(h), tt.want)
			}
			if h.message != nil && h.message.Thread != "T1/C1/100.000001" {
				t.Errorf("thread %q: the same message must have one key, whatever team the event names", h.message.Thread)
			}
		})
	}
}

func TestDigestDependsOnTextAndFiles(t *testing.T) {
	digest := func(rest string) uint64 {
		h := testReader(Gate{}).parseEvent(wrap(`{` + said + `,"thread_ts":"90.000001"` + rest + `}`))
		if h.message == nil {
			t.Fatal(describe(h))
		}
		return h.message.Digest
	}
	base := digest(`,"text":"a","files":[{"id":"F1"}]`)
	if got := digest(`,"text":"a","files":[{"id":"F1","name":"x"}],"attachments":[{"from_url":"https://x"}],"blocks":[]`); got != base {
		t.Error("a preview changed the digest")
	}
	for _, other := range []string{`,"text":"b","files":[{"id":"F1"}]`, `,"text":"a","files":[{"id":"F2"}]`, `,"text":"a"`} {
		if digest(other) == base {
			t.Errorf("%s has the digest of another message", other)
		}
	}
}

func TestMessageBodyRoundTrip(t *testing.T) {
	h := testReader(Gate{}).parseEvent(wrap(`{` + said + `,"user_team":"T1","thread_ts":"90.000001","text":"x","reactions":[{"name":"eyes"}],
		"blocks":[ {"type":"rich_text","elements":[]} ],"files":[{"id":"F1","name":"a.txt","thumb_64":"https://x"}]}`))
	b, err := decodeBody(*h.message)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"channel":"C1","ts":"100.000001","root":"90.000001","user":"U1","team":"T1","text":"x",` +
		`"blocks":[{"type":"rich_text","elements":[]}],"files":[{"id":"F1","name":"a.txt"}]}`
	if got := string(h.message.Body); got != want {
		t.Errorf("body\n%s\nwant\n%s", got, want)
	}
	again, err := json.Marshal(b)
	if err != nil || string(again) != want {
		t.Errorf("read and written again: %s, %v", again, err)
	}
	if _, err := decodeBody(bridge.Message{}); !errors.Is(err, bridge.ClassRejected) {
		t.Errorf("no body: %v, want rejected", err)
	}
}

func TestParseClick(t *testing.T) {
	base := func(change func(map[string]any)) []byte {
		p := map[string]any{
			"type": "block_actions", "team": map[string]any{"id": "T1"}, "user": map[string]any{"id": "U1", "team_id": "T1"},
			"container": map[string]any{"type": "message", "message_ts": "100.000002", "channel_id": "C1", "thread_ts": "90.000001"},
			"channel":   map[string]any{"id": "C1"},
			"message":   map[string]any{"ts": "100.000002", "thread_ts": "90.000001"},
			"actions":   []any{map[string]any{"action_id": "retry", "value": "note/1", "block_id": "b", "action_ts": "101.000003"}},
		}
		if change != nil {
			change(p)
		}
		raw, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	click := bridge.Click{Thread: "T1/C1/90.000001", Post: "note/1", Action: "retry", By: "U1", TS: "101.000003"}
	click.Body = messageBody{User: "U1", Channel: "C1", TS: "101.000003", Root: "90.000001"}.encode()
	tests := []struct {
		name    string
		gate    Gate
		payload []byte
		reason  string
		refused bridge.Refusal
	}{
		{name: "under a post in a thread", payload: base(nil)},
		{name: "chosen from a list", payload: base(func(p map[string]any) {
			p["actions"] = []any{map[string]any{
				"action_id": "choose", "block_id": "note/1", "action_ts": "101.000003",
				"selected_option": map[string]any{"value": "retry"},
			}}
		})},
		{name: "under a private note", payload: base(func(p map[string]any) { delete(p, "message") })},
		{name: "without thread_ts in the container", payload: base(func(p map[string]any) {
			p["container"] = map[string]any{"channel_id": "C1", "message_ts": "100.000002"}
		})},
		{name: "without a container", payload: base(func(p map[string]any) { p["container"] = "?" })},
		{name: "another workspace", payload: base(func(p map[string]any) { p["team"] = map[string]any{"id": "T2"} }), reason: IgnoredWorkspace},
		{name: "a person of another organization, on our post", payload: base(func(p map[string]any) {
			p["team"] = map[string]any{"id": "T2"}
			p["message"] = map[string]any{"ts": "100.000002", "thread_ts": "90.000001", "bot_id": "BBOT"}
		})},
		{name: "a view", payload: base(func(p map[string]any) { p["type"] = "view_submission" }), reason: IgnoredType},
		{name: "no action", payload: base(func(p map[string]any) { delete(p, "actions") }), reason: IgnoredType},
		{name: "no user", payload: base(func(p map[string]any) { delete(p, "user") }), reason: IgnoredMalformed},
		{name: "nowhere", payload: base(func(p map[string]any) { delete(p, "container"); delete(p, "message") }), reason: IgnoredMalformed},
		{name: "not JSON", payload: []byte("payload=1"), reason: IgnoredMalformed},
		{name: "a person who may not", gate: Gate{AllowUsers: []string{"U2"}}, payload: base(nil), refused: bridge.RefusedPerson},
		{name: "a channel that is not allowed", gate: Gate{AllowChannels: []string{"C2"}}, payload: base(nil), refused: bridge.RefusedChannel},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, reason := testReader(tt.gate).parseClick(tt.payload)
			if reason != tt.reason {
				t.Fatalf("ignored for %q, want %q", reason, tt.reason)
			}
			click.Refused = tt.refused
			if diff := cmp.Diff(click, p.click); reason == "" && diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLocationOfAThreadKey(t *testing.T) {
	p := location{"C1", "90.000001"}
	key := p.key("T1")
	if got, err := locationOf(key); err != nil || got != p || key != "T1/C1/90.000001" {
		t.Errorf("%q is read as %+v, %v", key, got, err)
	}
	channel := location{channel: "C1"}
	if got, err := locationOf(channel.key("T1")); err != nil || got != channel {
		t.Errorf("the channel itself is read as %+v, %v", got, err)
	}
	for _, bad := range []bridge.ThreadKey{"", "T1", "T1/C1", "T1//90.000001", "T1/C1/90", "T1/C1/90.000001/x", "T1/c1/90.000001"} {
		if _, err := locationOf(bad); !errors.Is(err, bridge.ClassRejected) {
			t.Errorf("%q: %v, want rejected", bad, err)
		}
	}
}
