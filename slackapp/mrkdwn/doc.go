// Package mrkdwn writes Markdown in Slack's own markup, mrkdwn, for when Slack refuses a markdown block, and as one
// plain line, for notifications. It knows Markdown and mrkdwn; it knows nothing of messages, or of how long they may be.
//
// Slack shows Markdown itself (https://docs.slack.dev/reference/block-kit/blocks/markdown-block), and better than can be
// done here: mrkdwn has no headings, lists, tables or languages. So this is the second choice, whose aim is that
// everything the agent said is there and can be read:
//
//   - A heading is a line in bold.
//   - List items have •, ◦ or ▪, their numbers, or ☐ and ☑, and are indented by four columns a level.
//   - A table is aligned text in a fence.
//   - Links and images are links with words. Where a target is no address of the web, mail or telephone, mrkdwn would
//     make something else of it, or nothing; it stands in parentheses after the words.
//   - Slack's quotes have one level; the deeper ones have a bar. A fence in a quote or a list interrupts it, since
//     quoted or indented lines of it would show the marks as code.
//   - HTML is shown as it was written, but for <br>.
//   - A mark in a word ("un**believ**able") has ZERO WIDTH SPACE around it, without which Slack wouldn't see it.
//
// The characters &, < and > are escaped once each (https://docs.slack.dev/messaging/formatting-message-text#escaping),
// and nothing notifies anybody: what isn't a link of ours has no < left, and markdown.Neutralize has the last word.
//
// Not promised: mrkdwn can't escape its marks, so that \*this\* is bold; and a backtick in a code span is shown as ˋ.
package mrkdwn
