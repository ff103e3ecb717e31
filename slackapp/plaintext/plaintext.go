// Package plaintext renders Markdown as plain text: the whole document, for when Slack refuses a markdown block, and one
// line of it, for notifications. It knows Markdown; it knows nothing of messages, or of how long they may be.
//
// Slack renders Markdown itself (https://docs.slack.dev/reference/block-kit/blocks/markdown-block). This is the second
// choice. Its aim is that everything the agent said is there and can be read:
//
//   - Code, HTML and bare addresses stand as they were written.
//   - List items keep • or their number, and tasks have ☐ or ☑. What belongs to an item is indented below it, and
//     quoted lines begin with ">".
//   - The cells of a table's row stand on one line, with "|" between them.
//   - A link is its label, with the target in parentheses where that says more. A reference keeps its name, and the
//     definition stands where it was written.
//   - Text that was struck out keeps its tildes.
//
// Not shown are emphasis, the level of a heading, the language of code, the alignment of a column and the title of a
// link.
//
// The result is no markup and must not be sent as such: show it in plain_text objects, or escape it. Slack reads no
// mention in either, so nothing is changed in the words, and nothing in code.
package plaintext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"github.com/agenbridge/agenbridge/bridge/markdown"
)

// Render returns the text of a Markdown document (CommonMark with GitHub's extensions) without its markup. A document
// of more than 12,000 characters is rendered in the parts that markdown.Split makes of it. The text is at most about
// three times as long as the document.
func Render(md string) string {
	var out []string
	for _, part := range parts(md) {
		out = append(out, render(part, false))
	}
	return strings.Join(out, "\n")
}

// Summary returns the words of a Markdown document on one line of at most limit characters (code points), without
// link targets and list markers, and with … for what is missing.
func Summary(md string, limit int) string {
	var words []string
	for _, part := range parts(md) {
		words = append(words, strings.Fields(render(part, true))...)
		if len(words) > limit {
			break
		}
	}
	return shorten(strings.Join(words, " "), limit)
}

// maxParsed bounds what is parsed in one piece, in bytes. For a text of nothing but > or [ the parser's time grows with
// the square of the length, to seconds for 100 KB. One message holds no more than this.
const maxParsed = 12_000

// parts returns a text in the pieces in which it is parsed.
func parts(md string) []string {
	if md = strings.ToValidUTF8(md, "\uFFFD"); len(md) <= maxParsed {
		return []string{md}
	}
	return markdown.Split(md, maxParsed)
}

var parser = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

// maxGrowth bounds how many times as long as its source a text may become. Markdown can be written that would grow with
// the square of its length, for example a wide table of short rows.
const maxGrowth = 3

// render parses and renders a text. It returns the text itself if the parser panics, since what an agent says must not
// end the program, or if nothing could be seen of the result, or too much.
func render(md string, wordsOnly bool) (out string) {
	defer func() {
		if recover() != nil {
			out = md
		}
	}()
	r := renderer{src: []byte(md), wordsOnly: wordsOnly}
	out = r.blocks(parser.Parse(text.NewReader(r.src)), "\n\n")
	if strings.TrimSpace(out) == "" || utf8.RuneCountInString(out) > maxGrowth*utf8.RuneCountInString(md) {
		return md
	}
	return out
}

// shorten cuts a line, between two words if one ends in its second half, else between two characters.
func shorten(line string, limit int) string {
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
