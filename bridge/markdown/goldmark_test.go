package markdown

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// TestSplitByAnotherParser has the parts of random texts, with fences, tables, lists and quotes in each other, read by
// goldmark: what people see in the text must be in the parts, and nothing else.
func TestSplitByAnotherParser(t *testing.T) {
	for seed := range uint64(1000) {
		g := generator{Rand: rand.New(rand.NewPCG(seed, 3))}
		for range 1 + g.IntN(4) {
			g.blocks("", 0)
		}
		md, limit := g.String(), MinLimit+g.IntN(2000)
		parts := Split(md, limit)
		want, got := meaningOf(t, md), meaningOf(t, parts...)
		delete(want, "shown")
		delete(got, "shown")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d, limit %d: the meaning of the parts (-want +got):\n%s", seed, limit, diff)
		}
	}
}

var goldmarkParser = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

// goldmarkCode marks the bytes of a text that are code by goldmark.
func goldmarkCode(md string) []bool {
	src := []byte(md)
	code := make([]bool, len(md)+1)
	mark := func(from, to int) {
		for i := from; i < to; i++ {
			code[i] = true
		}
	}
	var visit func(ast.Node)
	visit = func(n ast.Node) {
		switch n.Kind() {
		case ast.KindFencedCodeBlock, ast.KindCodeBlock:
			for i := range n.Lines().Len() {
				mark(n.Lines().At(i).Start, n.Lines().At(i).Stop)
			}
		case ast.KindCodeSpan:
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				if t, ok := c.(*ast.Text); ok {
					mark(t.Segment.Start, t.Segment.Stop)
				}
			}
		}
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			visit(c)
		}
	}
	visit(goldmarkParser.Parse(text.NewReader(src)))
	return code
}

// checkNeutral checks a neutralized text with goldmark: no mention is in its text, and nothing was inserted in code, which
// is what both parsers take for code.
func checkNeutral(t *testing.T, md string) {
	t.Helper()
	got := neutralize(md)
	code := goldmarkCode(got)
	for i := range len(got) {
		if mentions(got, i) && !code[i] {
			t.Fatalf("%q: got %q, which notifies at byte %d", md, got, i)
		}
	}
	if seen, want := strings.ReplaceAll(got, wordJoiner, ""), strings.ReplaceAll(md, wordJoiner, ""); seen != want {
		t.Fatalf("got %q, want to see %q", seen, want)
	}
	was, ours, at := goldmarkCode(md), readCode(md).code, 0
	for i := range len(md) {
		if strings.HasPrefix(got[at:], wordJoiner) && !strings.HasPrefix(md[i:], wordJoiner) {
			at += len(wordJoiner)
			if was[i-1] && ours.has(i-1) {
				t.Fatalf("%q: got %q, which changes the code at byte %d", md, got, i)
			}
		}
		at++
	}
	if twice := neutralize(got); twice != got {
		t.Fatalf("%q: got %q, and from that %q", md, got, twice)
	}
}

// tricky are pieces of texts that are hard to tell from code, or are code.
var tricky = []string{
	"`", "``", "```", "~~~", "```go\n", "\n```\n", "\n~~~~\n", "\n", "\n", "\n\n", " ", "    ", "  ", "> ", "- ", "1. ", "2) ", "* ", "\n> ",
	"\n- ", "\n  ", "\n    ", "# ", "\n---\n", "\n===\n", "|", "\n|---|---|\n", "| a | b |", "\\", "\\`", "<b>", "</b>", "<a title='", "'>", "<!--",
	"-->", "<div>", "\n<pre>\n", "</pre>", "<?", "?>", "*", "**", "_", "~~", "a", "word", "<!here>", "<!here>", "<@U12>", "<!subteam^S1|x>", "](", ")", "[",
	"]", "[1]: ", "x: ", "<x@y.z>", "&lt;", "é", "\t", "\n\t", "\n \t", "-\t", ">\t", "\t\n", "\n\n   ", "\n      ", "\n-", "\n>", "\n#\t", "\n10) ",
	"<script>", "</script>", "<x y", "<![CDATA[", "]]>", "<!X", "![", "(", "[a]: /b", "  \n", "\f", "\u00a0", "\n***\n", "<details>\n", "<b\t>",
}

// disputed are pieces that are read as text, since parsers disagree on them.
var disputed = []string{"](`", "][`", "https://e.example/`", "www.`"}

func trickyText(r *rand.Rand) string {
	var md strings.Builder
	for range 3 + r.IntN(25) {
		md.WriteString(tricky[r.IntN(len(tricky))])
		if r.IntN(60) == 0 {
			md.WriteString(disputed[r.IntN(len(disputed))])
		}
	}
	return md.String()
}

// TestNeutralizeByAnotherParser has goldmark say what is code in random texts.
func TestNeutralizeByAnotherParser(t *testing.T) {
	for seed := range uint64(20_000) {
		checkNeutral(t, clean(trickyText(rand.New(rand.NewPCG(seed, 5)))))
	}
}

func FuzzNeutralize(f *testing.F) {
	seeds(f, "mentions*.md")
	f.Fuzz(func(t *testing.T, md string) { checkNeutral(t, clean(md)) })
}

// generator writes well-formed Markdown.
type generator struct {
	strings.Builder
	*rand.Rand
	n int
}

// blocks writes some blocks, each line behind the marks of their containers.
func (g *generator) blocks(marks string, depth int) {
	for range 1 + g.IntN(5) {
		g.n++
		g.line(marks, fmt.Sprintf("text %d", g.n))
		g.line(marks, "")
		switch g.IntN(7) {
		case 6:
			g.code(marks+"    ", fmt.Sprintf("indented %d", g.n))
			g.line(marks, "")
			g.line(marks, "text")
		case 0:
			g.line(marks, strings.Repeat("some words. ", g.IntN(60)))
		case 1:
			g.fence(marks)
		case 2:
			g.line(marks, "## heading")
		case 3:
			if depth < 4 {
				mark := []string{"- ", "1. ", "* "}[g.IntN(3)]
				g.line(marks, mark+"item")
				g.line(marks, "")
				g.blocks(marks+strings.Repeat(" ", len(mark)), depth+1)
			}
		case 4:
			if depth < 4 {
				g.blocks(marks+"> ", depth+1)
			}
		case 5:
			g.line(marks, "| cell | b |")
			g.line(marks, "|---|---|")
			for range g.IntN(30) {
				g.line(marks, "| cell | x |")
			}
		}
		g.line(marks, "")
	}
}

func (g *generator) fence(marks string) {
	run := strings.Repeat(string("`~"[g.IntN(2)]), 3+g.IntN(2))
	g.line(marks, run+"go")
	g.code(marks, fmt.Sprintf("code %d", g.n))
	g.line(marks, run)
}

func (g *generator) code(marks, line string) {
	blanks := 1 + g.IntN(9)
	for i := range g.IntN(40) {
		g.line(marks, fmt.Sprintf("%s.%d", line, i))
		if g.IntN(blanks) == 0 {
			g.line(marks, "")
		}
	}
}

func (g *generator) line(marks, text string) {
	g.WriteString(strings.TrimRight(marks+text, " ") + "\n")
}
