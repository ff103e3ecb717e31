package slackapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slackjson"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// payloads has one event of each kind that is handled, and its required fields. Any other field may have the wrong type
// without losing more than its value.
var payloads = map[string]struct {
	json     string
	required string
}{
	"app_mention": {
		`{"type":"app_mention","channel":"C1","user":"U1","ts":"100.000001","text":"<@UBOT> fix","team":"T1",
		"blocks":[{"type":"rich_text","block_id":"x","elements":[]}],"files":[{"id":"F1","name":"a","size":3}],
		"attachments":[{"is_share":true,"text":"x","blocks":[],"fields":[]}],"bot_profile":{"name":"x"},
		"metadata":{"event_type":"x","event_payload":{"key":"k","with":["a"]}},"reactions":[{"name":"eyes","users":["U1"]}]}`,
		"type channel user ts bot_id",
	},
	"message": {
		`{"type":"message","subtype":"","channel":"C1","channel_type":"channel","user":"U1","user_team":"T1",
		"ts":"100.000001","thread_ts":"90.000001","text":"and this","latest_reply":"1.000001","username":"x"}`,
		"type channel user ts thread_ts",
	},
	"message in a direct message": {
		`{"type":"message","channel":"D1","channel_type":"im","user":"U1","ts":"100.000001","text":"fix"}`,
		"type channel user ts",
	},
	"message_changed": {
		`{"type":"message","subtype":"message_changed","channel":"C1","channel_type":"channel","ts":"101.000001",
		"message":{"type":"message","user":"U1","ts":"100.000001","text":"<@UBOT> b","edited":{"user":"U1","ts":"101.000000"}},
		"previous_message":{"type":"message","user":"U1","ts":"100.000001","text":"<@UBOT> a","team":"T1"}}`,
		"type channel subtype message message.user message.ts message.text message.edited message.edited.ts",
	},
	"a deleted root that has replies": {
		`{"type":"message","subtype":"message_changed","channel":"C1","channel_type":"channel","ts":"101.000001",
		"message":{"subtype":"tombstone","ts":"100.000001","thread_ts":"100.000001","text":"deleted"}}`,
		"type channel subtype message message.subtype message.ts",
	},
	"message_deleted": {
		`{"type":"message","subtype":"message_deleted","channel":"C1","ts":"101.000001","deleted_ts":"100.000001",
		"previous_message":{"type":"message","user":"U1","ts":"100.000001","thread_ts":"90.000001","text":"x"}}`,
		"type channel subtype previous_message previous_message.thread_ts",
	},
	"channel_id_changed": {
		`{"type":"channel_id_changed","old_channel_id":"C1","new_channel_id":"C2","event_ts":"100.000001"}`,
		"type old_channel_id new_channel_id",
	},
	"member_joined_channel": {
		`{"type":"member_joined_channel","user":"UBOT","channel":"C1","channel_type":"C","team":"T1","inviter":"U1"}`,
		"type user channel",
	},
	"member_left_channel": {
		`{"type":"member_left_channel","user":"UBOT","channel":"C1","channel_type":"C","team":"T1"}`, "type user channel",
	},
	"channel_left": {`{"type":"channel_left","channel":"C1","actor_id":"U1","event_ts":"100.000001"}`, "type channel"},
	"group_left":   {`{"type":"group_left","channel":"C1","actor_id":"U1","event_ts":"100.000001"}`, "type channel"},
	"block_actions": {
		`{"type":"block_actions","team":{"id":"T1","domain":"x"},"enterprise":{"id":"E1"},"user":{"id":"U1","name":"x"},
		"channel":{"id":"C1"},"container":{"channel_id":"C1","message_ts":"100.000002","thread_ts":"90.000001"},
		"message":{"bot_id":"B9","ts":"100.000002","thread_ts":"90.000001"},
		"actions":[{"action_id":"retry","block_id":"b","value":"note/1","action_ts":"101.000003"}],"trigger_id":"x"}`,
		"type team team.id user user.id actions actions.action_id actions.value",
	},
}

func TestFieldOfTheWrongTypeLosesNoEvent(t *testing.T) {
	for kind, p := range payloads {
		t.Run(kind, func(t *testing.T) {
			want := identity(kind, []byte(p.json))
			if strings.HasPrefix(want, "ignored") {
				t.Fatal(want)
			}
			required := strings.Fields(p.required)
			tried := 0
			for field, broken := range withOneFieldWrong(t, p.json) {
				if slices.Contains(required, field) {
					continue
				}
				for _, b := range broken {
					tried++
					if got := identity(kind, b); got != want {
						t.Errorf("%s is of the wrong type: got %s, want %s\n%s", field, got, want, b)
					}
				}
			}
			if tried == 0 {
				t.Fatal("nothing was tried")
			}
		})
	}
}

// identity returns the part of an event that must not depend on any optional field.
func identity(kind string, payload []byte) string {
	r := testReader(Gate{AllowDMs: true})
	if kind == "block_actions" {
		p, reason := r.parseClick(payload)
		if reason != "" {
			return "ignored: " + reason
		}
		return fmt.Sprint("click ", p.click.Thread, p.click.Post, p.click.Action, p.click.By)
	}
	h := r.parseEvent(wrap(string(payload), `"is_ext_shared_channel":"no"`, `"authorizations":[7]`))
	switch {
	case h.channel != nil:
		return fmt.Sprint("channel ", h.channel.channel, h.channel.renamedTo, h.channel.joined)
	case h.message != nil:
		return fmt.Sprint("message ", h.message.Thread, h.message.TS, h.message.Author)
	default:
		return describe(h)
	}
}

// withOneFieldWrong returns, for the path of each field in the JSON, copies in which the value has another type.
func withOneFieldWrong(t *testing.T, text string) map[string][][]byte {
	t.Helper()
	var root map[string]any
	if err := json.Unmarshal([]byte(text), &root); err != nil {
		t.Fatal(err)
	}
	all := map[string][][]byte{}
	var visit func(path string, at any)
	visit = func(path string, at any) {
		switch v := at.(type) {
		case []any:
			for _, element := range v {
				visit(path, element)
			}
		case map[string]any:
			for _, name := range slices.Collect(maps.Keys(v)) {
				field, was := strings.TrimPrefix(path+"."+name, "."), v[name]
				for _, wrong := range []any{7.5, true, "?", []any{7}, map[string]any{"id": 7}, nil} {
					if fmt.Sprintf("%T", wrong) == fmt.Sprintf("%T", was) {
						continue
					}
					v[name] = wrong
					raw, err := json.Marshal(root)
					if err != nil {
						t.Fatal(err)
					}
					all[field] = append(all[field], raw)
				}
				v[name] = was
				visit(field, was)
			}
		}
	}
	visit("", root)
	return all
}

// A response whose list has another type says nothing about which messages there are.
func TestResponseWithoutItsListIsAFault(t *testing.T) {
	a := &App{}
	for body, want := range map[string]bridge.FaultClass{`{}`: bridge.ClassTemporary, `{"messages":{}}`: bridge.ClassTemporary, `{"messages":[]}`: ""} {
		ask := func(_ context.Context, _ webapi.Call, _ map[string][]string, v any) error {
			return slackjson.Unmarshal([]byte(body), v)
		}
		err := a.readPages(t.Context(), webapi.Call{Method: methodHistory}, map[string][]string{}, ask, nil)
		if (err == nil) != (want == "") || err != nil && !errors.Is(err, want) {
			t.Errorf("%s: %v, want %q", body, err, want)
		}
	}
}
