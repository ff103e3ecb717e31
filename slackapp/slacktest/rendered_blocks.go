package slacktest

import (
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// renderedBlocks returns how many blocks Slack counts in a message. It expands a markdown block before it counts
// (https://github.com/archestra-ai/archestra/pull/4980, https://github.com/metabase/metabase/pull/79908).
func renderedBlocks(blocks []object) int {
	n := 0
	for _, b := range blocks {
		if b["type"] == "markdown" {
			md, _ := b["text"].(string)
			n += RenderedBlocks(md)
		} else {
			n++
		}
	}
	return n
}

// RenderedBlocks returns how many blocks Slack makes of a markdown block with that text.
func RenderedBlocks(md string) int {
	return max(1, blocksIn(markdownParser.Parse(text.NewReader([]byte(md)))))
}

var markdownParser = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

// blocksIn counts headings, paragraphs, lists, tables, code blocks, quotes and rules at every level. It is unknown how
// much of the content of a list Slack counts, so everything counts except the text that an item begins with.
func blocksIn(parent ast.Node) int {
	n := 0
	for child := parent.FirstChild(); child != nil; child = child.NextSibling() {
		switch child.Kind() {
		case ast.KindListItem, ast.KindTextBlock, ast.KindLinkReferenceDefinition:
		case ast.KindParagraph:
			if parent.Kind() != ast.KindListItem || child.PreviousSibling() != nil {
				n++
			}
		default:
			n++
		}
		if hasBlocks(child) {
			n += blocksIn(child)
		}
	}
	return n
}

func hasBlocks(n ast.Node) bool {
	return n.Kind() == ast.KindList || n.Kind() == ast.KindListItem || n.Kind() == ast.KindBlockquote
}

// textIn counts the characters of all text in the blocks, however deep.
func textIn(v any) int {
	n := 0
	switch v := v.(type) {
	case []object:
		for _, b := range v {
			n += textIn(b)
		}
	case []any:
		for _, e := range v {
			n += textIn(e)
		}
	case object:
		for key, e := range v {
			if s, ok := e.(string); ok && key == "text" {
				n += utf8.RuneCountInString(s)
			} else {
				n += textIn(e)
			}
		}
	}
	return n
}
