package slackapp

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/plaintext"
)

// PostLimit is the maximum of Markdown in one post, in characters. Slack accepts 12,000 in the markdown blocks of a payload
// (https://docs.slack.dev/reference/block-kit/blocks/markdown-block), and splitting adds some characters.
const PostLimit = 11_500

// Limits of a post: https://docs.slack.dev/reference/block-kit/blocks/section-block,
// https://docs.slack.dev/reference/methods/chat.update, and for labels
// https://docs.slack.dev/reference/block-kit/block-elements/button-element.
const (
	maxSection = 3000
	maxText    = 4000
	maxLabel   = 75
)

// maxSummary limits the text of a notification, in characters.
const maxSummary = 150

// markdownBlock returns a post's Markdown as a markdown block
// (https://docs.slack.dev/reference/block-kit/blocks/markdown-block).
func markdownBlock(p bridge.Post) []slack.MsgOption {
	return []slack.MsgOption{
		slack.MsgOptionText(plaintext.Summary(p.Text, maxSummary), true),
		slack.MsgOptionBlocks(slack.NewMarkdownBlock("", p.Text)),
	}
}

// plainTextSections returns a post's Markdown as plain text in sections, which Slack accepts everywhere. In mrkdwn, text
// that looks like a mention would notify.
func plainTextSections(p bridge.Post) []slack.MsgOption {
	var blocks []slack.Block
	for _, part := range splitLines(plaintext.Render(p.Text), maxSection, oneEach) {
		if strings.TrimSpace(part) != "" { // Slack refuses an empty one
			object := slack.NewTextBlockObject(slack.PlainTextType, part, false, false)
			blocks = append(blocks, slack.NewSectionBlock(object, nil, nil, slack.SectionBlockOptionExpand(true)))
		}
	}
	return []slack.MsgOption{
		slack.MsgOptionText(plaintext.Summary(p.Text, maxSummary), true), slack.MsgOptionBlocks(blocks...),
	}
}

// mrkdwnSection returns a section of mrkdwn. It is verbatim, or Slack would make mentions and links of what only looks like
// one.
func mrkdwnSection(text string) slack.Block {
	object := slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
	return slack.NewSectionBlock(object, nil, nil, slack.SectionBlockOptionExpand(true))
}

// mrkdwnSections returns a post's text as sections of mrkdwn, with its buttons below them.
func mrkdwnSections(p bridge.Post) []slack.MsgOption {
	var blocks []slack.Block
	for _, part := range splitLines(p.Text, maxSection, oneEach) {
		if strings.TrimSpace(part) != "" { // Slack refuses an empty one
			blocks = append(blocks, mrkdwnSection(part))
		}
	}
	if len(p.Buttons) > maxButtons {
		blocks = append(blocks, selectMenu(p))
	} else if len(p.Buttons) > 0 {
		blocks = append(blocks, buttons(p))
	}
	return []slack.MsgOption{slack.MsgOptionText(truncate(p.Text, maxText), false), slack.MsgOptionBlocks(blocks...)}
}

// maxButtons is how many buttons are shown as such. More of them become a menu. A note offers no more than a
// menu takes (notes.MaxOptions).
const maxButtons = 5

func buttons(p bridge.Post) slack.Block {
	elements := make([]slack.BlockElement, 0, len(p.Buttons))
	for _, b := range p.Buttons {
		button := slack.NewButtonBlockElement(b.Action, p.Key, buttonText(b.Label))
		button.URL = b.URL
		if b.Primary {
			button.Style = slack.StylePrimary
		}
		elements = append(elements, button)
	}
	return slack.NewActionBlock("", elements...)
}

// plainText returns a post's text without blocks. It is no markup: what looks like it is escaped, or not interpreted.
func plainText(p bridge.Post) []slack.MsgOption {
	return []slack.MsgOption{slack.MsgOptionText(p.Text, true), slack.MsgOptionDisableMarkdown()}
}

// mrkdwnText returns a post's mrkdwn without blocks, and so without buttons. The answers that a question offers stand below
// it. What doesn't fit says so.
func mrkdwnText(p bridge.Post) []slack.MsgOption {
	text := p.Text
	if p.Ask {
		for _, b := range p.Buttons {
			text += "\n• " + escapeMrkdwn(b.Label)
		}
	}
	if parts := splitLines(text, maxText-len(cutShort), oneEach); len(parts) > 1 {
		text = parts[0] + cutShort
	}
	return []slack.MsgOption{slack.MsgOptionText(text, false)}
}

// cutShort ends what is too long for Slack in every form.
const cutShort = "\n… (all of it is in the Agen app)"

// maxPlainParts limits the posts that one post becomes as plain text.
const maxPlainParts = 16

// PlainParts returns the Markdown of a post as plain text, in parts that Slack shows as text without blocks. A text that
// would need more than 16 of them ends with the remark that it is cut.
func PlainParts(md string) []string {
	parts := slices.DeleteFunc(splitLines(plaintext.Render(md), maxText-len(cutShort), escapedWidth), func(part string) bool {
		return strings.TrimSpace(part) == ""
	})
	if len(parts) > maxPlainParts {
		parts = parts[:maxPlainParts]
		parts[maxPlainParts-1] += cutShort
	}
	return parts
}

// escapedWidth is the length of a character as it is sent (https://docs.slack.dev/messaging/formatting-message-text#escaping).
func escapedWidth(r rune) int {
	switch r {
	case '&':
		return len("&amp;")
	case '<', '>':
		return len("&lt;")
	default:
		return 1
	}
}

func oneEach(rune) int { return 1 }

func escapeMrkdwn(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// selectMenu returns a post's buttons as a menu. Its block has the post's key, its options have the actions.
func selectMenu(p bridge.Post) slack.Block {
	options := make([]*slack.OptionBlockObject, 0, len(p.Buttons))
	for _, b := range p.Buttons {
		options = append(options, slack.NewOptionBlockObject(b.Action, buttonText(b.Label), nil))
	}
	return slack.NewActionBlock(p.Key,
		slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, buttonText("Choose an answer"), "choose", options...))
}

func buttonText(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, truncate(text, maxLabel), true, false)
}

// truncate shortens text to limit characters. It is only for text that is shown in full elsewhere.
func truncate(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	runes := []rune(text)
	return string(runes[:limit-1]) + "…"
}

// splitLines splits text into parts of at most limit, between lines if possible. width is how much a character counts. Only
// the line ends between the parts are dropped.
func splitLines(text string, limit int, width func(rune) int) []string {
	var parts []string
	for {
		end := fitting(text, limit, width)
		if end == len(text) {
			break
		}
		if i := strings.LastIndexByte(text[:end], '\n'); i > 0 {
			parts = append(parts, text[:i])
			text = text[i+1:]
			continue
		}
		parts = append(parts, text[:end])
		text = text[end:]
	}
	if text != "" {
		parts = append(parts, text)
	}
	return parts
}

// fitting returns the offset up to which text is no longer than limit.
func fitting(text string, limit int, width func(rune) int) int {
	for i, r := range text {
		if limit -= width(r); limit < 0 {
			return i
		}
	}
	return len(text)
}
