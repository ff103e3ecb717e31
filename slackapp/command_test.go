package slackapp

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/bridge"
)

func TestParseOptions(t *testing.T) {
	option := func(name, value string) bridge.Option { return bridge.Option{Name: name, Value: value} }
	for text, want := range map[string][]bridge.Option{
		"":                                  nil,
		"fix it":                            nil,
		"[WIP] fix it":                      nil,
		"[branch=main] fix it":              {option("branch", "main")},
		": [Branch=main, model=x]":          {option("Branch", "main"), option("model", "x")},
		"[branch=main model] fix":           {option("branch", "main"), option("model", "")},
		"[branch=] fix":                     {option("branch", "")},
		"[branch=a=b] fix":                  {option("branch", "a=b")},
		"[branch=main fix":                  nil,
		"[branch=main\nfix]":                nil,
		"fix [branch=main]":                 nil,
		"[branch=a&amp;b] x":                {option("branch", "a&b")},
		"[branch=v<http://1.io|1.io>-rc] x": {option("branch", "v1.io-rc")},
		"[branch=<http://1.io>] x":          {option("branch", "http://1.io")},
		"\u00a0\u200e[branch=main\u2060\u00a0model=x\u200b] fix": {option("branch", "main"), option("model", "x")},
		"[model=\u201cfast one\u201d branch='a, b'] x":           {option("model", "fast one"), option("branch", "a, b")},
		"[model=\"a]b\" branch=\u201ex\u201c] x":                 {option("model", "a]b"), option("branch", "x")},
		"[model=\u00abx\u00bb] x":                                {option("model", "x")},
		"[title=it's branch=main] x":                             {option("title", "it's"), option("branch", "main")},
	} {
		if diff := cmp.Diff(want, parseOptions(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// TestBlanksThatClientsAdd: invisible characters around commands and the aside mark change nothing.
func TestBlanksThatClientsAdd(t *testing.T) {
	for _, blank := range []string{" ", "\u00a0", "\u200b", "\u200e", "\u2060", "\u3000", "\u202f", "\ufeff", "\u2009", "\u2066", "\t"} {
		b := messageBody{Text: blank + "<@UBOT>" + blank + "status" + blank}
		if got := (botIdentity{User: "UBOT"}).commandWord(b, bridge.KindMention); got.command != bridge.CommandStatus {
			t.Errorf("%q is the command %+v", b.Text, got)
		}
		b.Text = "<@UBOT>" + blank + "link" + blank + " S1" + blank
		if got := (botIdentity{User: "UBOT"}).commandWord(b, bridge.KindMention); got.command != bridge.CommandLink || got.session != "S1" {
			t.Errorf("%q is the command %+v", b.Text, got)
		}
		if got := asideAddressee(blank+bridge.AsideMark+blank+"lunch?", false, false); got != bridge.AsideMark {
			t.Errorf("an aside with %q goes to the agent", blank)
		}
		if got := asideAddressee(blank+"<@U1>"+blank+"lunch?", false, false); got != "<@U1>" {
			t.Errorf("a message to somebody else with %q goes to the agent", blank)
		}
		if got := trimOptions(blank + "[branch=main]" + blank + "fix"); got != "fix" {
			t.Errorf("with %q the options leave %q", blank, got)
		}
	}
	if got := asideAddressee("!asides are fun", false, false); got != "" {
		t.Errorf("a longer word is an aside to %q", got)
	}
}

// TestAContentWithoutTextIsNoCommand: a table alone isn't an empty mention, which asks for help.
func TestAContentWithoutTextIsNoCommand(t *testing.T) {
	table := `[{"type":"table","rows":[[{"type":"raw_text","text":"a"}]]}]`
	for name, fields := range map[string]string{
		"a pasted table": `"attachments":[{"fallback":"[no preview available]","blocks":` + table + `}]`,
		"a table block":  `"blocks":` + table,
		"an attachment":  `"attachments":[{"title":"CPU"}]`,
	} {
		var msg slackMessage
		if err := json.Unmarshal([]byte(`{"type":"message","user":"U1","ts":"1732000000.000100","text":"",`+fields+`}`), &msg); err != nil {
			t.Fatal(err)
		}
		m := testReader(Gate{AllowDMs: true}).parseMessage(msg, eventContext{channel: "D1", channelType: "im"}).message
		if m == nil || m.Kind != bridge.KindDirect || m.Command != "" {
			t.Errorf("%s in a direct message is %+v", name, m)
		}
	}
}

// TestQuotedMentionOpensNoSession: a mention in a quote or in code repeats what was said elsewhere.
func TestQuotedMentionOpensNoSession(t *testing.T) {
	rich := func(parts string) string { return `,"blocks":[{"type":"rich_text","elements":[` + parts + `]}]` }
	section := func(pieces string) string { return `{"type":"rich_text_section","elements":[` + pieces + `]}` }
	const mention = `{"type":"user","user_id":"UBOT"}`
	for _, tt := range []struct {
		fields string
		event  string
		want   bridge.Kind
	}{
		{`"text":"<@UBOT> go"`, "message", bridge.KindMention},
		{`"text":"go"`, "app_mention", bridge.KindMention},
		{`"text":"it's <@UBOT>'s turn, ` + "`x` y" + `"`, "message", bridge.KindMention},
		{`"text":"` + "`a` <@UBOT> `b`" + `"`, "message", bridge.KindMention},
		{`"text":"` + "an open ` <@UBOT>" + `"`, "message", bridge.KindMention},
		{`"text":"&gt; <@UBOT> go\nhe said"`, "app_mention", bridge.KindReply},
		{`"text":"say ` + "`<@UBOT> go`" + `"`, "app_mention", bridge.KindReply},
		{`"text":"` + "```\\n<@UBOT> go\\n```" + `"`, "message", bridge.KindReply},
		{`"text":"<@UBOT> go"` + rich(section(mention)), "message", bridge.KindMention},
		{`"text":"&gt; <@UBOT>"` + rich(`{"type":"rich_text_quote","elements":[`+mention+`]}`), "app_mention", bridge.KindReply},
		{`"text":"<@UBOT>"` + rich(section(`{"type":"user","user_id":"UBOT","style":{"code":true}}`)), "app_mention", bridge.KindReply},
		{`"text":"<@UBOT>"` + rich(`{"type":"rich_text_preformatted","elements":[`+mention+`]}`), "app_mention", bridge.KindReply},
		{`"text":"<@UBOT>"` + rich(`{"type":"rich_text_list","border":1,"elements":[`+section(mention)+`]}`), "app_mention", bridge.KindReply},
		{`"text":"<@UBOT>"` + rich(`{"type":"rich_text_list","elements":[`+section(mention)+`]}`), "message", bridge.KindMention},
		{`"text":"<@UBOT>"` + rich(`{"type":"rich_text_quote","elements":[`+mention+`]},`+section(mention)), "message", bridge.KindMention},
	} {
		var msg slackMessage
		if err := json.Unmarshal([]byte(`{"type":"`+tt.event+`","user":"U1","ts":"1732000000.000100",`+tt.fields+`}`), &msg); err != nil {
			t.Fatal(err)
		}
		m := testReader(Gate{}).parseMessage(msg, eventContext{channel: "C1"}).message
		if m == nil || m.Kind != tt.want {
			t.Errorf("%s %s: got %+v, want %s", tt.event, tt.fields, m, tt.want)
		}
	}
}
