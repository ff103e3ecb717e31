package content

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	goldmarkhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// meaning is what another parser reads in Markdown: a line for each block, indented by its depth. Running text has {b bold},
// {i italic}, {s struck}, {c code} and {l address label}; code is quoted byte by byte.
func meaning(markdown string) string {
	m := reader{source: []byte(markdown)}
	m.blocks(goldmarkParser.Parse(text.NewReader(m.source)), "")
	return m.out.String()
}

var goldmarkParser = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

type reader struct {
	source []byte
	out    strings.Builder
}

func (m *reader) blocks(parent ast.Node, indent string) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		m.block(n, indent)
	}
}

func (m *reader) block(n ast.Node, indent string) {
	line := func(format string, args ...any) {
		m.out.WriteString(strings.TrimRight(indent+fmt.Sprintf(format, args...), " ") + "\n")
	}
	deeper := indent + "  "
	switch n := n.(type) {
	case *ast.Paragraph, *ast.TextBlock:
		line("p %s", m.running(n))
	case *ast.Heading:
		line("h%d %s", n.Level, m.running(n))
	case *ast.FencedCodeBlock:
		line("code %s %q", n.Language(m.source), n.Lines().Value(m.source))
	case *ast.CodeBlock:
		line("indented code %q", n.Lines().Value(m.source))
	case *ast.HTMLBlock:
		line("html %q", n.Lines().Value(m.source))
	case *ast.List:
		if n.IsOrdered() {
			line("ol %d", n.Start)
		} else {
			line("ul")
		}
		m.blocks(n, deeper)
	case *ast.ListItem:
		line("li")
		m.blocks(n, deeper)
	case *ast.Blockquote:
		line("quote")
		m.blocks(n, deeper)
	case *east.Table:
		line("table")
		m.blocks(n, deeper)
	case *east.TableHeader, *east.TableRow:
		var cells []string
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			cells = append(cells, m.running(c))
		}
		line("row %s", strings.Join(cells, " ¦ "))
	default:
		line("%s", n.Kind())
	}
}

func (m *reader) running(parent ast.Node) string {
	var out strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			out.WriteString(unwritten(n.Value(m.source)))
			if n.SoftLineBreak() || n.HardLineBreak() {
				out.WriteString(" ⏎ ")
			}
		case *ast.String:
			out.WriteString(unwritten(n.Value))
		case *ast.RawHTML:
			out.Write(n.Segments.Value(m.source))
		case *ast.CodeSpan:
			var code []byte
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				if s, ok := c.(*ast.Text); ok {
					code = append(code, s.Value(m.source)...)
				}
			}
			fmt.Fprintf(&out, "{c %s}", code)
		case *ast.Emphasis:
			fmt.Fprintf(&out, "{%s %s}", []string{"i", "b"}[n.Level-1], m.running(n))
		case *east.Strikethrough:
			fmt.Fprintf(&out, "{s %s}", m.running(n))
		case *ast.AutoLink:
			fmt.Fprintf(&out, "{l %s}", n.URL(m.source))
		case *ast.Link:
			fmt.Fprintf(&out, "{l %s %s}", util.URLEscape(n.Destination, true), m.running(n))
		default:
			fmt.Fprintf(&out, "{%s %s}", n.Kind(), m.running(n))
		}
	}
	return out.String()
}

// unwritten returns text without escapes and character references.
func unwritten(raw []byte) string {
	var out bytes.Buffer
	w := util.BufWriter(nopFlush{&out})
	goldmarkhtml.DefaultWriter.Write(w, raw)
	return html.UnescapeString(out.String())
}

type nopFlush struct{ *bytes.Buffer }

func (nopFlush) Buffered() int    { return 0 }
func (nopFlush) Flush() error     { return nil }
func (n nopFlush) Available() int { return n.Buffer.Available() }
