package mrkdwn

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/bridge/markdown"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden shows what people see: testdata/golden/*.md rendered into *.mrkdwn, below it the line for notifications.
func TestGolden(t *testing.T) {
	sources, err := filepath.Glob(filepath.Join("testdata", "golden", "*.md"))
	if err != nil || len(sources) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, source := range sources {
		t.Run(filepath.Base(source), func(t *testing.T) {
			md, err := os.ReadFile(source)
			if err != nil {
				t.Fatal(err)
			}
			got := FromMarkdown(string(md)) + "\n\n=== in a notification\n" + PlainText(string(md), 120) + "\n"
			golden := strings.TrimSuffix(source, ".md") + ".mrkdwn"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s isn't what it was (-want +got):\n%s", golden, diff)
			}
			check(t, string(md))
		})
	}
}

func TestFromMarkdown(t *testing.T) {
	// In want ¦ is a WORD JOINER and ‖ a ZERO WIDTH SPACE.
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{" \n\n ", ""},
		{"a & b &amp; c &lt;d&gt; &copy; &nosuch; &#x41;", "a &amp; b &amp; c &lt;d&gt; © &amp;nosuch; A"},
		{`\*x\* \&lt; \\`, `*x* &amp;lt; \`},
		{"**bold** *it* __bold__ _it_ ~~no~~ ***both***", "*bold* _it_ *bold* _it_ ~no~ _*both*_"},
		{"**a **b** c**", "*a b c*"},
		{"un**believ**able", "un‖*believ*‖able"},
		{"**a\nb**", "*a*\n*b*"},
		{"# Heading with **bold** and *it*", "*Heading with bold and* *_it_*"},
		{"a  \nb\\\nc\nd<br>e", "a\nb\nc\nd\ne"},
		{"`a < b` ``x ` y``", "`a &lt; b` `x ˋ y`"},
		{"[w & w](https://e.example/?a=1&b=2)", "<https://e.example/?a=1&amp;b=2|w &amp; w>"},
		{"[**w** `c`](https://e.example/a%20b|c)", "<https://e.example/a%20b%7Cc|w c>"},
		{"[x](./file.go) [x](#a) [](y)", "x (./file.go) x (#a) y"},
		{"[x](!here) [y](@U1) [z](javascript:a)", "x (!here) y (@U1) z (javascript:a)"},
		{"<https://e.example> https://e.example/@here?@here a@e.example", "<https://e.example> <https://e.example/%40here?%40here> <mailto:a@e.example|a@e.example>"},
		{"<!subteam^S1|@team> <a.b+c@e.example>", "&lt;!subteam^S1|@team&gt; <mailto:a.b+c@e.example|a.b+c@e.example>"},
		{"<std::vector> List<T> <b>x</b>", "&lt;std::vector&gt; List&lt;T&gt; &lt;b&gt;x&lt;/b&gt;"},
		{"![alt](https://e.example/i.png) ![](https://e.example/i.png)", "<https://e.example/i.png|alt> <https://e.example/i.png>"},
		{"<@U1> <!channel> <!here|x> @everyone `@here`", "&lt;@U1&gt; &lt;!channel&gt; &lt;!here|x&gt; @¦everyone `@¦here`"},
		{"@**here** &lt;!here&gt;", "@*here* &lt;!here&gt;"},
		{"\\`\\`\\`\\`x", "``¦``x"},
		{"\\```", "``¦`"},
		{"`a`\\`\\`", "`a``¦`"},
		{"````go\n```\n````", "```\n``¦`\n```"},
		{"```\n\n```\nx", "x"},
		{"x\xffy", "x\uFFFDy"},
	} {
		want := strings.NewReplacer("¦", "\u2060", "‖", "\u200B").Replace(tt.want)
		if got := FromMarkdown(tt.in); got != want {
			t.Errorf("%q: got %+q, want %+q", tt.in, got, want)
		}
	}
}

func TestPlainText(t *testing.T) {
	for _, tt := range []struct {
		in    string
		limit int
		want  string
	}{
		{"", 10, ""},
		{"# A **b**\n\n- [w](https://e.example) `c`\n\n| t | u |\n|---|---|\n| 1 | 2 |", 100, "A b w c t u 1 2"},
		{"one two three four", 12, "one two…"},
		{"one two three four", 18, "one two three four"},
		{"onetwothree", 4, "one…"},
		{"x", 0, ""},
		{"abcde\u0301f", 6, "abcd…"},
		{"a & <b> @here", 100, "a &amp; &lt;b&gt; @\u2060here"},
		{"@**here**", 100, "@\u2060here"},
		{"שלום **עולם**", 6, "שלום…"},
	} {
		if got := PlainText(tt.in, tt.limit); got != tt.want {
			t.Errorf("%q, %d: got %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

// TestLongAnswer renders 100 KB, whole and in the parts that it is posted in: the words must be the same, which they
// aren't where a fence is left open or a row loses its table.
func TestLongAnswer(t *testing.T) {
	md := longAnswer(100 << 10)
	check(t, md)
	var parts strings.Builder
	for _, part := range markdown.Split(markdown.Neutralize(md), 12_000) {
		parts.WriteString(FromMarkdown(part) + "\n")
	}
	words := func(s string) int { return strings.Count(s, "word") }
	if got, want := words(parts.String()), words(md); got != want {
		t.Errorf("got %d words in the parts, want %d", got, want)
	}
	if got, want := strings.Count(parts.String(), "**"), 0; got != want {
		t.Errorf("got %d marks that weren't read, want %d", got, want)
	}
}

func longAnswer(size int) string {
	unit := "## A heading\n\nSome **words** word word, `code`.\n\n- item word\n  - inner **word**\n\n    ```go\n" +
		strings.Repeat("    word()\n", 30) + "    ```\n\n| a | b |\n|---|--:|\n" + strings.Repeat("| word | **word** |\n", 30) + "\n"
	return strings.Repeat(unit, size/len(unit)+1)
}

var (
	ownLink = regexp.MustCompile(`<(https?|mailto|tel|ftp):[^<>|\n]+(\|[^<>\n]*)?>`)
	ownMark = regexp.MustCompile(`(?m)^> ?| +> `)
	escaped = regexp.MustCompile(`&(amp|lt|gt);`)
)

// check checks what is true of every rendering.
func check(t *testing.T, md string) {
	t.Helper()
	for _, out := range []string{FromMarkdown(md), PlainText(md, 80)} {
		if !utf8.ValidString(out) {
			t.Fatalf("%q: got invalid UTF-8: %q", md, out)
		}
		if twice := markdown.Neutralize(out); twice != out {
			t.Fatalf("%q: got %q, which notifies", md, out)
		}
		rest := escaped.ReplaceAllString(ownMark.ReplaceAllString(ownLink.ReplaceAllString(out, ""), ""), "")
		if i := strings.IndexAny(rest, "<>&"); i >= 0 {
			t.Fatalf("%q: got %q, where %q isn't escaped", md, out, rest[i:])
		}
		if strings.Count(out, "```")%2 != 0 {
			t.Fatalf("%q: got %q, where a fence is open", md, out)
		}
	}
	line := strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "\u2060", "").Replace(PlainText(md, 80))
	if n := utf8.RuneCountInString(line); n > 80 || strings.Contains(line, "\n") {
		t.Fatalf("%q: got a line of %d characters: %q", md, n, line)
	}
}

// FuzzFromMarkdown also fails when goldmark panics, which FromMarkdown hides.
func FuzzFromMarkdown(f *testing.F) {
	for _, pattern := range []string{"golden/*.md", "seeds/*.md"} {
		files, err := filepath.Glob(filepath.Join("testdata", pattern))
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds %s: %v", pattern, err)
		}
		for _, name := range files {
			seed, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(seed))
		}
	}
	f.Fuzz(func(t *testing.T, md string) {
		for _, part := range parts(md) {
			if _, ok := rendered(part, renderer.document); !ok {
				t.Fatalf("%q: the parser or we panicked", md)
			}
		}
		check(t, md)
	})
}

func BenchmarkFromMarkdown(b *testing.B) {
	const size = 100 << 10
	for _, bb := range []struct{ name, md string }{
		{"answer", longAnswer(size)},
		{"quotes", strings.Repeat(">", size)},
		{"items", strings.Repeat("- ", size/2)},
		{"nested", strings.Repeat("x\n\n"+strings.Repeat(">", 50)+"\n", size/55)},
		{"brackets", strings.Repeat("[", size)},
		{"links", strings.Repeat("[a](", size/4)},
		{"stars", strings.Repeat("*a _b ", size/6)},
		{"backticks", strings.Repeat("`a``b", size/5)},
		{"cells", strings.Repeat("|", size/2) + "\n" + strings.Repeat("-|", size/4)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(bb.md)))
			for b.Loop() {
				FromMarkdown(bb.md)
			}
		})
	}
}
