package slackapp

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/bridge"
)

// payloads has one of each kind of event that we act on, with the fields that it can't do without: who, where, when, and
// what tells its kind. Any other field of the wrong type must cost no more than what that field says.
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

func TestAFieldOfTheWrongTypeLosesNoEvent(t *testing.T) {
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

// identity is what must not depend on a field that nobody requires.
func identity(kind string, payload []byte) string {
	r := testReader(Gate{AllowDMs: true})
	if kind == "block_actions" {
		p, reason := r.click(payload)
		if reason != "" {
			return "ignored: " + reason
		}
		return fmt.Sprint("click ", p.click.Thread, p.click.Post, p.click.Action, p.click.By)
	}
	h := r.event(wrap(string(payload), `"is_ext_shared_channel":"no"`, `"authorizations":[7]`))
	switch {
	case h.shift != nil:
		return fmt.Sprint("channel ", h.shift.channel, h.shift.to, h.shift.here)
	case h.message != nil:
		return fmt.Sprint("message ", h.message.Thread, h.message.TS, h.message.Author)
	default:
		return describe(h)
	}
}

// withOneFieldWrong returns, by the path of each field in the JSON, copies in which its value has another type.
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

func TestDecode(t *testing.T) {
	type inner struct{ A, B string }
	var v struct {
		X    string
		In   inner
		List []inner
		Y    string
	}
	err := decode([]byte(`{"x":7,"in":{"a":{},"b":"kept"},"list":[5,{"a":[],"b":"kept"}],"y":"kept"}`), &v)
	if err != nil || v.X != "" || v.In.B != "kept" || len(v.List) != 2 || v.List[1].B != "kept" || v.Y != "kept" {
		t.Errorf("%+v, %v", v, err)
	}
	for _, bad := range []string{``, `{`, `[]`, `7`, `{"x":"a"} {`} {
		if err := decode([]byte(bad), &v); err == nil {
			t.Errorf("%q is read as an object", bad)
		}
	}
	all := decodeAll[inner]([]json.RawMessage{[]byte(`{"a":"1"}`), []byte(`[]`), []byte(`{"a":2,"b":"3"}`)})
	if want := []inner{{A: "1"}, {}, {B: "3"}}; !slices.Equal(all, want) {
		t.Errorf("got %+v, want %+v", all, want)
	}
}

// An answer whose list has another type says nothing about what is not there.
func TestAnAnswerWithoutItsListIsNone(t *testing.T) {
	for body, want := range map[string]bool{
		`{"ok":true,"x":1}`: true, `{"ok":"true"}`: false, `{"ok":null}`: false, `{"ok":false,"error":7}`: true, `[]`: false, `7`: false,
	} {
		if _, ok := readVerdict([]byte(body)); ok != want {
			t.Errorf("%s is an answer: %v, want %v", body, ok, want)
		}
	}
	a := &App{}
	for body, want := range map[string]bridge.FaultClass{`{}`: bridge.ClassTemporary, `{"messages":{}}`: bridge.ClassTemporary, `{"messages":[]}`: ""} {
		ask := func(_ context.Context, _ call, _ map[string][]string, v any) error { return decode([]byte(body), v) }
		err := a.read(t.Context(), call{method: methodHistory}, map[string][]string{}, ask, nil)
		if (err == nil) != (want == "") || err != nil && !isClass(err, want) {
			t.Errorf("%s: %v, want %q", body, err, want)
		}
	}
}
