package slacktest

import (
	"regexp"
	"strings"
)

// markdownBlocks is what Slack stores for markdown_text or a markdown block: rich text
// (https://docs.slack.dev/reference/block-kit/blocks/markdown-block). The translation here knows what agents write
// (paragraphs, headings, fences, lists, quotes, emphasis, code, links) and leaves the rest as text.
func markdownBlocks(md string) []object {
	return []object{{"type": "rich_text", "block_id": "md", "elements": markdownElements(md)}}
}

var (
	mdFence   = regexp.MustCompile("^(```+|~~~+)")
	mdHeading = regexp.MustCompile(`^#{1,6} +(.*?) *#*$`)
	mdBullet  = regexp.MustCompile(`^( *)[-*+] +`)
	mdNumber  = regexp.MustCompile(`^( *)\d+[.)] +`)
	mdQuote   = regexp.MustCompile(`^> ?`)
)

func markdownElements(md string) []object {
	var slack []string // the same text, line by line, in Slack markup
	var out []object
	flush := func() {
		out = append(out, lineGroups(strings.Trim(strings.Join(slack, "\n"), "\n"))...)
		slack = nil
	}
	fence := ""
	var code []string
	for line := range strings.SplitSeq(md, "\n") {
		if fence != "" {
			if strings.HasPrefix(strings.TrimSpace(line), fence) {
				out = append(out, preformatted(code))
				fence, code = "", nil
			} else {
				code = append(code, line)
			}
			continue
		}
		if m := mdFence.FindString(strings.TrimSpace(line)); m != "" {
			flush()
			fence = m
			continue
		}
		slack = append(slack, slackLine(line))
	}
	if fence != "" {
		out = append(out, preformatted(code))
	}
	flush()
	return out
}

func preformatted(lines []string) object {
	return object{
		"type":     "rich_text_preformatted",
		"elements": []object{{"type": "text", "text": strings.Join(lines, "\n")}},
	}
}

// slackLine translates one line of Markdown into Slack markup.
func slackLine(line string) string {
	if m := mdHeading.FindStringSubmatch(line); m != nil {
		return "*" + inlineMarkdown(m[1]) + "*"
	}
	if m := mdBullet.FindString(line); m != "" {
		return "• " + inlineMarkdown(line[len(m):])
	}
	if m := mdNumber.FindString(line); m != "" {
		return strings.Replace(strings.TrimSpace(m), ")", ".", 1) + " " + inlineMarkdown(line[len(m):])
	}
	if m := mdQuote.FindString(line); m != "" {
		return "> " + inlineMarkdown(line[len(m):])
	}
	return inlineMarkdown(line)
}

var (
	mdCode   = regexp.MustCompile("`[^`]+`")
	mdLink   = regexp.MustCompile(`\[([^\]]+)\]\((https?://[^)\s]+)\)`)
	mdBold   = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	mdStrike = regexp.MustCompile(`~~([^~]+)~~`)
	mdItalic = regexp.MustCompile(`(^|[^*\w])\*([^*\s][^*]*)\*([^*\w]|$)`)
)

// inlineMarkdown translates emphasis and links, leaving code spans alone.
func inlineMarkdown(text string) string {
	var b strings.Builder
	from := 0
	for _, at := range mdCode.FindAllStringIndex(text, -1) {
		b.WriteString(inlineNoCode(text[from:at[0]]))
		b.WriteString(escapeMarkup(text[at[0]:at[1]]))
		from = at[1]
	}
	b.WriteString(inlineNoCode(text[from:]))
	return b.String()
}

// mdMention finds what Slack reads as a mention in the text of a markdown block too
// (https://github.com/PostHog/posthog/pull/95054), after it was escaped.
var mdMention = regexp.MustCompile(`&lt;(![a-z]+(?:\^\w+)?|@[UW][A-Z0-9]+)((?:\|[^|&]*)?)&gt;`)

func inlineNoCode(text string) string {
	text = mdMention.ReplaceAllString(escapeMarkup(text), "<$1$2>")
	text = mdLink.ReplaceAllString(text, "<$2|$1>")
	text = mdItalic.ReplaceAllString(text, "${1}_${2}_${3}")
	text = mdBold.ReplaceAllString(text, "*$1*")
	return mdStrike.ReplaceAllString(text, "~$1~")
}

var markupEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escapeMarkup(text string) string { return markupEscaper.Replace(text) }
