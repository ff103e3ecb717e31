package mrkdwn

import (
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"github.com/agenbridge/agenbridge/bridge/markdown"
)

// FromMarkdown renders Markdown (CommonMark with GitHub's extensions) as mrkdwn
// (https://docs.slack.dev/messaging/formatting-message-text). A text longer than 12,000 characters is rendered in the
// parts that markdown.Split makes of it. One that the parser fails at is only escaped.
func FromMarkdown(md string) string {
	var out []string
	for _, part := range parts(md) {
		text, ok := rendered(part, renderer.document)
		if !ok {
			text = unfenced(escape(part))
		}
		if text = strings.Trim(text, "\n"); text != "" {
			out = append(out, text)
		}
	}
	return markdown.Neutralize(strings.Join(out, "\n"))
}

// PlainText is the text of Markdown on one line of at most limit characters (code points) as people see them, with … for
// what is missing, and no markup. It is escaped like mrkdwn, because Slack reads a message's text, which notifications
// show, as that (https://docs.slack.dev/reference/methods/chat.postMessage#arg_text).
func PlainText(md string, limit int) string {
	var words []string
	for _, part := range parts(md) {
		text, ok := rendered(part, renderer.plain)
		if !ok {
			text = part
		}
		words = append(words, strings.Fields(text)...)
		if len(words) > limit {
			break
		}
	}
	return markdown.Neutralize(unfenced(escape(shortened(strings.Join(words, " "), limit))))
}

// maxParsed bounds what is parsed in one piece. The parser's time grows with the square of the length for a text of
// nothing but > or [, to seconds for 100 KB; and this is as much as a message holds.
const maxParsed = 12_000

// parts are a text as it is parsed: in one piece, if it isn't long.
func parts(md string) []string {
	if md = strings.ToValidUTF8(md, "\uFFFD"); len(md) <= maxParsed {
		return []string{md}
	}
	return markdown.Split(md, maxParsed)
}

var parser = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

// rendered parses and renders. What comes from an agent must not end the program, so a parser's panic is contained:
// ok is false then.
func rendered(md string, render func(renderer, ast.Node) string) (out string, ok bool) {
	defer func() {
		if recover() != nil {
			out, ok = "", false
		}
	}()
	r := renderer{src: []byte(md)}
	return render(r, parser.Parse(text.NewReader(r.src))), true
}

// shortened cuts a line, between two words where one ends in its second half, else between two characters.
func shortened(line string, limit int) string {
	runes := []rune(line)
	if len(runes) <= limit {
		return line
	}
	if limit < 1 {
		return ""
	}
	end := limit - 1
	for end > 0 && (unicode.In(runes[end], unicode.M, unicode.Cf, unicode.Sk) || runes[end-1] == '\u200D') {
		end--
	}
	cut := string(runes[:end])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 && runes[end] != ' ' {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ") + "…"
}
