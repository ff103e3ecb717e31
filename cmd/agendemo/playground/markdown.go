package playground

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

var markdownParser = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

// markdownNodes renders a markdown block as Slack does
// (https://docs.slack.dev/reference/block-kit/blocks/markdown-block).
//
// A panic of the parser must not end the page: the text is then shown unrendered.
func markdownNodes(source string) (shown []node) {
	defer func() {
		if recover() != nil {
			shown = lines(source)
		}
	}()
	m := markdown{source: []byte(source)}
	return m.kids(markdownParser.Parse(text.NewReader(m.source)))
}

type markdown struct{ source []byte }

func (m markdown) kids(parent ast.Node) []node {
	var all []node
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		all = append(all, m.node(n)...)
	}
	return all
}

// simple maps the kinds of nodes that consist of a tag and its content only.
var simple = map[ast.NodeKind]string{
	ast.KindParagraph: "p", ast.KindTextBlock: "div", ast.KindHeading: "h3", ast.KindBlockquote: "blockquote",
	ast.KindListItem: "li", ast.KindThematicBreak: "hr", ast.KindCodeSpan: "code", east.KindStrikethrough: "s",
	east.KindTable: "table",
}

func (m markdown) node(n ast.Node) []node {
	if tag, ok := simple[n.Kind()]; ok {
		return []node{element(tag, m.kids(n)...)}
	}
	switch n := n.(type) {
	case *ast.Text:
		return m.text(n)
	case *ast.String:
		return []node{textNode(string(n.Value))}
	case *ast.Emphasis:
		return []node{element([]string{"i", "i", "b"}[min(n.Level, 2)], m.kids(n)...)}
	case *ast.List:
		return []node{m.list(n)}
	case *ast.FencedCodeBlock, *ast.CodeBlock, *ast.HTMLBlock:
		return []node{element("pre", textNode(strings.TrimRight(m.raw(n.Lines()), "\n")))}
	case *ast.RawHTML:
		return []node{textNode(m.raw(n.Segments))}
	case *ast.Link:
		return []node{linkNode(string(n.Destination), m.kids(n)...)}
	case *ast.Image: // Slack shows a link
		return []node{linkNode(string(n.Destination), m.kids(n)...)}
	case *ast.AutoLink:
		return []node{linkNode(string(n.URL(m.source)), textNode(string(n.Label(m.source))))}
	case *east.TableHeader:
		return []node{element("tr", m.cells(n, "th")...)}
	case *east.TableRow:
		return []node{element("tr", m.cells(n, "td")...)}
	case *east.TaskCheckBox:
		return []node{textNode(map[bool]string{true: "☑ ", false: "☐ "}[n.IsChecked])}
	}
	return m.kids(n)
}

func (m markdown) text(n *ast.Text) []node {
	said := n.Segment.Value(m.source)
	if !n.IsRaw() {
		said = util.ResolveNumericReferences(util.ResolveEntityNames(util.UnescapePunctuations(said)))
	}
	all := []node{textNode(string(said))}
	if n.SoftLineBreak() || n.HardLineBreak() { // Slack keeps both
		all = append(all, element("br"))
	}
	return all
}

func (m markdown) list(n *ast.List) node {
	if !n.IsOrdered() {
		return element("ul", m.kids(n)...)
	}
	return element("ol", m.kids(n)...).with("start", strconv.Itoa(n.Start))
}

func (m markdown) cells(row ast.Node, tag string) []node {
	var all []node
	for c := row.FirstChild(); c != nil; c = c.NextSibling() {
		cell := element(tag, m.kids(c)...)
		if c, ok := c.(*east.TableCell); ok && c.Alignment == east.AlignRight {
			cell = cell.with("class", "right")
		}
		all = append(all, cell)
	}
	return all
}

func (m markdown) raw(segments *text.Segments) string {
	var b strings.Builder
	for i := range segments.Len() {
		at := segments.At(i)
		b.Write(at.Value(m.source))
	}
	return b.String()
}
