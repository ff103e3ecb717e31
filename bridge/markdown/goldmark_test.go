package markdown

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// TestSplitByAnotherParser has the parts of random texts, with fences, tables, lists and quotes in each other, read by
// goldmark: what is code in the text must be in the parts, line for line, and nothing else.
func TestSplitByAnotherParser(t *testing.T) {
	for seed := range uint64(1000) {
		g := generator{Rand: rand.New(rand.NewPCG(seed, 3))}
		for range 1 + g.IntN(4) {
			g.blocks("", 0)
		}
		md, limit := g.String(), MinLimit+g.IntN(2000)
		var got string
		for _, part := range Split(md, limit) {
			got += codeIn(part)
		}
		if want := codeIn(md); got != want {
			t.Fatalf("seed %d, limit %d: got the code %q, want %q", seed, limit, got, want)
		}
	}
}

var goldmarkParser = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

// codeIn is the code of a text, which is numbered, without white space.
func codeIn(md string) string {
	src := []byte(md)
	var code strings.Builder
	var visit func(ast.Node)
	visit = func(n ast.Node) {
		if n.Kind() == ast.KindFencedCodeBlock || n.Kind() == ast.KindCodeBlock {
			for line := range strings.SplitSeq(string(n.Lines().Value(src)), "\n") {
				code.WriteString(strings.TrimSpace(line))
			}
		}
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			visit(c)
		}
	}
	visit(goldmarkParser.Parse(text.NewReader(src)))
	return code.String()
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
		switch g.IntN(6) {
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
	for i := range g.IntN(40) {
		g.line(marks, fmt.Sprintf("code %d.%d", g.n, i))
		if g.IntN(9) == 0 {
			g.line(marks, "")
		}
	}
	g.line(marks, run)
}

func (g *generator) line(marks, text string) {
	g.WriteString(strings.TrimRight(marks+text, " ") + "\n")
}
