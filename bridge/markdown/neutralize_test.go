package markdown

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// seeds adds the files of testdata/seeds that match, and fails when there are none: a fuzz target without seeds passes
// and shows nothing.
func seeds(f *testing.F, pattern string, rest ...any) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "seeds", pattern))
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds %s: %v", pattern, err)
	}
	for _, name := range files {
		seed, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append([]any{string(seed)}, rest...)...)
	}
}

func TestNeutralize(t *testing.T) {
	// In want ¦ is a WORD JOINER.
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"plain text", "plain text"},
		{"<@U012ABC> and <@W1|name>", "<@¦U012ABC> and <@¦W1|name>"},
		{"<!channel> <!HERE> <!everyone|all> <!group>", "<!¦channel> <!¦HERE> <!¦everyone|all> <!¦group>"},
		{"<!subteam^S1|@team>", "<!¦subteam^S1|@team>"},
		{`<\@U1> <\!here> \<@U1>`, `<\@¦U1> <\!¦here> \<@¦U1>`},
		{"[x](!here) [x](@U1)", "[x](!¦here) [x](@¦U1)"},
		{"<!channel", "<!¦channel"},
		{"> <!here>\n\n- <@U12>\n\n# <!here>\n\n| <!here> |\n|---|\n| <@U12> |", "> <!¦here>\n\n- <@¦U12>\n\n# <!¦here>\n\n| <!¦here> |\n|---|\n| <@¦U12> |"},

		// Slack reads no mention in these.
		{"@channel, @Here! (@EVERYONE) **@here**", "@channel, @Here! (@EVERYONE) **@here**"},
		{"bob@here.example, @hereabouts, https://example.com/@here", "bob@here.example, @hereabouts, https://example.com/@here"},
		{"<#C01> <#c01|general> <!date^0^{date}|x>", "<#C01> <#c01|general> <!date^0^{date}|x>"},
		{"<@layout> <@User> <@T> [x](@types) <#compress> <#if x>", "<@layout> <@User> <@T> [x](@types) <#compress> <#if x>"},
		{"List<T> List<@NonNull T> <!DOCTYPE html> <!-- x -->", "List<T> List<@NonNull T> <!DOCTYPE html> <!-- x -->"},
		{"&lt;!here&gt; # Heading #C1 !important", "&lt;!here&gt; # Heading #C1 !important"},
		{"a\xffb\r\nc", "a\uFFFDb\nc"},

		// Code is never touched.
		{"`<!here>` ``a ` <@U12>`` <!here>", "`<!here>` ``a ` <@U12>`` <!¦here>"},
		{"`@Channel(\"prices\")` `\"<!here> failed\"`", "`@Channel(\"prices\")` `\"<!here> failed\"`"},
		{"a `b\n<!here> c` d", "a `b\n<!here> c` d"},
		{"> a `b\n> <!here> c` d", "> a `b\n> <!here> c` d"},
		{"- a `b\n  <!here> c` d\n  `<!here>`", "- a `b\n  <!here> c` d\n  `<!here>`"},
		{"## `<!here>`\n\n`<!here>`\n===", "## `<!here>`\n\n`<!here>`\n==="},
		{"| `<!here>` | <!here> |\n|---|---|\n| `<@U12>` | `a\\|<@U12>` |", "| `<!here>` | <!¦here> |\n|---|---|\n| `<@U12>` | `a\\|<@U12>` |"},
		{"```\n<!here>\n```\n<!here>", "```\n<!here>\n```\n<!¦here>"},
		{"~~~ <!here>\n```\n<@U12>\n~~~~", "~~~ <!¦here>\n```\n<@U12>\n~~~~"},
		{"- a\n\n      <!here>\n\n    <!here>", "- a\n\n      <!here>\n\n    <!¦here>"},
		{"a\n\n    <!here>\n\n\t<@U12>\na", "a\n\n    <!here>\n\n\t<@U12>\na"},
		{"> ```\n> <!here>\n<!here>", "> ```\n> <!here>\n<!¦here>"},
		{"<!here> `<!here>`", "<!¦here> `<!here>`"},
		{"<details>\n\n```\n<!here>\n```\n</details>", "<details>\n\n```\n<!here>\n```\n</details>"},
		{"[^1]: Run `<!here>` now.", "[^1]: Run `<!here>` now."},
		{"[a](https://e.example/a_(b)) `<!here>`", "[a](https://e.example/a_(b)) `<!here>`"},
		{"[1]: https://e.example 'a `'\n[2]: <b>\n`<!here>`", "[1]: https://e.example 'a `'\n[2]: <b>\n`<!here>`"},

		// These look like code and are none.
		{"`<!here>", "`<!¦here>"},
		{"``<!here>`", "``<!¦here>`"},
		{"\\`<!here>`", "\\`<!¦here>`"},
		{"`a\n\n<!here>`", "`a\n\n<!¦here>`"},
		{"a\n    <!here>", "a\n    <!¦here>"},
		{"- `a\n- <!here>`", "- `a\n- <!¦here>`"},
		{"| `a | <!here>` |\n|---|---|", "| `a | <!¦here>` |\n|---|---|"},
		{"<a title=\"`\">`<!here>`", "<a title=\"`\">`<!here>`"},
		{"<a title='`'> <!here> `", "<a title='`'> <!¦here> `"},
		{"<https://e.example/`> <!here> `", "<https://e.example/`> <!¦here> `"},
		{"<!-- ` --> <!here> `", "<!-- ` --> <!¦here> `"},
		{"<div>\n```\n<!here>\n```", "<div>\n```\n<!¦here>\n```"},
		{"<pre>\n\n    <!here>\n\n</pre>\n\n    <!here>", "<pre>\n\n    <!¦here>\n\n</pre>\n\n    <!here>"},
		{"-\n\n\ta```\n<!here>```", "-\n\n\ta```\n<!¦here>```"},
		{"1.\n\n   <?\n~~~\n<!here>", "1.\n\n   <?\n~~~\n<!¦here>"},
		{"-     \n\n  <r>\n```\n<!here>", "-     \n\n  <r>\n```\n<!¦here>"},
		{"1|>\n-||\n<b>\n<pre\n\n    <!here>", "1|>\n-||\n<b>\n<pre\n\n    <!¦here>"},

		// Parsers disagree on these.
		{"[a](b`c) `<!here>`", "[a](b`c) `<!¦here>`"},
		{"[a][b`c] `<!here>`", "[a][b`c] `<!¦here>`"},
		{"https://e.example/`a <!here> `", "https://e.example/`a <!¦here> `"},
		{"- -\t```\n\t<!here>", "- -\t```\n\t<!¦here>"},
		{"> \t-\n\t<!here>\n\nb\n\n\t<!here>", "> \t-\n\t<!¦here>\n\nb\n\n\t<!here>"},
		{"<b>\t\n<pre\n\n~~~\n<!here>", "<b>\t\n<pre\n\n~~~\n<!¦here>"},
		{"[1]:`\n-\n    <!here>", "[1]:`\n-\n    <!¦here>"},
		{"[a]:`\f<!here>`", "[a]:`\f<!¦here>`"},
		{"**\n-|-\n-\n  =\n\n\t<!here>", "**\n-|-\n-\n  =\n\n\t<!¦here>"},
		{"| a | b |\n|---|\n\n```\n<!here>\n```", "| a | b |\n|---|\n\n```\n<!here>\n```"},
		{strings.Repeat("> ", 9) + "`<!here>`", strings.Repeat("> ", 9) + "`<!¦here>`"},
	} {
		want := strings.ReplaceAll(tt.want, "¦", wordJoiner)
		if got := neutralize(clean(tt.in)); got != want {
			t.Errorf("%q: got %+q, want %+q", tt.in, got, want)
		}
		if got := neutralize(want); got != want {
			t.Errorf("%q: got %+q the second time", want, got)
		}
	}
}

func BenchmarkNeutralize(b *testing.B) {
	for _, unit := range []string{
		"Some text with a `List<T>` and bob@example.com, <@U12>, <!here>.\n", "<!--", "<a ", "`a``", "](", "[a](", "[[", "<<", ">>", "||", "*a ", "<!here", "\\",
	} {
		for _, size := range []int{8 << 10, 64 << 10, 1 << 20} { // as many bytes a second for each
			text := strings.Repeat(unit, size/len(unit)) + "<!here>"
			b.Run(fmt.Sprintf("%.4q/%dK", unit, size>>10), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					neutralize(text)
				}
			})
		}
	}
}
