package markdown

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// seeds adds the files of testdata/seeds that match, and fails when there are none: a fuzz target without seeds passes
// and shows nothing.
func seeds(f *testing.F, pattern string) {
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
		if strings.HasPrefix(pattern, "mentions") {
			f.Add(string(seed))
		} else {
			f.Add(string(seed), uint16(0), uint16(40))
		}
	}
}

func TestNeutralize(t *testing.T) {
	// In want ¦ is a WORD JOINER.
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"plain text", "plain text"},
		{"<@U012ABC> and <@w1|name>", "<@¦U012ABC> and <@¦w1|name>"},
		{"<!channel> <!HERE> <!everyone|all>", "<!¦channel> <!¦HERE> <!¦everyone|all>"},
		{"<!subteam^S1|@team> <!date^0^{date}|x>", "<!¦subteam^S1|@team> <!¦date^0^{date}|x>"},
		{"<#C01> <#c01|general>", "<#¦C01> <#¦c01|general>"},
		{"`<!here>`\n```\n<@U1>\n```", "`<!¦here>`\n```\n<@¦U1>\n```"},
		{`<\@U1> <\!here> \<@U1>`, `<\@¦U1> <\!¦here> \<@¦U1>`},
		{"[x](!here) [x](@U1) [x](#c1)", "[x](!¦here) [x](@¦U1) [x](#c1)"},
		{"@channel, @Here! (@EVERYONE)", "@¦channel, @¦Here! (@¦EVERYONE)"},
		{"**@here** `@channel`", "**@¦here** `@¦channel`"},
		{"<!channel", "<!¦channel"},
		{"@@here", "@@¦here"},
		{"bob@here.example, @hereabouts, @channels, x_@here", "bob@here.example, @hereabouts, @channels, x_@here"},
		{"https://example.com/@here", "https://example.com/@here"},
		{"<https://example.com> <a@example.com>", "<https://example.com> <a@example.com>"},
		{"List<T> Map<K, V> List<@NonNull T> <!DOCTYPE html> <!-- x --> <#if x>", "List<T> Map<K, V> List<@NonNull T> <!DOCTYPE html> <!-- x --> <#if x>"},
		{"&lt;!here&gt; # Heading #C1 !important", "&lt;!here&gt; # Heading #C1 !important"},
		{"a\xffb", "a\uFFFDb"},
	} {
		want := strings.ReplaceAll(tt.want, "¦", wordJoiner)
		if got := Neutralize(tt.in); got != want {
			t.Errorf("%q: got %+q, want %+q", tt.in, got, want)
		}
	}
}

// notifying are the patterns that Neutralize leaves nothing of, in lower case.
var notifying = []*regexp.Regexp{
	regexp.MustCompile(`<\\*@[a-z0-9]+[>|]`),
	regexp.MustCompile(`<\\*#[cgd][a-z0-9]*[>|]`),
	regexp.MustCompile(`(<|\]\()\\*!(channel|here|everyone|group|subteam|date)($|[^a-z0-9])`),
	regexp.MustCompile(`\]\(\\*@[a-z0-9]+[)|]`),
	regexp.MustCompile(`(^|[^\p{L}\p{Nd}_/])@(channel|here|everyone)($|[^\p{L}\p{Nd}_])`),
}

func FuzzNeutralize(f *testing.F) {
	seeds(f, "mentions*.md")
	f.Fuzz(func(t *testing.T, text string) {
		got := Neutralize(text)
		lower := strings.Map(func(r rune) rune {
			if r >= 'A' && r <= 'Z' {
				r += 'a' - 'A'
			}
			return r
		}, got)
		for _, p := range notifying {
			if m := p.FindString(lower); m != "" {
				t.Fatalf("%q: got %q, which has %q", text, got, m)
			}
		}
		if twice := Neutralize(got); twice != got {
			t.Fatalf("%q: got %q, and from that %q", text, got, twice)
		}
		want := strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), wordJoiner, "")
		if seen := strings.ReplaceAll(got, wordJoiner, ""); seen != want {
			t.Fatalf("got %q, want to see %q", seen, want)
		}
	})
}

func BenchmarkNeutralize(b *testing.B) {
	text := strings.Repeat("Some text with a `List<T>` and bob@example.com, <@U1>, @here.\n", 1<<20/62)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Neutralize(text)
	}
}
