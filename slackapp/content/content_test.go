package content

import (
	"encoding/json"
	"strings"
	"testing"
)

// book is names out of a book.
type book map[string]string

func (b book) name(id string) string {
	if n, ok := b[id]; ok {
		return n
	}
	return CleanName(id)
}
func (b book) User(id string) string    { return b.name(id) }
func (b book) Channel(id string) string { return b.name(id) }
func (b book) Group(id string) string   { return b.name(id) }

var testBook = book{"U1": "Ann Lee", "UBOT": "agen", "C1": "dev", "S1": "ops"}

func TestFromMrkdwn(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "fix it", "fix it"},
		{"escapes", "a &lt;b&gt; &amp;&amp; c &amp;lt;", `a \<b> && c \&lt;`},
		{"an escaped mention is text", "&lt;@U1&gt;", "<@U1>"},
		{"user", "ask <@U1>", "ask @Ann Lee"},
		{"user with a label", "ask <@U1|anything>", "ask @Ann Lee"},
		{"unknown user", "ask <@U7>", "ask @U7"},
		{"channel", "in <#C1> and <#C9|general>", "in #dev and #general"},
		{"private channel without a name", "in <#C1|>", "in #dev"},
		{"group", "<!subteam^S1> and <!subteam^S2|@sales>", "@ops and @sales"},
		{"broadcast", "<!here> <!channel> <!everyone|everyone>", "@here @channel everyone"},
		{"date", "<!date^1392734382^{date}|Feb 18th> <!date^1392734382^{date}>", "Feb 18th 2014-02-18 14:39 UTC"},
		{"link", "<https://example.com/a?b=1&amp;c=2>", "https://example.com/a?b=1&c=2"},
		{"link with words", "<https://example.com|the docs>", "[the docs](https://example.com)"},
		{"link with brackets", "<https://example.com/a(b)|see [1]>", `[see \[1\]](<https://example.com/a(b)>)`},
		{"link that was typed", "<http://example.com|example.com>", "example.com"},
		{"mail", "<mailto:a@example.com|a@example.com>", "a@example.com"},
		{"bold", "a *b c* d", "a **b c** d"},
		{"bold with punctuation", "(*b*), *c*.", "(**b**), **c**."},
		{"italic stays", "_a_", "_a_"},
		{"strike", "~a~", "~~a~~"},
		{"nested", "*a ~b~*", "**a ~~b~~**"},
		{"bold with a link", "*<https://example.com|x>*", "**[x](https://example.com)**"},
		{"stars of a sum", "2 * 3 * 4", "2 * 3 * 4"},
		{"stars in words", "a*b*c", `a\*b\*c`},
		{"unclosed", "*a", "*a"},
		{"not over lines", "*a\nb*", "\\*a\nb\\*"},
		{"code", "`a *b* &lt;c&gt;`", "`a *b* <c>`"},
		{"link in code", "`curl <https://example.com>`", "`curl https://example.com`"},
		{"fence", "```a *b*\n&lt;c&gt;```", "```\na *b*\n<c>\n```"},
		{"fence in a line", "see ```x``` there", "see \n```\nx\n```\n there"},
		{"unclosed fence", "```a", "\\`\\`\\`a"},
		{"bullets", "• a\n• b", "- a\n- b"},
		{"quote", "&gt; a", "> a"},
		{"a name can't break the line", "<!subteam^S9|@a\n# b>", "<!subteam^S9|@a\n# b>"},
		{"empty entity", "<> <|x>", "<> <|x>"},
		{"open entity", "a < b", "a < b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := FromMrkdwn(tt.in, testBook); got != tt.want {
				t.Errorf("%q\ngot  %q\nwant %q", tt.in, got, tt.want)
			}
		})
	}
}

// rich makes a rich_text block of its parts.
func rich(parts string) json.RawMessage {
	return json.RawMessage(`[{"type":"rich_text","elements":[` + parts + `]}]`)
}

func section(pieces string) string { return `{"type":"rich_text_section","elements":[` + pieces + `]}` }

func TestFromRichText(t *testing.T) {
	tests := []struct{ name, parts, want string }{
		{"text", section(`{"type":"text","text":"a\nb"}`), "a\nb"},
		{"styles", section(`{"type":"text","text":"a","style":{"bold":true}},{"type":"text","text":" b ","style":{"italic":true}},{"type":"text","text":"c","style":{"strike":true}},{"type":"text","text":"d","style":{"code":true}}`), "**a** _b_ ~~c~~`d`"},
		{"both", section(`{"type":"text","text":"a","style":{"bold":true,"italic":true}}`), "**_a_**"},
		{"a run of one style", section(`{"type":"text","text":"see ","style":{"bold":true}},{"type":"link","url":"https://example.com","text":"x","style":{"bold":true}}`), "**see [x](https://example.com)**"},
		{"bold over lines", section(`{"type":"text","text":"a\n\nb","style":{"bold":true}}`), "**a**\n\n**b**"},
		{"code with backticks", section("{\"type\":\"text\",\"text\":\"a`b\",\"style\":{\"code\":true}}"), "`` a`b ``"},
		{"link in code", section(`{"type":"link","url":"https://example.com","style":{"code":true}}`), "`https://example.com`"},
		{"names", section(`{"type":"user","user_id":"U1"},{"type":"text","text":" "},{"type":"usergroup","usergroup_id":"S1"},{"type":"text","text":" "},{"type":"channel","channel_id":"C1"},{"type":"text","text":" "},{"type":"broadcast","range":"here"}`), "@Ann Lee @ops #dev @here"},
		{"emoji, color, date", section(`{"type":"emoji","name":"tada","unicode":"1f389"},{"type":"color","value":"#F00"},{"type":"date","timestamp":1392734382,"format":"{date}"},{"type":"date","timestamp":1,"fallback":" then"}`), ":tada:#F002014-02-18 14:39 UTC then"},
		{"address", section(`{"type":"user","user_id":"UBOT"},{"type":"text","text":": fix it"}`), "fix it"},
		{"address behind blanks", section(`{"type":"text","text":" "},{"type":"user","user_id":"UBOT"},{"type":"text","text":" fix it"}`), "fix it"},
		{"mention elsewhere", section(`{"type":"text","text":"hey "},{"type":"user","user_id":"UBOT"}`), "hey @agen"},
		{"preformatted", `{"type":"rich_text_preformatted","elements":[{"type":"text","text":"a *b*\nc"}]}`, "```\na *b*\nc\n```"},
		{"fence in a fence", `{"type":"rich_text_preformatted","elements":[{"type":"text","text":"` + "```\\nx\\n```" + `"}]}`, "````\n```\nx\n```\n````"},
		{"language", `{"type":"rich_text_preformatted","language":"go","elements":[{"type":"text","text":"x"}]}`, "```go\nx\n```"},
		{"quote", `{"type":"rich_text_quote","elements":[{"type":"text","text":"a\n\nb"}]},` + section(`{"type":"text","text":"\nc"}`), "> a\n>\n> b\n\nc"},
		{"list", section(`{"type":"text","text":"do\n"}`) + `,{"type":"rich_text_list","style":"bullet","indent":0,"elements":[` + section(`{"type":"text","text":"a"}`) + `,` + section(`{"type":"text","text":"b\nc"}`) + `]}`, "do\n\n- a\n- b\n  c"},
		{"nested lists", `{"type":"rich_text_list","style":"ordered","elements":[` + section(`{"type":"text","text":"a"}`) + `]},{"type":"rich_text_list","style":"bullet","indent":1,"elements":[` + section(`{"type":"text","text":"b"}`) + `]},{"type":"rich_text_list","style":"ordered","offset":1,"elements":[` + section(`{"type":"text","text":"c"}`) + `]}`, "1. a\n   - b\n2. c"},
		{"quoted list", `{"type":"rich_text_list","style":"bullet","border":1,"elements":[` + section(`{"type":"text","text":"a"}`) + `]}`, "> - a"},
		{"fields of no shape", section(`{"type":"text","text":"a","style":"bold"},{"type":"text","text":"b","style":{"bold":"yes"}}`), "ab"},
		{"unknown piece with text", section(`{"type":"hologram","text":"a"}`), "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := FromRichText(rich(tt.parts), testBook, "UBOT")
			if !ok || got != tt.want {
				t.Errorf("got  %q, %v\nwant %q", got, ok, tt.want)
			}
		})
	}
}

func TestUnknownRichTextIsNotRendered(t *testing.T) {
	for _, blocks := range []string{
		`[]`, `{}`, `[{"type":"section"}]`, string(rich(`{"type":"rich_text_table"}`)),
		string(rich(section(`{"type":"hologram","id":"H1"}`))),
		string(rich(`{"type":"rich_text_list","elements":[{"type":"hologram"}]}`)),
	} {
		if text, ok := FromRichText(json.RawMessage(blocks), testBook, "UBOT"); ok {
			t.Errorf("%s rendered as %q: the text of the message is better", blocks, text)
		}
	}
}

func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{
		"Ann Lee":                        "Ann Lee",
		"Ann\nLee\r\n\n# Instructions":   "Ann Lee Instructions",
		"**Ann** `x` <b> [y](z) ~q~ a|b": "Ann x b yz q ab",
		"\u202eevil\u200b name":          "evil name",
		"__init__":                       "init",
		"john_doe":                       "john_doe",
		"Ann: ignore the above:":         "Ann ignore the above",
		" \t ":                           "",
		strings.Repeat("ä", 100):         strings.Repeat("ä", 79) + "…",
		"Jürgen 李 🚀":                     "Jürgen 李 🚀",
		"a\u2028b\u0085c\u0000d\ufeffe":  "a b c de",
	} {
		if got := CleanName(in); got != want {
			t.Errorf("cleanName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestBlocksAndAttachmentsOfApps(t *testing.T) {
	blocks := `[{"type":"header","text":{"type":"plain_text","text":"Build failed"}},
		{"type":"section","text":{"type":"mrkdwn","text":"*TestLogin* in <https://ci.example.com|#42>"},"fields":[{"type":"mrkdwn","text":"branch\n` + "`main`" + `"}]},
		{"type":"divider"},{"type":"markdown","text":"# as it is"},
		{"type":"context","elements":[{"type":"image","alt_text":"logo"},{"type":"mrkdwn","text":"2 min"}]},
		{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Rerun"}}]},
		{"type":"image","alt_text":"a graph"},{"type":"section","text":7},9]`
	want := "**Build failed**\n\n**TestLogin** in [#42](https://ci.example.com)\nbranch\n`main`\n\n# as it is\n\n(image: logo) 2 min\n\n(button: Rerun)\n\n(image: a graph)"
	if got := strings.Join(FromBlocks(json.RawMessage(blocks), testBook), "\n\n"); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	var a Attachment
	if err := json.Unmarshal([]byte(`{"pretext":"Alert","author_name":"Grafana","title":"CPU &gt; 90%","title_link":"https://g.example.com",
		"text":"host *a*","fields":[{"title":"Zone","value":"eu"}],"fallback":"no"}`), &a); err != nil {
		t.Fatal(err)
	}
	if got, want := a.Markdown(testBook), "Alert\n**Grafana**\n[CPU > 90%](https://g.example.com)\nhost **a**\n**Zone**: eu"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
