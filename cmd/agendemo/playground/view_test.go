package playground

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// drawn formats nodes as HTML in one line.
func drawn(nodes []node) string {
	var b strings.Builder
	for _, n := range nodes {
		if n.Tag == "" {
			b.WriteString(n.Text)
			continue
		}
		b.WriteString("[" + n.Tag)
		for _, name := range []string{"href", "class", "data-action", "data-at", "data-format", "start", "value"} {
			if v, ok := n.Attr[name]; ok {
				b.WriteString(" " + name + "=" + v)
			}
		}
		b.WriteString("|" + drawn(n.Kids) + "]")
	}
	return b.String()
}

type noNames struct{}

func (noNames) user(id string) string { return strings.ToLower(id) }

func (noNames) channel(id string) string { return strings.ToLower(id) }

func TestMarkdownAsSlackShowsIt(t *testing.T) {
	for source, want := range map[string]string{
		"# Why\n\nIt is **so** *and* ~~not~~ `x < y`": "[h3|Why][p|It is [b|so] [i|and] [s|not] [code|x < y]]",
		"one\ntwo":                            "[p|one[br|]two]",
		"- a\n- b\n\n3. c":                    "[ul|[li|[div|a]][li|[div|b]]][ol start=3|[li|[div|c]]]",
		"- [x] done\n- [ ] not":               "[ul|[li|[div|☑ done]][li|[div|☐ not]]]",
		"```go\na := 1\n```":                  "[pre|a := 1]",
		"| a | n |\n|--|--:|\n| x | 1 |":      "[table|[tr|[th|a][th class=right|n]][tr|[td|x][td class=right|1]]]",
		"[docs](https://go.dev) ![p](/x.png)": "[p|[a href=https://go.dev|docs] [span|p]]",
		"[x](javascript:alert(1))":            "[p|[span|x]]",
		"<script>alert(1)</script>":           "[pre|<script>alert(1)</script>]",
		"a <b>c</b> &amp; \\*d\\*":            "[p|a <b>c</b> & *d*]",
		"https://go.dev/doc":                  "[p|[a href=https://go.dev/doc|https://go.dev/doc]]",
		"> quoted":                            "[blockquote|[p|quoted]]",
	} {
		if got := drawn(markdownNodes(source)); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", source, got, want)
		}
	}
}

func TestMarkupAsSlackShowsIt(t *testing.T) {
	for source, want := range map[string]string{
		"<@U0ANN> *b* _i_ ~s~ `c` :eyes:":                        "[div|[span class=mention|@u0ann] [b|b] [i|i] [s|s] [code|c] [span class=emoji|👀]]",
		"<https://go.dev|Go> &lt;b&gt;":                          "[div|[a href=https://go.dev|Go] <b>]",
		"<!date^1700000000^{date_short_pretty} at {time}|22:13>": "[div|[time data-at=1700000000 data-format={date_short_pretty} at {time}|22:13]]",
		"<javascript:alert(1)|x>":                                "[div|[span|x]]",
		"<https://agen.example/sessions/s1|o>":                   "[div|[a href=/session/s1|o]]",
		"&gt; q\n• a\n• b\n```code```":                           "[blockquote|q][ul|[li|a][li|b]][pre|code]",
	} {
		if got := drawn(markupNodes(source, noNames{})); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", source, got, want)
		}
	}
}

func TestBlocksAsSlackShowsThem(t *testing.T) {
	for blocks, want := range map[string]string{
		`[{"type":"section","text":{"type":"mrkdwn","text":"*Hi*"}}]`:                                                                               "[div class=block section|[div|[div|[b|Hi]]]]",
		`[{"type":"actions","elements":[{"type":"button","action_id":"a1","style":"danger","text":{"type":"plain_text","text":"Go :eyes:"}}]}]`:     "[div class=block actions|[button class=danger data-action=a1|Go 👀]]",
		`[{"type":"context","elements":[{"type":"plain_text","text":"a\nb"}]}]`:                                                                     "[div class=block context|[span|a[br|]b]]",
		`[{"type":"markdown","text":"**x**"}]`:                                                                                                      "[div class=block markdown|[p|[b|x]]]",
		`[{"type":"video"},{"type":"divider"}]`:                                                                                                     "[div class=block video|(video)][hr class=block divider|]",
		`[{"type":"section","accessory":{"type":"static_select","placeholder":{"text":"Which?"},"options":[{"text":{"text":"One"},"value":"1"}]}}]`: "[div class=block section|[div|][div class=accessory|[select|[option value=|Which?][option value=1|One]]]]",
		`nonsense`: "[div class=block rich_text|[div|the text]]",
	} {
		if got := drawn(bodyNodes(json.RawMessage(blocks), "the text", noNames{})); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", blocks, got, want)
		}
	}
}

func TestTypedTextIsMarkupAndBack(t *testing.T) {
	slack := slacktest.New(SlackConfig())
	defer slack.Close()
	p, err := settle(slack)
	if err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]string{
		"@Agen fix it":                  "<@U0AGEN> fix it",
		"@bob, (see #dev) #nowhere":     "<@U0BOB>, (see <#C0DEV>) #nowhere",
		"bob@agen.example @Bobby":       "bob@agen.example @Bobby",
		"a < b && <@U0ANN>":             "a &lt; b &amp;&amp; &lt;@U0ANN&gt;",
		"see https://go.dev/doc?a=1.":   "see <https://go.dev/doc?a=1>.",
		"- one\n- two":                  "• one\n• two",
		"@Agen @Ann: @Cleo's @Agen-ish": "<@U0AGEN> <@U0ANN>: <@U0CLEO>'s @Agen-ish",
	} {
		got := p.markup(typed)
		if got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
		if back := p.markup(p.typed(got)); back != got {
			t.Errorf("%q: there and back is %q", got, back)
		}
	}
}

func TestDeliveryStatus(t *testing.T) {
	slack := slacktest.New(SlackConfig())
	defer slack.Close()
	p, err := settle(slack)
	if err != nil {
		t.Fatal(err)
	}
	j := deliveryCheck{
		place: p, copies: map[string]int{"1.1": 1, "1.2": 2}, told: map[string]bool{"C0DEV1.0U0KIM": true},
		bound: map[string]bool{"C0DEV1.0": true, "C0DEV2.0": false},
	}
	warned := []slacktest.Reaction{{Name: "warning", Users: []string{"U0AGEN"}}}
	for name, c := range map[string]struct {
		m    slacktest.Message
		want deliveryStatus
	}{
		"one copy":             {slacktest.Message{TS: "1.1"}, arrived},
		"two copies":           {slacktest.Message{TS: "1.2"}, doubled},
		"a mention":            {slacktest.Message{TS: "1.3", Text: "<@U0AGEN> go"}, onItsWay},
		"a reply":              {slacktest.Message{TS: "1.3", ThreadTS: "1.0", Text: "go"}, onItsWay},
		"a direct message":     {slacktest.Message{Channel: "D0ANN", TS: "1.3", Text: "go"}, onItsWay},
		"talk":                 {slacktest.Message{TS: "1.3", Text: "go"}, notForAgen},
		"a quiet thread":       {slacktest.Message{TS: "1.3", ThreadTS: "2.0", Text: "go"}, notForAgen},
		"a deleted one":        {slacktest.Message{TS: "1.3", Text: "<@U0AGEN> go", Deleted: true}, notForAgen},
		"a command":            {slacktest.Message{TS: "1.3", Text: "<@U0AGEN> help"}, notForAgen},
		"an aside":             {slacktest.Message{TS: "1.3", ThreadTS: "1.0", Text: "!aside go"}, notForAgen},
		"to somebody":          {slacktest.Message{TS: "1.3", ThreadTS: "1.0", Text: "<@U0BOB> go"}, notForAgen},
		"with a warning":       {slacktest.Message{TS: "1.3", Text: "<@U0AGEN> go", Reactions: warned}, explained},
		"with a private note":  {slacktest.Message{TS: "1.3", ThreadTS: "1.0", Text: "go", User: "U0KIM"}, explained},
		"somebody else's note": {slacktest.Message{TS: "1.3", ThreadTS: "1.0", Text: "go", User: "U0BOB"}, onItsWay},
	} {
		if c.m.Channel == "" {
			c.m.Channel = "C0DEV"
		}
		if got := j.status(c.m); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
