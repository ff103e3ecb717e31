package plaintext

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark/text"

	"github.com/agenbridge/agenbridge/bridge/markdown"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden shows what people see: testdata/golden/*.md rendered into *.txt, below it the line for notifications.
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
			got := Render(string(md)) + "\n\n=== in a notification\n" + Summary(string(md), 120) + "\n"
			golden := strings.TrimSuffix(source, ".md") + ".txt"
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

func TestRender(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{" \n\n ", " \n\n "},
		{"a & b &amp; c &lt;d&gt; &copy; &copy &nosuch; &#x41;", "a & b & c <d> © &copy &nosuch; A"},
		{`\*x\* \&lt; \\ &amp;lt;`, `*x* &lt; \ &lt;`},
		{"**bold** *it* __bold__ _it_ ~~no~~ ***both***", "bold it bold it ~~no~~ both"},
		{"**a **b** c**", "a b c"},
		{"un**believ**able", "unbelievable"},
		{"**a\nb**", "a\nb"},
		{"# Heading with **bold** and *it*", "Heading with bold and it"},
		{"Heading\n===\n\n***\nx", "Heading\n\n───\n\nx"},
		{"a  \nb\\\nc\nd<br>e", "a\nb\nc\nd\ne"},
		{"`a < b` ``x ` y`` `&lt;\\*`", `a < b x ` + "`" + ` y &lt;\*`},
		{"[w & w](https://e.example/?a=1&b=2)", "w & w (https://e.example/?a=1&b=2)"},
		{"[**w** `c`](https://e.example/a%20b|c \"title\")", "w c (https://e.example/a%20b|c)"},
		{"[x](./file.go) [x](#a) [](y) [y](y) [z]()", "x (./file.go) x (#a) y y z"},
		{"[x](!here) [y](@U1) [z](javascript:a)", "x (!here) y (@U1) z (javascript:a)"},
		{"[x][1] [y][] [z]\n\n[1]: https://e.example 'title'\n[y]: y.go\n[z]: z.go", "x [1] [y] [z]\n\n[1]: https://e.example\n\n[y]: y.go\n\n[z]: z.go"},
		{"<https://e.example> https://e.example/a_b_c@here a@e.example www.e.example", "<https://e.example> https://e.example/a_b_c@here a@e.example www.e.example"},
		{"[a@e.example](mailto:a@e.example)", "a@e.example"},
		{"<!subteam^S1|@team> <a.b+c@e.example>", "<!subteam^S1|@team> <a.b+c@e.example>"},
		{"<std::vector> List<T> <b>x</b>", "<std::vector> List<T> <b>x</b>"},
		{"<!-- a\n\nb -->\nc", "<!-- a\n\nb -->\n\nc"},
		{"![alt](https://e.example/i.png) ![](https://e.example/i.png)", "alt (https://e.example/i.png) https://e.example/i.png"},
		{"<@U1> <!channel> <!here|x> @everyone `@here`", "<@U1> <!channel> <!here|x> @everyone @here"},
		{"@**here** &lt;!here&gt; <!**here**>", "@here <!here> <!here>"},
		{"- a\n- b\n  - c\n\n    d\n- [x] e", "• a\n• b\n    • c\n\n        d\n• ☑ e"},
		{"3) a\n5) b\n   c", "3. a\n4. b\n    c"},
		{"- - a\n-\n  > b", "• • a\n• > b"},
		{"> a\n>\n> > b\nc", "> a\n>\n> > b\n> > c"},
		{"- x\n  ```go\n\n    a\n\n  b\n  ```", "• x\n\n      a\n\n    b"},
		{"|a|b|\n|-|-|\n|`c\\|d`|e<br>f|\n|g|", "a | b\nc|d | e f\ng | "},
		{"````go\n```\n````", "```"},
		{"```\n\n```\nx", "x"},
		{"```\n```", "```\n```"},
		{"x\xffy", "x\uFFFDy"},
		{strings.Repeat("> ", 20) + "a\nb", strings.Repeat("> ", maxDepth) + "a\n" + strings.Repeat("> ", maxDepth) + "b"},
	} {
		if got, want := Render(tt.in), tt.want; got != want {
			t.Errorf("%q: got %+q, want %+q", tt.in, got, want)
		}
	}
}

// TestATextThatWouldGrowIsShownAsItIs has a table that a parser fills up with 250,000 cells.
func TestATextThatWouldGrowIsShownAsItIs(t *testing.T) {
	md := strings.Repeat("|a", 500) + "\n" + strings.Repeat("|-", 500) + "\n" + strings.Repeat("x\n", 500)
	if got := Render(md); got != md {
		t.Errorf("%d bytes became %d", len(md), len(got))
	}
}

func TestSummary(t *testing.T) {
	for _, tt := range []struct {
		in    string
		limit int
		want  string
	}{
		{"", 10, ""},
		{"R&D, a<b>c &amp;", 100, "R&D, a<b>c &"},
		{"# A **b**\n\n- [w](https://e.example) `c`\n\n| t | u |\n|---|---|\n| 1 | 2 |", 100, "A b w c t u 1 2"},
		{"one two three four", 12, "one two…"},
		{"one two three four", 18, "one two three four"},
		{"onetwothree", 4, "one…"},
		{"x", 0, ""},
		{"abcde\u0301f", 6, "abcd…"},
		{"a & <b> @here", 100, "a & <b> @here"},
		{"1. [](https://e.example)\n\n> ~~q~~\n\n***\n\n[r]: x", 100, "https://e.example q"},
		{"@**here**", 100, "@here"},
		{"שלום **עולם**", 6, "שלום…"},
	} {
		if got := Summary(tt.in, tt.limit); got != tt.want {
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
	for _, part := range markdown.Split(md, 12_000) {
		parts.WriteString(Render(part) + "\n")
	}
	words := func(s string) int { return strings.Count(s, "word") }
	if got, want := words(parts.String()), words(md); got != want {
		t.Errorf("got %d words in the parts, want %d", got, want)
	}
	for _, mark := range []string{"**", "```", "---"} {
		if got := strings.Count(parts.String(), mark); got != 0 {
			t.Errorf("got %d of %q that weren't read", got, mark)
		}
	}
}

func longAnswer(size int) string {
	unit := "## A heading\n\nSome **words** word word, `code`.\n\n- item word\n  - inner **word**\n\n    ```go\n" +
		strings.Repeat("    word()\n", 30) + "    ```\n\n| a | b |\n|---|--:|\n" + strings.Repeat("| word | **word** |\n", 30) + "\n"
	return strings.Repeat(unit, size/len(unit)+1)
}

// check checks what is true of every rendering.
func check(t *testing.T, md string) {
	t.Helper()
	document, line := Render(md), Summary(md, 80)
	for _, out := range []string{document, line} {
		if !utf8.ValidString(out) {
			t.Fatalf("%q: got invalid UTF-8: %q", md, out)
		}
	}
	if got, most := utf8.RuneCountInString(document), maxGrowth*utf8.RuneCountInString(md); got > most {
		t.Fatalf("%q: got %d characters, want at most %d", md, got, most)
	}
	if n := utf8.RuneCountInString(line); n > 80 || strings.Contains(line, "\n") {
		t.Fatalf("%q: got a line of %d characters: %q", md, n, line)
	}
}

// FuzzRender also fails when goldmark panics, which Render hides.
func FuzzRender(f *testing.F) {
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
			for _, wordsOnly := range []bool{false, true} {
				r := renderer{src: []byte(part), wordsOnly: wordsOnly}
				r.blocks(parser.Parse(text.NewReader(r.src)), "\n\n")
			}
		}
		check(t, md)
	})
}

func BenchmarkRender(b *testing.B) {
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
				Render(bb.md)
			}
		})
	}
}
