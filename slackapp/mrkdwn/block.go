package mrkdwn

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
)

// maxDepth bounds the nesting that is shown. What is deeper is text.
const maxDepth = 16

// renderer writes the nodes that were parsed from src.
type renderer struct{ src []byte }

// chunk is some lines. Those of code stand at the margin whatever they are in.
type chunk struct {
	text string
	code bool
	// after is what separates it from the one before it.
	after string
}

func joined(chunks []chunk) string {
	var out strings.Builder
	for i, c := range chunks {
		if i > 0 {
			out.WriteString(c.after)
		}
		out.WriteString(c.text)
	}
	return out.String()
}

func (r renderer) document(n ast.Node) string { return joined(r.blocks(n, 0)) }

// blocks renders the children of a node, with blank lines between them.
func (r renderer) blocks(n ast.Node, depth int) []chunk {
	return r.children(n, depth, "\n\n")
}

func (r renderer) children(n ast.Node, depth int, between string) []chunk {
	var out []chunk
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		chunks := r.block(c, depth)
		if len(chunks) > 0 {
			chunks[0].after = between
		}
		out = append(out, chunks...)
	}
	return out
}

func (r renderer) block(n ast.Node, depth int) []chunk {
	if depth > maxDepth {
		return lines(escape(strings.TrimSpace(r.plain(n))))
	}
	switch n := n.(type) {
	case *ast.Heading:
		return lines(r.inline(n, style{}.with("*")))
	case *ast.ThematicBreak:
		return lines("──────────")
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		return fence(r.source(n))
	case *ast.HTMLBlock:
		html := r.source(n)
		if n.HasClosure() {
			html += string(n.ClosureLine.Value(r.src))
		}
		return lines(escape(strings.TrimRight(html, "\n")))
	case *ast.Blockquote:
		mark := "> "
		for p := n.Parent(); p != nil; p = p.Parent() {
			if p.Kind() == ast.KindBlockquote {
				mark = "│ "
			}
		}
		return marked(r.blocks(n, depth+1), mark, mark)
	case *ast.List:
		return r.list(n, depth)
	case *east.Table:
		return fence(r.table(n))
	case *ast.LinkReferenceDefinition:
		return nil
	default:
		return lines(r.inline(n, style{}))
	}
}

func lines(text string) []chunk {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return []chunk{{text: unfenced(text)}}
}

// fence sets text as code. It has no language in mrkdwn: it would be the first line.
func fence(text string) []chunk {
	text = strings.Trim(text, "\n")
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return []chunk{{text: "```\n" + unfenced(escape(text)) + "\n```", code: true}}
}

// source is a block as it was written.
func (r renderer) source(n ast.Node) string { return string(n.Lines().Value(r.src)) }

// marked puts first before the first line of chunks and rest before the others. What separates lines of one quote
// belongs to it.
func marked(chunks []chunk, first, rest string) []chunk {
	mark := first
	for i, c := range chunks {
		if c.code {
			continue
		}
		if i > 0 && !chunks[i-1].code && strings.TrimSpace(rest) != "" {
			chunks[i].after = strings.ReplaceAll(c.after, "\n\n", "\n"+strings.TrimRight(rest, " ")+"\n")
		}
		out := strings.Split(c.text, "\n")
		for j, line := range out {
			out[j] = strings.TrimRight(mark+line, " ")
			mark = rest
		}
		chunks[i].text = strings.Join(out, "\n")
	}
	return chunks
}

// list renders a list. Its items stand line by line, also where they are paragraphs: mrkdwn has no other way to show
// that they belong together.
func (r renderer) list(n *ast.List, depth int) []chunk {
	var out []chunk
	level := 0
	for p := n.Parent(); p != nil; p = p.Parent() {
		if p.Kind() == ast.KindList {
			level++
		}
	}
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		mark := []string{"• ", "◦ ", "▪ "}[level%3]
		if n.IsOrdered() {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		if isTask(item) {
			mark = ""
		}
		chunks := r.children(item, depth+1, "\n")
		if len(chunks) == 0 || chunks[0].code || item.FirstChild().Kind() == ast.KindList {
			chunks = append([]chunk{{}}, chunks...) // the mark stands alone
			chunks[min(1, len(chunks)-1)].after = "\n"
		}
		chunks = marked(chunks, mark, "    ")
		chunks[0].after = "\n"
		out = append(out, chunks...)
	}
	return out
}

// isTask is whether an item begins with a box, which stands for its mark then.
func isTask(item ast.Node) bool {
	first := item.FirstChild()
	return first != nil && first.Type() == ast.TypeBlock && first.FirstChild() != nil &&
		first.FirstChild().Kind() == east.KindTaskCheckBox
}
