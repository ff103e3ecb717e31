// Package content renders what Slack messages hold as Markdown for the agent: rich_text blocks, the blocks of apps,
// attachments, and mrkdwn. It knows no thread, no call and no prompt; the names of people, channels and groups come from
// [Names].
//
// [FromRichText] renders what a person typed with Slack's client. [FromMrkdwn] renders text in Slack's own markup, for
// messages without rich text or with a kind of it that is unknown here. [FromBlocks] and [Attachment] render what apps
// post. Whatever ends up beside words that the agent trusts, such as names, passes [CleanName].
package content

// Names returns the names of the ids in a message, without @ and #. Each is one line that [CleanName] made.
type Names interface {
	User(id string) string
	Channel(id string) string
	Group(id string) string
}
