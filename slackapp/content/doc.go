// Package content renders what Slack messages hold as Markdown for the agent: rich_text blocks, the blocks of apps,
// attachments, tables and mrkdwn. It knows no thread, no call and no prompt; the names of people, channels and groups come
// from [Names].
//
// [Message] renders all that a person sees in a message: its blocks, or its text if it has none, and its attachments.
// What is unknown here is named, so that nothing is dropped without a word. Whatever ends up beside words that the agent
// trusts, such as names, passes [CleanName].
//
// # What is kept
//
// Code, byte by byte, with its blank lines; links with their labels and addresses; styles, lists, quotes and tables, so
// that a parser of CommonMark and GitHub's tables reads the structure that Slack shows. Where CommonMark has no place for
// a mark, it stands beside the next letter: "**note:**text" is no bold text, "**note**:text" is. Within a word only one
// style is marked. What Slack made a link because it looks like an address is what was typed: main.rs.
//
// # What was typed
//
// Lines that look like Markdown go as they were typed: "# x", "- x", "> x", tables, fences and [x](https://…) aren't
// escaped. People who type Markdown mean it. A character gets a backslash where a parser wouldn't show it, as in a*b*c,
// __init__, List<String>, &nbsp; and x[i](y), and where it would change something else: a fence or HTML that is opened and
// never closed would swallow what follows, a single backtick would take code spans apart, and marks, backslashes, tables,
// definitions and indentation would take in code, links and styles beside them. Nothing is escaped in typed code.
//
// testdata/corpus holds messages with the meaning that they must keep; testdata/faults switches off one rule each.
package content

// Names returns the names of the ids in a message, without @ and #. Each is one line that [CleanName] made.
type Names interface {
	User(id string) string
	Channel(id string) string
	Group(id string) string
}
