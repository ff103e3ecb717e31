package plaintext

import (
	"bufio"
	"bytes"
	"html"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	ghtml "github.com/yuin/goldmark/renderer/html"
)

// maxDepth bounds how many levels of quotes and lists are indented. Deeper ones stand at the same margin.
const maxDepth = 16

// renderer writes the nodes that were parsed from src as text.
type renderer struct {
	src []byte
	// wordsOnly leaves out what only makes sense on several lines, or is too long for one: markers and link targets.
	wordsOnly bool
	// depth is how many quotes and list items the nodes are in.
	depth int
}

// blocks renders the children of a node, with a separator between those that aren't empty.
func (r renderer) blocks(parent ast.Node, separator string) string {
	var out []string
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if text := r.block(n); strings.TrimSpace(text) != "" {
			out = append(out, text)
		}
	}
	return strings.Join(out, separator)
}

func (r renderer) block(n ast.Node) string {
	switch n := n.(type) {
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		return strings.TrimSuffix(string(n.Lines().Value(r.src)), "\n")
	case *ast.HTMLBlock:
		source := string(n.Lines().Value(r.src))
		if n.HasClosure() {
			source += string(n.ClosureLine.Value(r.src))
		}
		return strings.TrimRight(source, "\n")
	case *ast.Blockquote:
		return r.contained(n, "\n\n", "> ", "> ")
	case *ast.List:
		return r.list(n)
	case *east.Table:
		return r.blocks(n, "\n")
	case *east.TableHeader, *east.TableRow:
		return r.row(n)
	case *ast.ThematicBreak:
		return r.marker("───")
	case *ast.LinkReferenceDefinition:
		return r.marker("[" + string(n.Label) + "]: " + unescape(n.Destination))
	default:
		return r.inline(n)
	}
}

// marker is text that is left out where only words are wanted.
func (r renderer) marker(text string) string {
	if r.wordsOnly {
		return ""
	}
	return text
}

// contained renders the children of a quote or a list item: first stands before their first line, rest before the
// others.
func (r renderer) contained(n ast.Node, separator, first, rest string) string {
	r.depth++
	text := r.blocks(n, separator)
	if r.wordsOnly || r.depth > maxDepth {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(first, " ")
		if line != "" {
			lines[i] = first + line
		}
		first = rest
	}
	return strings.Join(lines, "\n")
}

func (r renderer) list(n *ast.List) string {
	separator := "\n\n"
	if n.IsTight {
		separator = "\n"
	}
	var items []string
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "• "
		if n.IsOrdered() {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		items = append(items, r.contained(item, separator, mark, "    "))
	}
	return strings.Join(items, separator)
}

func (r renderer) row(n ast.Node) string {
	var cells []string
	for cell := n.FirstChild(); cell != nil; cell = cell.NextSibling() {
		cells = append(cells, strings.ReplaceAll(r.inline(cell), "\n", " "))
	}
	return strings.Join(cells, " "+r.marker("| "))
}

// inline renders the text in a block or in another inline node.
func (r renderer) inline(parent ast.Node) string {
	var out strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		out.WriteString(r.span(n))
	}
	return out.String()
}

func (r renderer) span(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Text:
		return r.text(n)
	case *ast.String:
		return string(n.Value)
	case *east.Strikethrough:
		return r.marker("~~") + r.inline(n) + r.marker("~~")
	case *ast.Link:
		return r.link(r.inline(n), n.Destination, n.Reference)
	case *ast.Image:
		return r.link(r.inline(n), n.Destination, n.Reference)
	case *ast.AutoLink:
		label := string(n.Label(r.src))
		if at := n.Pos(); at >= 0 && r.src[at] == '<' { // it may be <std::vector> as well
			return "<" + label + ">"
		}
		return label
	case *ast.RawHTML:
		source := string(n.Segments.Value(r.src))
		if strings.EqualFold(strings.Trim(source, "</> "), "br") {
			return "\n"
		}
		return source
	case *east.TaskCheckBox:
		if n.IsChecked {
			return "☑ "
		}
		return "☐ "
	default: // emphasis, code
		return r.inline(n)
	}
}

func (r renderer) text(n *ast.Text) string {
	source := n.Value(r.src)
	out := string(source)
	if !n.IsRaw() {
		out = unescape(source)
	}
	if n.SoftLineBreak() || n.HardLineBreak() {
		out += "\n"
	}
	return out
}

// link is a link's label and where it leads. A reference is shown as one, since many may lead to one long address.
func (r renderer) link(label string, destination []byte, reference *ast.ReferenceLink) string {
	target := unescape(destination)
	switch {
	case r.wordsOnly && label != "", target == label, target == "mailto:"+label, target == "":
		return label
	case reference != nil && reference.Type == ast.ReferenceLinkFull:
		return label + " [" + string(reference.Value) + "]"
	case reference != nil:
		return "[" + label + "]"
	case label == "":
		return target
	}
	return label + " (" + target + ")"
}

// unescape resolves backslashes and entities, each once: \&lt; is &lt;. The parser's own writer makes HTML of them.
func unescape(source []byte) string {
	if !bytes.ContainsAny(source, "\\&\x00") {
		return string(source)
	}
	var out strings.Builder
	w := bufio.NewWriter(&out)
	ghtml.DefaultWriter.Write(w, source)
	_ = w.Flush() // a Builder takes everything
	return html.UnescapeString(out.String())
}
