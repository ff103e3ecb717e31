package mrkdwn

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// text is the text of a leaf, which may go over into the next line.
func (r renderer) text(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Text:
		out := string(n.Value(r.src))
		if !n.IsRaw() {
			out = unescaped(out)
		}
		if n.SoftLineBreak() || n.HardLineBreak() {
			out += "\n"
		}
		return out
	case *ast.String:
		return string(n.Value)
	}
	return ""
}

// plain is the text of a node without any markup, its blocks and cells on lines of their own.
func (r renderer) plain(n ast.Node) string {
	var out strings.Builder
	r.writePlain(&out, n)
	return out.String()
}

func (r renderer) writePlain(out *strings.Builder, n ast.Node) {
	switch n := n.(type) {
	case *ast.Text, *ast.String:
		out.WriteString(r.text(n))
	case *ast.FencedCodeBlock, *ast.CodeBlock, *ast.HTMLBlock:
		out.WriteString(r.source(n) + "\n")
		return
	case *ast.AutoLink:
		out.Write(n.Label(r.src))
	case *ast.RawHTML:
		out.Write(n.Segments.Value(r.src))
	case *east.TaskCheckBox:
		out.WriteString(box(n))
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		r.writePlain(out, c)
	}
	if n.Type() == ast.TypeBlock {
		out.WriteByte('\n')
	}
}

// escape writes the characters that Slack has a meaning for.
func escape(text string) string { return escaper.Replace(text) }

// unfenced keeps backticks in text from beginning or ending a block of code.
func unfenced(text string) string {
	if !strings.Contains(text, "```") {
		return text
	}
	var out strings.Builder
	n := 0
	for i := range len(text) {
		if text[i] != '`' {
			n = 0
		} else if n++; n == 3 {
			out.WriteString("\u2060") // seen by nobody
			n = 1
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// unescaped resolves backslashes and entities, each once: \&lt; is &lt;.
func unescaped(text string) string {
	if !strings.ContainsAny(text, "\\&") {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && util.IsPunct(text[i+1]):
			i++
			out.WriteByte(text[i])
		case text[i] == '&':
			entity, resolved := entity(text[i:])
			out.WriteString(resolved)
			i += len(entity) - 1
		default:
			out.WriteByte(text[i])
		}
	}
	return out.String()
}

// maxEntity is longer than the longest name of an entity.
const maxEntity = 40

// entity is the entity that text begins with, and what it stands for; the ampersand alone where it is none.
func entity(text string) (entity, resolved string) {
	end := strings.IndexByte(text[:min(len(text), maxEntity)], ';')
	if end < 0 {
		return "&", "&"
	}
	in := []byte(text[:end+1])
	out := strings.ToValidUTF8(string(util.ResolveEntityNames(util.ResolveNumericReferences(in))), "\uFFFD")
	if out == string(in) {
		return "&", "&"
	}
	return string(in), out
}
